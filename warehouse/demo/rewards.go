package demo

import (
	"math"
	"slices"
)

// reward is a reward of the catalog. Its value is what the member gets, its
// cost what the program pays for it.
type reward struct {
	id       int64
	name     string
	points   int64
	cost     Cents
	value    Cents
	kind     string
	from, to instant
	weight   float64 // popularity among the rewards a member can afford
}

var rewards = [...]reward{
	{1, "Free shipping", 60, 2_90, 3_90, "shipping", 0, never, 1.0},
	{2, "Coffee for two", 75, 1_80, 4_20, "product", 0, never, 1.0},
	{3, "Charity donation", 100, 3_00, 3_00, "charity", on(2025, 4, 1), never, 0.4},
	{4, "5 off voucher", 150, 4_10, 5_00, "voucher", 0, never, 2.2},
	{5, "Tote bag", 200, 4_20, 9_00, "merchandise", 0, on(2025, 10, 1), 0.7},
	{6, "Holiday gift box", 400, 11_50, 18_00, "merchandise", on(2025, 11, 15), on(2026, 1, 11), 2.0},
	{7, "25 off voucher", 650, 20_50, 25_00, "voucher", 0, never, 3.0},
	{8, "Harbor cruise for two", 1500, 38_00, 64_00, "experience", 0, never, 3.0},
}

// The chance that a member who has saved enough redeems on the occasion,
// before the member's own factor and the season.
const (
	redeemAtCheckout = 0.090
	redeemAtVisit    = 0.100

	cancelledRedemptions = 0.02
)

// redeemSeason follows the gift season, January first.
var redeemSeason = [12]float64{1.1, 0.9, 0.9, 0.9, 0.95, 0.95, 0.9, 0.85, 0.9, 1.0, 1.3, 2.0}

// considerReward lets the member redeem on an occasion; i is the current event.
func (g *generator) considerReward(m *member, at instant, chance float64, i int) {
	l := &g.ledger
	if l.balance < m.saves {
		return
	}
	month := (g.cal.monthOf(at) + 6) % 12 // the program starts in July
	chance *= g.redemptionFactor(m, at)
	if g.rng.Float64() >= min(chance*m.redeemer*redeemSeason[month], 0.9) {
		return
	}
	var total float64
	for k := range rewards {
		total += rewards[k].offered(at, l.balance) * g.stock(m, at, &rewards[k])
	}
	u := g.rng.Float64() * total
	for k := range rewards {
		w := rewards[k].offered(at, l.balance) * g.stock(m, at, &rewards[k])
		if u < w {
			g.redeem(m, at, &rewards[k], i)
			return
		}
		u -= w
	}
}

// offered returns the reward's weight, zero if it can't be had.
func (w *reward) offered(at instant, balance int64) float64 {
	if at < w.from || at >= w.to || balance < w.points {
		return 0
	}
	return w.weight
}

// redeem writes a redemption. Its status is the one known when the data end: a
// cancellation or use after the horizon hasn't happened yet.
func (g *generator) redeem(m *member, at instant, w *reward, i int) {
	r := g.rng
	leaks := g.leaks(m, at, leakRedemption, w.points)
	if !leaks {
		g.ledger.spend(w.points)
		g.write(m, at, entry{kind: "redeem", points: -w.points, reward: w.id,
			unitCost: math.Round(float64(w.cost)/float64(w.points)*1e4) / 1e6})
	}

	status, used := "issued", any(nil)
	cancels := r.Float64() < cancelledRedemptions
	back := at + hour + instant(r.IntN(int(3*day)))
	use := at + 10*minute + instant(r.ExpFloat64()*float64(6*day))
	switch {
	case cancels && back < m.horizon && !leaks:
		status = "cancelled"
		g.reimbursed = append(g.reimbursed, reimbursement{w.points, w.id})
		e := event{back, evReimburse, len(g.reimbursed) - 1}
		k, _ := slices.BinarySearchFunc(g.events[i+1:], e, compareEvents)
		g.events = slices.Insert(g.events, i+1+k, e)
	case !cancels && use < m.horizon:
		status, used = "used", use.time()
	}
	g.tallyRedemption(m, at, w)
	g.emit("redemptions", g.redemptionIDs.next(), m.id, w.id, at.time(), w.points, w.value, status, used)
}
