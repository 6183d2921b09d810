package trend_test

import (
	"fmt"
	"slices"
	"testing"

	"loyaltymcp/tools/trend"
	"loyaltymcp/warehouse/demo"
)

// planted is a fault and what it must move, up or down.
type planted struct {
	name  string
	fault demo.Fault
	days  int // how long it lasts
	moves map[string]float64
	gated bool // found in every program of the short form, within the first week
}

var plantedFaults = []planted{
	{"a quarter of purchases lost", demo.Fault{Kind: "kpi_drop", Size: 0.25}, 60, map[string]float64{"orders": -1, "revenue": -1, "sales_penetration": -1}, false},
	{"60 % of purchases lost", demo.Fault{Kind: "kpi_drop", Size: 0.6}, 60, map[string]float64{"orders": -1, "revenue": -1, "sales_penetration": -1}, true},
	{"half of the West's purchases lost", demo.Fault{Kind: "kpi_drop", Size: 0.5, Place: demo.Place{Region: "West"}}, 60, map[string]float64{"orders": -1, "revenue": -1, "sales_penetration": -1}, false},
	{"no redemption for 10 days", demo.Fault{Kind: "redemption_outage", Size: 1}, 10, map[string]float64{"points_redeemed": -1, "redeemers": -1, "redemption_rate": -1}, true},
	{"none on the web for 10 days", demo.Fault{Kind: "redemption_outage", Size: 1, Place: demo.Place{Channel: "web"}}, 10, map[string]float64{"points_redeemed": -1, "redeemers": -1, "redemption_rate": -1}, false},
	{"5 % of members leave in 14 days", demo.Fault{Kind: "churn_wave", Size: 0.05}, 14, map[string]float64{"cancellations": 1, "churn": 1, "members_open": -1}, true},
	{"15 % of Gold leave in 14 days", demo.Fault{Kind: "churn_wave", Size: 0.15, Place: demo.Place{Tier: "Gold"}}, 14, map[string]float64{"cancellations": 1, "churn": 1}, false},
	{"400 points to each in the South", demo.Fault{Kind: "liability_spike", Size: 400, Place: demo.Place{Region: "South"}}, 3, map[string]float64{"points_issued": 1, "points_outstanding": 1, "bonus_share": 1}, true},
}

// Planted faults are found where they are large against chance, and dated.
func TestPower(t *testing.T) {
	windows := []struct {
		name             string
		days, step, late int
	}{{"7d", 7, 1, 7}, {"30d", 30, 1, 14}, {"30d", 30, 1, 30}, {"90d", 90, 1, 45}, {"13 weeks", 91, 7, 63}}
	begins := []int{463, 590, 655} // October 2025, February and April 2026
	for _, f := range plantedFaults {
		if !f.gated && *programs < 3 {
			continue // too small for a small program: measured by the long form alone
		}
		found, judged, points := make([]int, len(windows)), 0, make([]int, len(windows))
		first := 0 // programs in which some KPI found it in the first week
		var off []int
		for seed := range *programs {
			begin := begins[seed%len(begins)]
			fault := f.fault
			fault.ID = "planted"
			fault.From = demo.Day{Time: programStart.AddDate(0, 0, begin)}
			fault.To = demo.Day{Time: programStart.AddDate(0, 0, begin+f.days)}
			p := generate(t, *members, uint64(100+seed), &demo.Plant{Faults: []demo.Fault{fault}})
			early := false
			for _, k := range kpis {
				way, ok := f.moves[k.id]
				if !ok {
					continue
				}
				judged++
				for i, w := range windows {
					b := p.buckets(k, begin+w.late, w.step)
					j, err := trend.Judge(k.kind, b, len(b)-w.days/w.step, trend.Options{})
					if err != nil {
						t.Fatal(err)
					}
					if slices.ContainsFunc(j.Points, func(p trend.Point) bool {
						return p.Score*way > 0 && !p.Start.Before(fault.From.Time) && p.Start.Before(fault.To.Time)
					}) {
						points[i]++
					}
					if !j.Alarm || j.Score*way < 0 {
						continue
					}
					found[i]++
					early = early || i == 0
					if !j.ChangePoint.IsZero() {
						off = append(off, int(j.ChangePoint.Sub(fault.From.Time).Hours()/24))
					}
				}
			}
			if early {
				first++
			}
		}
		text := fmt.Sprintf("%s: some KPI in its first week in %d of %d programs;", f.name, first, *programs)
		for i, w := range windows {
			text += fmt.Sprintf(" %s at day %d %d (odd days %d);", w.name, w.late, found[i], points[i])
		}
		slices.Sort(off)
		exact, week := 0, 0
		for _, d := range off {
			if d == 0 {
				exact++
			}
			if -7 <= d && d <= 7 {
				week++
			}
		}
		t.Logf("%s of %d KPIs; of %d dated %d on the day, %d within a week", text, judged, len(off), exact, week)
		if f.gated && first < *programs {
			t.Errorf("%s was found in its first week in %d of %d programs", f.name, first, *programs)
		}
		if f.gated && 10*week < 7*len(off) {
			t.Errorf("%s: %d of %d dates are within a week: %v", f.name, week, len(off), off)
		}
	}
}
