package demo

import (
	"math"
	"testing"
	"time"
)

func TestTierHistory(t *testing.T) {
	r, _ := sample()
	h, m, o := r.table("tier_history"), r.table("members"), r.table("orders")
	spells, orders, all := h.byMember(), o.byMember(), lives(r)
	thresholds, downgraded := map[string]Cents{}, 0
	for _, x := range tiers {
		thresholds[x.name] = x.threshold
	}
	for _, row := range m.all {
		id := of[int64](m, row, "member_id")
		next := all[id].from
		for i, s := range spells[id] {
			from, to := of[time.Time](h, s, "effective_from"), of[time.Time](h, s, "effective_to")
			reason, tier := of[string](h, s, "reason"), of[string](h, s, "tier")
			if !from.Equal(next) || (i == 0) != (reason == "enrolled") {
				t.Fatalf("member %d: spell %d starts at %v for %s, want %v", id, i, from, reason, next)
			}
			last := i == len(spells[id])-1
			if to.IsZero() && !last || last && to.IsZero() == all[id].cancelled || !to.IsZero() && !to.After(from) {
				t.Fatalf("member %d: spell %d ends at %v", id, i, to)
			}
			switch reason {
			case "qualified":
				var spend Cents
				for _, x := range orders[id] {
					at := of[time.Time](o, x, "ordered_at")
					if of[string](o, x, "status") != "cancelled" && !at.After(from) && at.After(from.AddDate(-1, 0, 0)) {
						spend += of[Cents](o, x, "gross") - of[Cents](o, x, "discount")
					}
				}
				if spend < thresholds[tier] {
					t.Fatalf("member %d became %s with %s", id, tier, spend)
				}
			case "downgraded":
				downgraded++
				if !from.Equal(all[id].from.AddDate(1, 0, 0)) {
					t.Fatalf("member %d was reviewed at %v", id, from)
				}
			}
			next = to
			if last && tier != of[string](m, row, "tier") {
				t.Fatalf("member %d is %s, the history ends with %s", id, of[string](m, row, "tier"), tier)
			}
		}
	}
	if downgraded == 0 {
		t.Error("nobody was downgraded")
	}
}

// TestPurchaseProcess compares the members without any purchase with the
// model: either they left at once, with the mean of the Beta distribution, or
// their Gamma rate gave nothing in the seasonal days they had.
func TestPurchaseProcess(t *testing.T) {
	r, truth := sample()
	m, o := r.table("members"), r.table("orders")
	orders, p, cal := o.byMember(), truth.Purchases, newCalendar()
	var left [periodDays + 1]float64 // seasonal days until the end
	for d := periodDays - 1; d >= 0; d-- {
		left[d] = left[d+1] + cal.season[d]
	}
	if math.Abs(left[0]-periodDays) > 1e-6 {
		t.Errorf("the season's mean is %v, want 1", left[0]/periodDays)
	}
	atOnce := p.DropoutA / (p.DropoutA + p.DropoutB)
	var got, want, variance, logs, n float64
	for _, row := range m.all {
		id := of[int64](m, row, "member_id")
		purchases := 0
		for _, x := range orders[id] {
			if of[string](o, x, "status") != "cancelled" {
				purchases++
				logs += math.Log(float64(of[Cents](o, x, "gross")-of[Cents](o, x, "discount")) / 100)
				n++
			}
		}
		if of[bool](m, row, "is_test") || of[string](m, row, "status") == "cancelled" {
			continue
		}
		since := left[int(of[time.Time](m, row, "enrolled_at").Sub(launch)/(24*time.Hour))]
		none := atOnce + (1-atOnce)*math.Pow(p.RateScaleDays/(p.RateScaleDays+since), p.RateShape)
		want += none
		variance += none * (1 - none)
		if purchases == 0 {
			got++
		}
	}
	if z := (got - want) / math.Sqrt(variance); math.Abs(z) > 4 {
		t.Errorf("%v members never bought, the model says %.0f (z = %.1f)", got, want, z)
	}
	if mean := logs / n; math.Abs(mean-p.ValueLogMean) > 0.06 {
		t.Errorf("the mean logarithm of the amounts is %.3f, want %.3f", mean, p.ValueLogMean)
	}
}

func TestSharesOfOrders(t *testing.T) {
	r, _ := sample()
	o := r.table("orders")
	var outside, refunded, cancelled float64
	for _, row := range o.all {
		if row[o.index["member_id"]] == nil {
			outside++
		}
		switch of[string](o, row, "status") {
		case "refunded":
			refunded++
		case "cancelled":
			cancelled++
		}
	}
	n := float64(len(o.all))
	for _, c := range []struct {
		name            string
		got, want, near float64
	}{
		{"outside the program", outside / n, nonMemberShare, 0.02},
		{"refunded", refunded / n, refundShare, 0.004},
		{"cancelled", cancelled / n, cancelledShare, 0.002},
	} {
		if math.Abs(c.got-c.want) > c.near {
			t.Errorf("%s: %.4f of the orders, want %.4f", c.name, c.got, c.want)
		}
	}
}

// observed is what a model of purchases sees of a member, in days of the
// season: purchases, the last one, and the time watched.
type observed struct{ x, last, span float64 }

// observe watches every real member from the enrollment until the first
// experiment begins, or the cancellation.
func observe(r recorder) []observed {
	cal := newCalendar()
	var before [periodDays + 1]float64
	for d, s := range cal.season {
		before[d+1] = before[d] + s
	}
	seasonal := func(t time.Time) float64 {
		at := instant(t.Sub(launch) / time.Second)
		d := float64(at / day)
		low, high := d, d+1
		for range 40 { // invert the calendar's clock
			if mid := (low + high) / 2; cal.stamp(mid) <= at {
				low = mid
			} else {
				high = mid
			}
		}
		return before[int(d)] + (low-d)*cal.season[int(d)]
	}
	watched := experiments[springDouble].start
	m, o := r.table("members"), r.table("orders")
	orders, all := o.byMember(), lives(r)
	var out []observed
	for _, row := range m.all {
		id := of[int64](m, row, "member_id")
		until := watched.time()
		if all[id].until.Before(until) {
			until = all[id].until
		}
		if of[bool](m, row, "is_test") || !all[id].from.Before(until) {
			continue
		}
		start := seasonal(all[id].from)
		x := observed{span: seasonal(until) - start}
		for _, row := range orders[id] {
			if at := of[time.Time](o, row, "ordered_at"); of[string](o, row, "status") != "cancelled" && at.Before(until) {
				x.x++
				x.last = seasonal(at) - start
			}
		}
		out = append(out, x)
	}
	return out
}

// logLikelihood is that of the modified BG/NBD model (Batislam, Denizel,
// Filiztekin 2007): either still there, or gone right after the last purchase.
func (x observed) logLikelihood(r, alpha, a, b float64) float64 {
	lg := func(v float64) float64 { l, _ := math.Lgamma(v); return l }
	lbeta := func(a, b float64) float64 { return lg(a) + lg(b) - lg(a+b) }
	rate := lg(r+x.x) - lg(r) + r*math.Log(alpha)
	stays := lbeta(a, b+x.x+1) - (r+x.x)*math.Log(alpha+x.span)
	gone := lbeta(a+1, b+x.x) - (r+x.x)*math.Log(alpha+x.last)
	top := max(stays, gone)
	return rate - lbeta(a, b) + top + math.Log(math.Exp(stays-top)+math.Exp(gone-top))
}

// TestPurchaseParameters holds the orders to the whole model: at the true
// parameters the slope of the likelihood is zero but for chance, and at others
// it isn't.
func TestPurchaseParameters(t *testing.T) {
	r, truth := sample()
	all, p := observe(r), truth.Purchases
	at := [4]float64{p.RateShape, p.RateScaleDays, p.DropoutA, p.DropoutB}
	slope := func(params [4]float64, i int) float64 {
		h := 1e-4 * params[i]
		up, down := params, params
		up[i] += h
		down[i] -= h
		var sum, squares float64
		for _, x := range all {
			s := (x.logLikelihood(up[0], up[1], up[2], up[3]) - x.logLikelihood(down[0], down[1], down[2], down[3])) / (2 * h)
			sum += s
			squares += s * s
		}
		return sum / math.Sqrt(squares)
	}
	for i, name := range []string{"rate shape", "rate scale", "dropout a", "dropout b"} {
		if z := slope(at, i); math.Abs(z) > 4 {
			t.Errorf("%s: the slope at the true value is %.1f standard errors from zero", name, z)
		}
		for _, factor := range []float64{0.6, 1.6} {
			other := at
			other[i] *= factor
			if z := slope(other, i); math.Abs(z) < 4 {
				t.Errorf("%s: %.1f times the true value goes unnoticed (z = %.1f)", name, factor, z)
			}
		}
	}
}

// TestCalendar recovers the factors of months and weekdays from the orders of
// non-members, whose level is even, and those of weekdays from the members'.
func TestCalendar(t *testing.T) {
	r, truth := sample()
	o, p := r.table("orders"), truth.Purchases
	var months, monthsWant [12]float64
	var weekdays, members, weekdaysWant [7]float64
	var total, memberTotal, want float64
	for d := range periodDays {
		date := launch.AddDate(0, 0, d)
		f := p.MonthFactors[date.Month()-1] * p.WeekdayFactors[date.Weekday()]
		monthsWant[date.Month()-1] += f
		weekdaysWant[date.Weekday()] += f
		want += f
	}
	for _, row := range o.all {
		at := of[time.Time](o, row, "ordered_at")
		if row[o.index["member_id"]] == nil {
			months[at.Month()-1]++
			weekdays[at.Weekday()]++
			total++
		} else {
			members[at.Weekday()]++
			memberTotal++
		}
	}
	hold := func(what string, got, share, n float64) {
		if z := (got - n*share) / math.Sqrt(n*share*(1-share)); math.Abs(z) > 4.5 {
			t.Errorf("%s: %.0f orders, want %.0f (z = %.1f)", what, got, n*share, z)
		}
	}
	for i := range months {
		hold(time.Month(i+1).String(), months[i], monthsWant[i]/want, total)
	}
	for i := range weekdays {
		hold(time.Weekday(i).String()+" of non-members", weekdays[i], weekdaysWant[i]/want, total)
		hold(time.Weekday(i).String()+" of members", members[i], weekdaysWant[i]/want, memberTotal)
	}
}

// TestOrderValues splits the variance of the logarithm of amounts into that
// between members and that within them.
func TestOrderValues(t *testing.T) {
	r, truth := sample()
	o, p := r.table("orders"), truth.Purchases
	var within, degrees, n, groups float64
	var means, sizes []float64
	for id, rows := range o.byMember() {
		if id == 0 || id > testMemberBase {
			continue
		}
		var logs []float64
		for _, row := range rows {
			if of[string](o, row, "status") != "cancelled" {
				logs = append(logs, math.Log(float64(of[Cents](o, row, "gross")-of[Cents](o, row, "discount"))/100))
			}
		}
		if len(logs) < 3 {
			continue
		}
		var mean float64
		for _, l := range logs {
			mean += l / float64(len(logs))
		}
		for _, l := range logs {
			within += (l - mean) * (l - mean)
		}
		degrees += float64(len(logs) - 1)
		means, sizes = append(means, mean), append(sizes, float64(len(logs)))
		n += float64(len(logs))
		groups++
	}
	variance := within / degrees
	var grand, between float64
	for _, m := range means {
		grand += m / groups
	}
	for i, m := range means {
		between += ((m-grand)*(m-grand) - variance/sizes[i]) / groups
	}
	near(t, "the deviation within a member", math.Sqrt(variance), p.ValueLogSDWithin, 0.01)
	near(t, "the deviation between members", math.Sqrt(between), p.ValueLogSDBetween, 0.03)
}

// TestCancellations recovers the hazard from cancellations and years at risk.
func TestCancellations(t *testing.T) {
	r, truth := sample()
	var events, years float64
	for id, l := range lives(r) {
		if id > testMemberBase {
			continue
		}
		years += l.until.Sub(l.from).Hours() / 24 / 365
		if l.cancelled {
			events++
		}
	}
	want := truth.CancellationsPerYear * years
	if z := (events - want) / math.Sqrt(want); math.Abs(z) > 4 {
		t.Errorf("%v cancellations in %.0f years, want %.0f", events, years, want)
	}
}

// TestRedemptionsFollowTheCatalog: what is claimed was on offer, at its price.
func TestRedemptionsFollowTheCatalog(t *testing.T) {
	r, _ := sample()
	w, x := r.table("rewards"), r.table("redemptions")
	catalog := map[int64][]any{}
	for _, row := range w.all {
		catalog[of[int64](w, row, "reward_id")] = row
	}
	claimed := map[int64]int{}
	for _, row := range x.all {
		id, at := of[int64](x, row, "reward_id"), of[time.Time](x, row, "redeemed_at")
		reward := catalog[id]
		claimed[id]++
		to := of[time.Time](w, reward, "active_to")
		if at.Before(of[time.Time](w, reward, "active_from")) || !to.IsZero() && !at.Before(to) {
			t.Fatalf("reward %d was claimed at %v, when it wasn't on offer", id, at)
		}
		if of[int64](x, row, "points") != of[int64](w, reward, "cost_points") {
			t.Fatalf("reward %d was claimed for %d points", id, of[int64](x, row, "points"))
		}
	}
	for id := range catalog {
		if claimed[id] == 0 {
			t.Errorf("nobody claimed reward %d", id)
		}
	}
}
