package reviewexperiments

import (
	"fmt"
	"math"
	"strings"

	"loyaltymcp/stats/abtest"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
)

// worth tells what an arm brings and costs per unit against control: what members
// bought, as margin where orders have it, less the points issued to them at the
// program's cost per point, as if all were redeemed, and the cost per unit that the
// operator names.
func (v *reviewer) worth(arm string, channels map[string]map[string]abtest.Sample) {
	l := v.taken.value
	if l == nil {
		return
	}
	w := Worth{Arm: run.Label(arm), Counts: "net sales", Point: fmt.Sprintf("experiments/%s/worth{arm=%s}/net", v.out.ID, run.Label(arm))}
	if v.taken.margin {
		w.Counts = "margin"
	}
	control, treated := l.arms[v.x.control], l.arms[arm]
	value, err := abtest.Compare(control.Y(), treated.Y())
	if err != nil {
		return
	}
	d := v.look.test(value)
	w.Value, w.ValueInterval = run.Round(d.Estimate), limits(d.Low, d.High)
	if w.ValueInterval == nil {
		return
	}
	w.Moved = "Not known: there are no days after the end yet, and orders name no channel."
	v.cost(&w, control, treated, value)
	v.moved(&w, arm, channels)
	v.out.Worth = append(v.out.Worth, w)
}

// cost fills in what the arm costs and what remains.
func (v *reviewer) cost(w *Worth, control, treated abtest.Pair, value abtest.Effect) {
	each := v.costPerPoint
	switch {
	case v.taken.value.points:
		w.Points = run.Round(treated.MeanX - control.MeanX)
	case v.x.costPerUnit == 0 || !math.IsNaN(each):
		w.Reason = "the cost is unknown: map the points ledger and set program.cost_per_point, or without points set the experiment's cost_per_unit"
		return
	default: // a program without a cost per point counts what the operator names
		each = 0
	}
	cost := (treated.MeanX-control.MeanX)*each + v.x.costPerUnit
	w.Cost = run.Round(cost)
	if w.Counts != "margin" {
		w.Reason = "orders have no margin: what is left of net sales after the cost of goods is less"
	}
	net := func(p abtest.Pair) abtest.Sample {
		return abtest.Sample{N: p.N, Mean: p.MeanY - each*p.MeanX, M2: math.Max(0, p.M2Y-2*each*p.CXY+each*each*p.M2X)}
	}
	left, err := abtest.Compare(net(control), net(treated))
	if err != nil {
		return
	}
	t := v.look.test(left)
	w.Net, w.NetInterval = run.Round(t.Estimate-v.x.costPerUnit), limits(t.Low-v.x.costPerUnit, t.High-v.x.costPerUnit)
	// The return is the net difference relative to the difference in cost, both of
	// the same units: Fieller's theorem with their covariance.
	over := func(of func(abtest.Pair) float64) float64 {
		return of(control)/float64(control.N-1)/float64(control.N) + of(treated)/float64(treated.N-1)/float64(treated.N)
	}
	costs := each * each * over(func(p abtest.Pair) float64 { return p.M2X })
	both := each*over(func(p abtest.Pair) float64 { return p.CXY }) - costs
	roi := abtest.Effect{N: left.N, Difference: *w.Net, Variance: left.Variance, DF: left.DF, Control: cost, ControlVariance: costs, Covariance: both}
	if !(cost > 0) {
		w.Reason = strings.TrimPrefix(w.Reason+"; the arm costs no more than control, so there is no return on cost", "; ")
		return
	}
	r, err := v.look.lift(roi)
	if err != nil || !r.Bounded {
		w.Reason = strings.TrimPrefix(w.Reason+"; the difference in cost can't be told from none, so neither can the return on it", "; ")
		return
	}
	w.ROI, w.ROIInterval = run.Round(r.Estimate), limits(r.Low, r.High)
}

// moved tells whether spend only moved: from later to earlier, or from one channel
// to another.
func (v *reviewer) moved(w *Worth, arm string, channels map[string]map[string]abtest.Sample) {
	var says []string
	if l := v.taken.value; l.hasLater {
		if e, err := abtest.Compare(l.later[v.x.control], l.later[arm]); err == nil {
			d := v.look.test(e)
			w.Later, w.LaterInterval, w.LaterDays = run.Round(d.Estimate), limits(d.Low, d.High), v.taken.after
			switch {
			case d.High < 0 && w.ValueInterval[0] <= 0:
				says = append(says, fmt.Sprintf("In the %d days after, %s bought less than control as well.", v.taken.after, w.Arm))
			case d.High < 0:
				says = append(says, fmt.Sprintf("In the %d days after, %s bought less than control: part of the gain was brought forward.", v.taken.after, w.Arm))
			case d.Low > 0:
				says = append(says, fmt.Sprintf("In the %d days after, %s still bought more than control.", v.taken.after, w.Arm))
			default:
				says = append(says, fmt.Sprintf("In the %d days after, no difference in spend can be told from chance: no sign that it was brought forward.", v.taken.after))
			}
		}
	}
	var names []string
	var p []float64
	for _, name := range sortedKeys(channels) {
		e, err := abtest.Compare(channels[name][v.x.control], channels[name][arm])
		if err != nil {
			continue
		}
		d := v.look.test(e)
		names, p = append(names, name), append(p, d.P)
		w.Channels = append(w.Channels, Channel{Channel: run.Label(name), Difference: run.Round(d.Estimate), Interval: limits(d.Low, d.High)})
	}
	var up, down []string
	for i, adjusted := range abtest.Holm(p) {
		c := &w.Channels[i]
		c.P = run.Significant(adjusted)
		if adjusted > alpha {
			continue
		}
		if *c.Difference > 0 {
			up = append(up, c.Channel)
		} else {
			down = append(down, c.Channel)
		}
	}
	switch {
	case len(up) > 0 && len(down) > 0:
		says = append(says, fmt.Sprintf("Spend moved between channels: up in %s, down in %s.", strings.Join(up, ", "), strings.Join(down, ", ")))
	case len(names) > 1:
		says = append(says, "No sign that spend moved between channels.")
	}
	if len(says) > 0 {
		w.Moved = strings.Join(says, " ")
	}
}

// pays says in a few words whether an arm pays, "" where that is not known.
func (w Worth) pays(currency string) string {
	if w.Net == nil || w.NetInterval == nil {
		return ""
	}
	word := "may or may not pay"
	if w.NetInterval[0] > 0 {
		word = "pays"
	} else if w.NetInterval[1] < 0 {
		word = "does not pay"
	}
	return fmt.Sprintf(" Per unit it %s: %s of %s less cost%s.", word, run.Show(w.Net, metric.Money, currency), w.Counts, between(w.NetInterval, metric.Money, currency))
}
