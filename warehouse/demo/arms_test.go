package demo

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

// units follows the units of experiments that all run over the same dates.
type units struct {
	from, to time.Time
	arm      map[string]map[int64]string // by experiment
	stratum  map[string]map[int64]string
	buys     map[int64][]time.Time
	redeems  map[int64]bool
}

func (u *units) Append(table string, row ...any) error {
	switch table {
	case "assignments":
		x, id := row[0].(string), row[1].(int64)
		if u.arm[x] == nil {
			u.arm[x], u.stratum[x] = map[int64]string{}, map[int64]string{}
		}
		u.arm[x][id] = row[2].(string)
		u.stratum[x][id], _ = row[4].(string)
	case "orders":
		id, _ := row[1].(int64)
		if at := row[2].(time.Time); id != 0 && row[11] != "cancelled" && !at.Before(u.from) && at.Before(u.to) {
			u.buys[id] = append(u.buys[id], at)
		}
	case "redemptions":
		if at := row[3].(time.Time); !at.Before(u.from) && at.Before(u.to) {
			u.redeems[row[1].(int64)] = true
		}
	}
	return nil
}

// mean returns the purchases per unit of an arm between two days of the
// experiment, and the number of units, in a stratum or in all.
func (u *units) mean(x, arm, stratum string, from, to int) (mean float64, n int) {
	sum := 0
	for id, a := range u.arm[x] {
		if a != arm || stratum != "" && u.stratum[x][id] != stratum {
			continue
		}
		n++
		for _, at := range u.buys[id] {
			if d := int(at.Sub(u.from) / (24 * time.Hour)); d >= from && d < to {
				sum++
			}
		}
	}
	return float64(sum) / float64(n), n
}

func TestArms(t *testing.T) {
	const experiment = `{"id":"ID","from":"2026-01-01","to":"2026-05-01","control":"a","arms":[{"arm":"a","share":0.5},{"arm":"b","share":0.5}]}`
	text := `{"experiments":[`
	for _, id := range []string{"wins", "loses", "harms", "wears", "skips", "flips"} {
		text += strings.Replace(experiment, "ID", id, 1) + ","
	}
	text += `{"id":"three","from":"2026-01-01","to":"2026-05-01","control":"a","arms":[{"arm":"a","share":0.4},
		{"arm":"b","share":0.3,"purchase_rate":1.3,"redemption":2},{"arm":"c","share":0.3,"purchase_rate":0.7,"order_value":1.5}]}
	],"faults":[
		{"kind":"winner","place":{"experiment":"wins"},"size":0.25},
		{"kind":"loser","place":{"experiment":"loses"},"size":0.25},
		{"kind":"guardrail_harm","place":{"experiment":"harms"},"size":0.5},
		{"kind":"novelty_effect","place":{"experiment":"wears"},"size":1,"half_life_days":14},
		{"kind":"sample_ratio_mismatch","place":{"experiment":"skips"},"size":0.15},
		{"kind":"simpsons_reversal","place":{"experiment":"flips"},"size":0.15}]}`
	u := &units{from: date("2026-01-01"), to: date("2026-05-01"), arm: map[string]map[int64]string{},
		stratum: map[string]map[int64]string{}, buys: map[int64][]time.Time{}, redeems: map[int64]bool{}}
	truth, err := Generate(t.Context(), Options{Members: 20_000, Seed: 7, Plant: readPlant(t, text)}, u)
	if err != nil {
		t.Fatal(err)
	}
	checkTruth(t, truth)
	of := func(id string) ExperimentTruth {
		i := slices.IndexFunc(truth.Experiments, func(x ExperimentTruth) bool { return x.ID == id })
		return truth.Experiments[i]
	}
	ratio := func(x, stratum string, from, to int) float64 {
		b, _ := u.mean(x, "b", stratum, from, to)
		a, _ := u.mean(x, "a", stratum, from, to)
		return b / a
	}
	redeemed := func(x, arm string) float64 {
		k, n := 0, 0
		for id, a := range u.arm[x] {
			if a == arm {
				n++
				if u.redeems[id] {
					k++
				}
			}
		}
		return float64(k) / float64(n)
	}
	// Truth and rows agree to the unit and the purchase.
	for x, arms := range u.arm {
		e := of(x)
		for arm, outcome := range e.Outcomes {
			mean, n := u.mean(x, arm, "", 0, 1000)
			if e.End != nil && e.End.Equal(u.to) && (n != outcome.Units || n != e.Units[arm] || math.Abs(mean*float64(n)-float64(outcome.Purchases)) > 1e-6) {
				t.Errorf("%s, %s: %d units with %v purchases each, the truth says %+v", x, arm, n, mean, *outcome)
			}
		}
		if len(arms) < 5000 {
			t.Errorf("%s has %d units", x, len(arms))
		}
	}
	// Who buys more leaves sooner, which eats some of every effect.
	near(t, "the winner's ratio of purchases", ratio("wins", "", 0, 1000), 1.22, 0.07)
	near(t, "the loser's ratio of purchases", ratio("loses", "", 0, 1000), 0.78, 0.05)
	near(t, "the true factor of the winner", of("wins").PurchaseRateFactor["b"], 1.25, 1e-9)
	near(t, "the harmed ratio of redeemers", redeemed("harms", "b")/redeemed("harms", "a"), 0.56, 0.1)
	near(t, "the harmed ratio of purchases", ratio("harms", "", 0, 1000), 1, 0.06)
	// The mean of 1 + 2^(-d/14) over a fortnight is 1.72, and after 8 weeks there is little left.
	near(t, "the ratio of the first fortnight", ratio("wears", "", 0, 14), 1.72, 0.15)
	near(t, "the ratio after 8 weeks", ratio("wears", "", 56, 1000), 1.0, 0.09)

	skips := of("skips").Units
	n := float64(skips["a"] + skips["b"])
	near(t, "the arm that lost units", float64(skips["b"])/n, 0.85/1.85, 4*math.Sqrt(0.25/n))
	if z := (float64(skips["a"]) - n/2) / math.Sqrt(n/4); z < 4 {
		t.Errorf("the mismatch is of z = %.1f, which a check could miss", z)
	}

	flips := of("flips")
	for _, s := range []string{frequent, occasional} {
		near(t, "the ratio among the "+s, ratio("flips", s, 0, 1000), 0.87, 0.1)
		if flips.Strata[s]["b"] == nil || flips.Strata[s]["b"].Units == 0 {
			t.Errorf("the truth has no units of b among the %s", s)
		}
	}
	if r := ratio("flips", "", 0, 1000); r < 1.2 {
		t.Errorf("in the whole the ratio is %.2f, want it above 1.2 although both strata lose", r)
	}
	n = float64(flips.Units["a"] + flips.Units["b"])
	near(t, "the share of the reversed arm", float64(flips.Units["b"])/n, flips.Shares["b"], 4*math.Sqrt(0.25/n))

	three := of("three")
	near(t, "the ratio of b to a", ratio("three", "", 0, 1000), 1.27, 0.08)
	c, a := three.Outcomes["c"], three.Outcomes["a"]
	near(t, "the ratio of order values", c.Revenue/float64(c.Purchases)/(a.Revenue/float64(a.Purchases)), 1.5, 0.08)
	near(t, "the purchases of c", float64(c.Purchases)/float64(c.Units)/(float64(a.Purchases)/float64(a.Units)), 0.73, 0.06)
	if r := redeemed("three", "b") / redeemed("three", "a"); r < 1.3 {
		t.Errorf("b redeems %.2f times as often, want more", r)
	}
}
