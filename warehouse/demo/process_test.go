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
