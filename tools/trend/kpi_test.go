package trend_test

import (
	"context"
	"testing"

	"loyaltymcp/tools/trend"
	"loyaltymcp/warehouse/demo"
)

// kpi is how a KPI is made of the tally's measures.
type kpi struct {
	id     string
	kind   trend.Kind
	num    string
	den, n string
}

var kpis = []kpi{
	{"enrolments", trend.Flow, "enrolled", "", "enrolled"},
	{"cancellations", trend.Flow, "cancelled", "", "cancelled"},
	{"members_open", trend.Stock, "open", "", "open"},
	{"churn", trend.Ratio, "cancelled", "open", "open"},
	{"active_member_days", trend.Flow, "active", "", "active"},
	{"active_rate", trend.Ratio, "active", "open", "open"},
	{"logins", trend.Flow, "login", "", "login"},
	{"orders", trend.Flow, "orders", "", "orders"},
	{"buyers", trend.Flow, "buyers", "", "buyers"},
	{"revenue", trend.Flow, "revenue", "", "orders"},
	{"average_order_value", trend.Ratio, "revenue", "orders", "orders"},
	{"items_per_order", trend.Ratio, "items", "orders", "orders"},
	{"discount_rate", trend.Ratio, "discount", "gross", "orders"},
	{"sales_penetration", trend.Ratio, "revenue", "all_revenue", "orders"},
	{"points_issued", trend.Flow, "issued", "", "credits"},
	{"bonus_share", trend.Ratio, "bonus", "issued", "credits"},
	{"points_redeemed", trend.Flow, "redeemed", "", "redemptions"},
	{"redemption_rate", trend.Ratio, "redeemed", "issued", "redemptions"},
	{"redeemers", trend.Flow, "redeemers", "", "redeemers"},
	{"points_expired", trend.Flow, "expired", "", "expiries"},
	{"points_outstanding", trend.Stock, "outstanding", "", ""},
	{"delivered", trend.Flow, "delivered", "", "delivered"},
	{"click_rate", trend.Ratio, "click", "delivered", "delivered"},
	{"unsubscribe_rate", trend.Ratio, "unsubscribe", "delivered", "delivered"},
	{"referrals", trend.Flow, "referral", "", "referral"},
	{"csat", trend.Ratio, "csat_sum", "csat_n", "csat_n"},
	{"nps", trend.Ratio, "nps_sum", "nps_n", "nps_n"},
}

// program is one generated program by day.
type program struct {
	sums map[string]*[programDays]float64
}

func generate(t testing.TB, members int, seed uint64, plant *demo.Plant) program {
	t.Helper()
	s := newTally()
	if _, err := demo.Generate(context.Background(), demo.Options{Members: members, Seed: seed, Plant: plant}, s); err != nil {
		t.Fatal(err)
	}
	open, outstanding := &[programDays]float64{}, &[programDays]float64{}
	members64, points := 0.0, 0.0
	for d := range programDays {
		members64 += s.day("enrolled", d) - s.day("cancelled", d)
		points += s.day("change", d)
		open[d], outstanding[d] = members64, points
	}
	s.sums["open"], s.sums["outstanding"] = open, outstanding
	return program{s.sums}
}

func (s *tally) day(measure string, d int) float64 { return program{s.sums}.day(measure, d) }

func (p program) day(measure string, d int) float64 {
	if s := p.sums[measure]; s != nil {
		return s[d]
	}
	return 0
}

// buckets returns a KPI's series from the launch to the end, a day number, in
// steps of so many days counted back from the end.
func (p program) buckets(k kpi, end, step int) []trend.Bucket {
	out := make([]trend.Bucket, 0, end/step)
	for from := end % step; from < end; from += step {
		b := trend.Bucket{Start: programStart.AddDate(0, 0, from), Known: true}
		for d := from; d < from+step; d++ {
			if k.kind == trend.Stock {
				b.Numerator, b.N = p.day(k.num, d), p.day(k.n, d)
				continue
			}
			b.Numerator += p.day(k.num, d)
			b.Denominator += p.day(k.den, d)
			b.N += p.day(k.n, d)
		}
		out = append(out, b)
	}
	return out
}
