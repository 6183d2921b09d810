package diagnosehealth

import (
	"fmt"
	"math"
	"strings"

	"loyaltymcp/tools/diagnosehealth/liabilitymodel"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
)

// Month is what is expected of the outstanding points in one month.
type Month struct {
	Month    string   `json:"month"`
	Expiring *float64 `json:"expiring_points"` // outstanding now, with an expiry in the month
	Redeemed *float64 `json:"redeemed_points"` // expected to be redeemed in the month, of whatever expiry
	Breaking *float64 `json:"breaking_points"` // expected to expire unused
	Revenue  *float64 `json:"revenue"`         // deferred revenue recognised; null where it is unknown
}

// Age is the outstanding points by how long ago they were issued.
type Age struct {
	Age    string   `json:"age"`
	Points *float64 `json:"points"`
	Share  *float64 `json:"share"`
}

// schedule returns the calendar of the outstanding points by month, from the month
// of the valuation on. revenue is what is recognised in each month, nil where
// that is unknown.
func schedule(e *liabilitymodel.Estimate, closing int, revenue []float64) []Month {
	expiring := map[int]float64{}
	last := len(e.ByMonth)
	for _, l := range e.Lots {
		if l.Open > 0 && l.Expires != liabilitymodel.Never {
			month := max(0, l.Expires-closing) // what is due by now goes first
			expiring[month] += l.Open
			last = max(last, month+1)
		}
	}
	at := func(x []float64, i int) *float64 {
		if i >= len(x) {
			return run.Round(0)
		}
		return run.Round(math.Round(x[i]))
	}
	out := []Month{}
	for i := range min(last, longest) {
		m := Month{Month: monthName(closing + i), Expiring: run.Round(expiring[i]), Redeemed: at(e.ByMonth, i), Breaking: at(e.Breaks, i)}
		if revenue != nil {
			m.Revenue = run.Round(0)
			if i < len(revenue) {
				m.Revenue = run.Round(cents(revenue[i]))
			}
		}
		out = append(out, m)
	}
	return out
}

// longest is how many months the calendar has at most.
const longest = 24

// ages returns the age profile of the outstanding points.
func ages(e *liabilitymodel.Estimate, closing int) []Age {
	bands := []struct {
		name string
		to   int
	}{{"up to 3 months", 3}, {"3 to 6 months", 6}, {"6 to 12 months", 12}, {"12 to 24 months", 24}, {"over 24 months", 1 << 30}}
	points, total := make([]float64, len(bands)), 0.0
	for _, l := range e.Lots {
		for i, b := range bands {
			if closing-l.Issued <= b.to {
				points[i] += l.Open
				break
			}
		}
		total += l.Open
	}
	out := []Age{}
	for i, b := range bands {
		if points[i] > 0 {
			out = append(out, Age{b.name, run.Round(points[i]), run.Round(points[i] / total)})
		}
	}
	return out
}

func (m Month) points() []run.Point {
	var out []run.Point
	for _, v := range []struct {
		name  string
		value *float64
		unit  metric.Unit
	}{{"expiring", m.Expiring, metric.Points}, {"redeemed", m.Redeemed, metric.Points}, {"breaking", m.Breaking, metric.Points}, {"revenue", m.Revenue, metric.Money}} {
		if v.value != nil {
			out = append(out, run.Point{ID: fmt.Sprintf("health/liability/schedule/%s{month=%s}", v.name, m.Month), Value: *v.value, Unit: v.unit})
		}
	}
	return out
}

func scheduleTable(b *strings.Builder, months []Month, currency string) {
	if len(months) == 0 {
		return
	}
	b.WriteString("\n| month | points that expire | expected: redeemed | expected: expire unused | deferred revenue recognised |\n|---|---|---|---|---|\n")
	for _, m := range months {
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", m.Month, run.Show(m.Expiring, metric.Points, ""), run.Show(m.Redeemed, metric.Points, ""),
			run.Show(m.Breaking, metric.Points, ""), run.Show(m.Revenue, metric.Money, currency))
	}
}
