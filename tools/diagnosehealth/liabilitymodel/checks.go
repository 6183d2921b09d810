package liabilitymodel

import (
	"errors"
	"fmt"
	"math"

	"loyaltymcp/stats/reserve"
)

// The names of the methods that check an estimate.
const (
	ChainLadder         = "chain ladder"
	BornhuetterFerguson = "Bornhuetter-Ferguson"
	ClarkCurve          = "Clark"
)

// Check is what another method says of the same open points.
type Check struct {
	Method       string
	Redeemed, SE float64
	Reason       string // why it has no answer; Redeemed and SE are then 0
	Refused      string // why its answer must not be used
}

// OneYear is by how far the estimate of the ultimate redemptions may move by
// a later closing, as a standard error in points.
type OneYear struct {
	SE     float64
	Method string
	Reason string // why it isn't known
}

// leastAges is the fewest ages that the methods on triangles take.
const leastAges = 4

// triangle returns what the cohorts have redeemed by the last complete month,
// and what each was issued.
func (b *Book) triangle() (*reserve.Triangle, []float64, error) {
	if len(b.Lots) == 0 {
		return nil, nil, errors.New("no points were issued")
	}
	first, ages := b.Lots[0].Issued, 0
	n := b.Closing - first
	for i := range b.Lots {
		l := &b.Lots[i]
		for age, v := range l.Redeemed {
			if v > 0 && l.Issued+age < b.Closing {
				ages = max(ages, age+1)
			}
		}
	}
	if n < leastAges || ages < leastAges {
		return nil, nil, fmt.Errorf("%d months of issue and %d ages at which points were redeemed; it takes %d of each", max(n, 0), ages, leastAges)
	}
	rows, issued := make([][]float64, n), make([]float64, n)
	for i := range rows {
		rows[i] = make([]float64, min(ages, n-i))
	}
	for i := range b.Lots {
		l := &b.Lots[i]
		k := l.Issued - first
		if k >= n {
			continue // of the month that isn't over
		}
		issued[k] += l.Points
		for age, v := range l.Redeemed {
			if age < len(rows[k]) {
				rows[k][age] += v
			}
		}
	}
	t, err := reserve.FromIncrements(rows)
	return t, issued, err
}

// Checks values the open points by the methods of the actuaries, and says which
// of them must not be used here. They value at the last complete month.
func (e *Estimate) Checks(b *Book) ([]Check, OneYear) {
	t, issued, err := b.triangle()
	if err != nil {
		year := OneYear{Reason: err.Error()}
		return []Check{{Method: ChainLadder, Reason: err.Error()}, {Method: BornhuetterFerguson, Reason: err.Error()}}, year
	}
	ladder := Check{Method: ChainLadder, Refused: refused(t)}
	if fit, err := reserve.Mack(t, reserve.MackOptions{}); err != nil {
		ladder.Reason = err.Error()
	} else {
		ladder.Redeemed, ladder.SE = fit.Total.Reserve, fit.Total.SE
	}
	out := []Check{ladder, e.bornhuetter(t, issued, b)}
	if e.lasting() {
		clark := Check{Method: ClarkCurve}
		if fit, err := reserve.Clark(t, reserve.ClarkOptions{Growth: reserve.Weibull, Exposure: issued, Limit: float64(t.Ages() + Horizon)}); err != nil {
			clark.Reason = err.Error()
		} else {
			clark.Redeemed, clark.SE = fit.Total.Reserve, fit.Total.SE
		}
		out = append(out, clark)
	}
	return out, e.oneYear(t)
}

// lasting reports whether some open points never expire.
func (e *Estimate) lasting() bool {
	for i := range e.Lots {
		if e.Lots[i].Open > 0 && e.Lots[i].Expires == Never {
			return true
		}
	}
	return false
}

// refused returns why the chain ladder must not be used on the triangle, "" where
// its tests have nothing against it.
func refused(t *reserve.Triangle) string {
	if test, err := reserve.CalendarTest(t); err == nil && test.Rejects() {
		return "months of the calendar differ (Mack's test of calendar effects), and it projects the latest ones onto all to come"
	}
	if test, err := reserve.CorrelationTest(t); err == nil && test.Rejects() {
		return "what cohorts redeem at one age hangs on what they redeemed at the one before (Mack's test of correlation)"
	}
	return ""
}

// correlation is that of the priors of two cohorts: they come from one fit.
const correlation = 0.9

// bornhuetter takes the rate of the hazard as what each cohort is expected to
// redeem in all.
func (e *Estimate) bornhuetter(t *reserve.Triangle, issued []float64, b *Book) Check {
	out := Check{Method: BornhuetterFerguson}
	first := b.Lots[0].Issued
	var exposure, rate, se []float64
	for k := range issued {
		points, redeemed, square := 0.0, 0.0, 0.0
		for i := range b.Lots {
			l := &b.Lots[i]
			if l.Issued-first != k || l.Points <= 0 {
				continue
			}
			left, horizon := l.left(l.Issued), 0
			if left == 0 {
				horizon = Horizon
			}
			p, err := e.hazard.Project([]reserve.OpenLot{{Left: left, Points: l.Points}}, l.Issued, horizon, reserve.Scenario{})
			if err != nil {
				out.Reason = err.Error()
				return out
			}
			points, redeemed, square = points+l.Points, redeemed+p.Redeemed, square+p.SE*p.SE
		}
		if points <= 0 || redeemed <= 0 {
			out.Reason = "a month in which no points were issued has no prior"
			return out
		}
		exposure, rate, se = append(exposure, points), append(rate, redeemed/points), append(se, math.Sqrt(square)/points)
	}
	fit, err := reserve.Bornhuetter(t, reserve.BornhuetterOptions{Exposure: exposure, Rate: rate, RateSE: se, Correlation: correlation})
	if err != nil {
		out.Reason = err.Error()
		return out
	}
	out.Redeemed, out.SE = fit.Total.Reserve, fit.Total.SE
	return out
}

// oneYear is how far the estimate can move within a year. Where all points have
// expired by then, a year is all there is.
func (e *Estimate) oneYear(t *reserve.Triangle) OneYear {
	if !e.lasting() && len(e.Breaks) <= 13 {
		return OneYear{SE: e.SE, Method: "all open points are redeemed or expired within 13 months, so that it is the error of the estimate"}
	}
	years, err := yearly(t)
	if err != nil {
		return OneYear{Reason: err.Error()}
	}
	fit, err := reserve.MerzWuthrich(years, reserve.MinRule)
	if err != nil {
		return OneYear{Reason: err.Error()}
	}
	return OneYear{SE: fit.Total, Method: "Merz-Wuthrich on years of issue"}
}

// yearly sums a triangle of months to one of years, the latest month ending the
// last.
func yearly(t *reserve.Triangle) (*reserve.Triangle, error) {
	n := len(t.Latest())
	years := n / 12
	if years < leastAges {
		return nil, fmt.Errorf("%d full years of issue, and Merz-Wuthrich takes %d", years, leastAges)
	}
	rows := make([][]float64, years)
	for y := range rows {
		rows[y] = make([]float64, years-y)
		for m := range 12 {
			i := n - 12*years + 12*y + m
			for a := range rows[y] {
				// A cohort of the year's month m is 11-m months old at its end.
				rows[y][a] += t.At(i, min(12*a+11-m, t.Age(i)))
			}
		}
	}
	return reserve.NewTriangle(rows)
}
