package surfaceinsights

import (
	"context"
	"fmt"
	"math"

	"loyaltymcp/stats/abtest"
	"loyaltymcp/tools/diagnosehealth"
	"loyaltymcp/tools/diagnosehealth/churnmodel"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

// facts is what segment_facts.sql tells of one segment.
type facts struct {
	tally              churnmodel.Tally
	members, buyers    float64 // with a history; expected to buy within the measurement window
	answers, satisfied int64
	channels           map[string][2]float64 // delivered, clicks
}

// price tells what is at stake in each segment, what an action would have to bring
// to pay, and how many members a holdout takes to show it.
func (v *surveyor) price(ctx context.Context, told []Definition) error {
	expected, err := diagnosehealth.ExpectPurchases(ctx, v.desk, v.run, v.snapshot)
	if err != nil {
		return err
	}
	facts, err := v.facts(ctx, told, expected)
	if err != nil {
		return err
	}
	reward, err := v.cheapest(ctx)
	if err != nil {
		return err
	}
	margin, err := v.margin(ctx)
	if err != nil {
		return err
	}
	if all := facts[0]; all != nil {
		v.result.Everyone = v.stake(all, expected)
	}
	consent := v.snapshot.Has("members", "consent_marketing")
	for i := range v.result.Segments {
		s := &v.result.Segments[i]
		if s.Suppressed || s.Members == nil {
			continue
		}
		f := facts[i+1]
		if f == nil {
			f = newFacts()
		}
		v.satisfaction(s, f)
		v.channel(s, f)
		s.Stake = v.stake(f, expected)
		if s.Play != Suppress && s.Stake.Value != nil && *s.Members > 0 {
			reach := *s.Members
			if consent {
				if s.Contactable == nil {
					continue
				}
				reach = *s.Contactable
			}
			assumed, err := v.uplift(ctx, s.Play)
			if err != nil {
				return err
			}
			s.Case = v.businessCase(s, f, assumed, reach, reward, margin)
		}
	}
	return nil
}

func newFacts() *facts { return &facts{channels: map[string][2]float64{}} }

// facts reads what is known of the members of each segment; 0 is everyone.
func (v *surveyor) facts(ctx context.Context, told []Definition, expected *diagnosehealth.Purchases) (map[int]*facts, error) {
	data := v.profile(told)
	data.Places = []int{0}
	for i := range told {
		data.Places = append(data.Places, i+1)
	}
	if data.Fitted = expected.Reason == ""; data.Fitted {
		data.Step, data.FromEnrolment, data.Since = expected.Observed()
		data.Until = data.End
	}
	var valuer *churnmodel.Valuer
	if data.Fitted {
		valuer = expected.Valuer()
	}
	days := float64(v.desk.Config.Insights.WindowDays)
	out := map[int]*facts{}
	err := v.snapshot.Query(ctx, queries, "segment_facts", data, func(row warehouse.Row) error {
		var segment, a, b, c, n int64
		var kind, label string
		var sum, further warehouse.Exact
		if err := row.Scan(&segment, &kind, &label, &a, &b, &c, &n, &sum, &further); err != nil {
			return err
		}
		f := out[int(segment)]
		if f == nil {
			f = newFacts()
			out[int(segment)] = f
		}
		switch kind {
		case "h":
			r := churnmodel.Row{X: int(a), TX: int(b), T: int(c), Open: true, Members: float64(n), Spend: sum.Float()}
			var own churnmodel.Tally
			valuer.Add(&own, r)
			valuer.Add(&f.tally, r)
			f.members += r.Members
			// Whoever is alive buys at the rate expected of them, by a Poisson process.
			if alive := own.Alive().Value; alive > 0 {
				each := own.Purchases().Value / r.Members / alive * days / float64(expected.Horizon)
				f.buyers += r.Members * alive * -math.Expm1(-each)
			}
		case "c":
			f.answers += n
			f.satisfied += a * n
		case "e":
			at := f.channels[label]
			f.channels[label] = [2]float64{at[0] + sum.Float(), at[1] + further.Float()}
		}
		return nil
	})
	return out, err
}

// cheapest returns what the cheapest reward on offer costs the program, in money;
// NaN where that is unknown.
func (v *surveyor) cheapest(ctx context.Context) (float64, error) {
	cost := v.desk.Config.Program.CostPerPoint
	if cost == nil || !v.snapshot.Has("rewards") {
		return math.NaN(), nil
	}
	var points warehouse.Exact
	err := v.snapshot.One(ctx, queries, "shelf", v.data, &points)
	if points <= 0 {
		return math.NaN(), err
	}
	return points.Float() * *cost, err
}

// margin returns what a unit of members' net sales leaves over; NaN where that is
// unknown.
func (v *surveyor) margin(ctx context.Context) (float64, error) {
	if !v.snapshot.Has("orders", "member_id", "margin") {
		return math.NaN(), nil
	}
	var net, margin warehouse.Exact
	err := v.snapshot.One(ctx, queries, "margins", v.data, &net, &margin)
	if net <= 0 {
		return math.NaN(), err
	}
	return margin.Float() / net.Float(), err
}

// stake is the net sales expected of the members in the horizon.
func (v *surveyor) stake(f *facts, expected *diagnosehealth.Purchases) *Stake {
	s := &Stake{Days: expected.Horizon, Basis: "net sales expected of these members, each by the chance that they are still customers"}
	switch {
	case expected.Reason != "":
		s.Reason = "no model of purchases: " + expected.Reason
	case !expected.Worth():
		s.Reason = "no member spent anything, so purchases have no worth"
	default:
		e := f.tally.Revenue()
		rate := v.desk.Config.Insights.DiscountRate
		worth := discount(rate, float64(expected.Horizon)/365)
		if rate > 0 {
			s.Basis += fmt.Sprintf("; discounted at %.3g %% a year", 100*rate)
		}
		s.Value = run.Round(math.Round(e.Value * worth))
		if e.Value > 0 {
			low, high := math.Round(e.Low*worth), math.Round(e.High*worth)
			s.Interval = &[2]float64{low, high}
		}
		if f.tally.Members > 0 {
			s.Alive = run.Round(f.tally.Alive().Value)
		}
	}
	return s
}

// discount is what a unit is worth today that comes evenly over so many years:
//
//	(1 - (1+r)^-t) / (t ln(1+r)).
func discount(rate, years float64) float64 {
	if rate <= 0 {
		return 1
	}
	return -math.Expm1(-years*math.Log1p(rate)) / (years * math.Log1p(rate))
}

// businessCase prices the action: what it would bring if it lifted purchases as
// assumed, what it costs, and from which lift on it pays.
func (v *surveyor) businessCase(s *Segment, f *facts, a assumed, reach, reward, margin float64) *Case {
	c := v.desk.Config.Insights
	uplift := a.lift
	horizon := float64(s.Stake.Days)
	window := *s.Stake.Value * float64(c.WindowDays) / horizon * reach / *s.Members
	out := &Case{Reach: run.Round(reach), WindowDays: c.WindowDays, Uplift: run.Round(uplift), Source: a.source,
		Incremental: run.Round(math.Round(window * uplift)),
		Assumption:  fmt.Sprintf("purchases of the %.0f who can be reached change by %+.3g %% for %d days", reach, 100*uplift, c.WindowDays)}
	if a.interval != nil {
		low, high := math.Round(window*a.interval[0]), math.Round(window*a.interval[1])
		out.Interval = &[2]float64{low, high}
	}
	earns, of := window, "net sales, as the orders feed has no margin: what is left over pays later"
	if !math.IsNaN(margin) {
		out.Margin, earns, of = run.Round(math.Round(window*uplift*margin)), window*margin, fmt.Sprintf("margin, %.3g %% of net sales in the last 12 months", 100*margin)
	}
	each := reward
	if amount, ok := c.CostPerMember[s.Play]; ok {
		each = amount
	}
	if !math.IsNaN(each) {
		out.Cost = run.Round(math.Round(each * reach))
		if earns > 0 {
			out.BreakEven, out.BreakEvenOf = run.Round(each*reach/earns), of
		}
	} else {
		out.CostReason = "neither insights.cost_per_member nor program.cost_per_point with a rewards feed tells what it costs"
	}
	if uplift > 0 {
		out.Holdout = v.holdout(f, reach, uplift)
	} else {
		out.Holdout = &Holdout{Reason: "the experiment showed no lift to prove"}
	}
	return out
}

const (
	alpha, power = 0.05, 0.80
	// leastHoldout is the smallest share held out.
	leastHoldout = 0.10
)

// holdout sizes a random holdout that would show the lift of the share of members
// who buy in the measurement window, at 5 % and a power of 80 %.
func (v *surveyor) holdout(f *facts, reach, uplift float64) *Holdout {
	out := &Holdout{}
	if f.members == 0 || f.buyers <= 0 {
		out.Reason = "how many of them buy without an action is unknown"
		return out
	}
	base := f.buyers / f.members
	out.Baseline = run.Round(base)
	lifted := base * (1 + uplift)
	if !(lifted < 1) {
		out.Reason = "nearly all of them buy anyway"
		return out
	}
	n, err := abtest.RequiredNShares(base, lifted, alpha, power)
	if err != nil {
		out.Reason = "the sizes can't be computed for this share of buyers"
		return out
	}
	n = math.Ceil(n)
	if 2*n <= reach {
		out.Members = run.Round(math.Max(n, math.Ceil(leastHoldout*reach)))
		return out
	}
	out.Members = run.Round(math.Floor(reach / 2))
	if d, err := abtest.MDEShares(base, math.Floor(reach/2), alpha, power); err == nil && base > 0 {
		out.Shows = run.Round(d/base - 1)
	}
	out.Reason = fmt.Sprintf("it would take %.0f in each half to show a lift of %.3g %%, more than there are: half of them shows the lift given", n, 100*uplift)
	return out
}

// points of the pricing of a segment.
func (s *Segment) priced() []run.Point {
	var out []run.Point
	add := func(name string, value *float64, unit metric.Unit) {
		if value != nil {
			out = append(out, run.Point{ID: "insights/" + s.ID + "/" + name, Value: *value, Unit: unit})
		}
	}
	add("satisfaction", s.Satisfaction, metric.Share)
	add("click_rate", s.ClickRate, metric.Share)
	if s.Stake != nil {
		add("stake", s.Stake.Value, metric.Money)
		add("alive", s.Stake.Alive, metric.Share)
	}
	if c := s.Case; c != nil {
		add("reach", c.Reach, metric.Count)
		add("uplift", c.Uplift, metric.Share)
		add("incremental", c.Incremental, metric.Money)
		add("incremental_margin", c.Margin, metric.Money)
		add("cost", c.Cost, metric.Money)
		add("break_even_uplift", c.BreakEven, metric.Share)
		add("holdout", c.Holdout.Members, metric.Count)
		add("baseline", c.Holdout.Baseline, metric.Share)
		add("holdout_shows", c.Holdout.Shows, metric.Share)
	}
	return out
}
