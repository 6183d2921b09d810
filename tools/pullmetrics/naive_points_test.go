package pullmetrics_test

import (
	"slices"
	"strings"
	"time"
)

// pointRow is a line of the ledger, or a member's month, by what it moved.
type pointRow struct {
	member                                                              int64
	at                                                                  time.Time
	kind                                                                string // of a line
	issued, redeemed, expired, reversed, reimbursed, adjusted, rewarded int64
}

// earned reports whether points were earned, a bonus included.
func (r pointRow) earned() bool {
	return r.kind == "earn" || r.kind == "bonus" || r.kind == "" && r.issued > 0
}

// burnt reports whether points were redeemed.
func (r pointRow) burnt() bool {
	return r.kind == "redeem" || r.kind == "" && r.redeemed > 0
}

// pointRows returns the rows of the feed that the points are in.
func (p *program) pointRows() []pointRow {
	var out []pointRow
	value := func(n *int64, column string) int64 {
		if n == nil || p.without["points_monthly."+column] {
			return 0
		}
		return *n
	}
	if p.feeds["points_monthly"] {
		for _, m := range p.monthly {
			out = append(out, pointRow{member: m.member, at: m.at, issued: m.earned, redeemed: m.redeemed, expired: value(m.expired, "expired"),
				adjusted: value(m.adjusted, "adjusted"), rewarded: value(m.rewardValue, "reward_value")})
		}
		return out
	}
	if !p.has("points") {
		return nil
	}
	for _, l := range p.lines {
		r := pointRow{member: l.member, at: l.at, kind: strings.ToLower(l.kind)}
		switch r.kind {
		case "earn", "bonus":
			r.issued = l.points
		case "redeem":
			r.redeemed = -l.points
		case "expire":
			r.expired = -l.points
		case "reverse_earn":
			r.reversed = -l.points
		case "reimburse":
			r.reimbursed = l.points
		case "adjust":
			r.adjusted = l.points
		}
		out = append(out, r)
	}
	return out
}

// flow adds up what the rows in the window moved.
func (v view) flow(what func(pointRow) int64) sums {
	out := sums{}
	for _, r := range v.pointRows() {
		if n := what(r); n != 0 && v.holds(r.at) && v.cell(r.member, r.at, false) {
			out.add(r.member, n*tenThousandth)
		}
	}
	return out
}

// movers counts the members with a row in the window for which holds.
func (v view) movers(holds func(pointRow) bool) sums {
	return once(v.flow(func(r pointRow) int64 { return indicator(holds(r)) }))
}

func issued(r pointRow) int64     { return r.issued }
func redeemed(r pointRow) int64   { return r.redeemed }
func expired(r pointRow) int64    { return r.expired }
func reversed(r pointRow) int64   { return r.reversed }
func reimbursed(r pointRow) int64 { return r.reimbursed }
func adjusted(r pointRow) int64   { return r.adjusted }

// moved returns a flow with the members who had a row above zero as its n.
func (v view) moves(what func(pointRow) int64) figure {
	return stands(v.flow(what)).over(v.movers(func(r pointRow) bool { return what(r) > 0 }).members())
}

func pointsIssued(v view) figure     { return v.moves(issued) }
func pointsRedeemed(v view) figure   { return v.moves(redeemed) }
func pointsExpired(v view) figure    { return v.moves(expired) }
func pointsReversed(v view) figure   { return v.moves(reversed) }
func pointsReimbursed(v view) figure { return v.moves(reimbursed) }

func pointsAdjusted(v view) figure {
	return stands(v.flow(adjusted)).over(v.movers(func(r pointRow) bool { return r.adjusted != 0 }).members())
}

// balances adds up, by member, the points of all lines before t for which keep
// holds; those who had any line are in it, be it with nothing.
func (v view) balances(t time.Time, value func(line) int64) sums {
	out := sums{}
	for _, l := range v.lines {
		if l.at.Before(t) && v.cell(l.member, v.end, true) {
			out.add(l.member, value(l)*tenThousandth)
		}
	}
	return out
}

func all(l line) int64 { return l.points }

// of returns the value of lines of the kinds, its sign turned by factor.
func of(factor int64, kinds ...string) func(line) int64 {
	return func(l line) int64 {
		if slices.Contains(kinds, strings.ToLower(l.kind)) {
			return factor * l.points
		}
		return 0
	}
}

func outstandingPoints(v view) figure {
	b := v.balances(v.end, all)
	return stands(b).over(b.members())
}

// expiring returns the points that expire in so many days after the window
// unless they are used. Debits are taken from the lots that expire first.
func (v view) expiring(days int) figure {
	type lot struct {
		points  int64
		expires time.Time
	}
	lots, debits := map[int64][]lot{}, map[int64]int64{}
	for _, l := range v.lines {
		switch {
		case !l.at.Before(v.end) || !v.cell(l.member, v.end, true):
		case l.points < 0:
			debits[l.member] -= l.points
		case !l.expires.IsZero():
			lots[l.member] = append(lots[l.member], lot{l.points, l.expires})
		}
	}
	out := sums{}
	for who, lots := range lots {
		slices.SortStableFunc(lots, func(a, b lot) int { return a.expires.Compare(b.expires) })
		for _, l := range lots {
			used := min(l.points, debits[who])
			debits[who] -= used
			if (span{v.end, v.end.AddDate(0, 0, days)}).holds(l.expires) {
				out.add(who, (l.points-used)*tenThousandth)
			}
		}
	}
	return stands(out).over(out.members())
}

func pointsExpiring30(v view) figure { return v.expiring(30) }
func pointsExpiring60(v view) figure { return v.expiring(60) }
func pointsExpiring90(v view) figure { return v.expiring(90) }

func (v view) issuers() int64 {
	return v.movers(func(r pointRow) bool { return r.issued > 0 }).members()
}

func redemptionRate(v view) figure {
	return ratio(v.flow(redeemed), v.flow(issued)).over(v.issuers())
}
func burnToEarn(v view) figure { return redemptionRate(v) }

func earnToBurn(v view) figure {
	return ratio(v.flow(issued), v.flow(redeemed)).over(v.movers(func(r pointRow) bool { return r.redeemed > 0 }).members())
}

func redeemers(v view) figure {
	return stands(v.movers(func(r pointRow) bool { return r.redeemed > 0 }))
}

func redeemerRate(v view) figure {
	who := v.did(v.span, func(a act) bool { return a.redeemed })
	return ratio(v.open(func(m member) bool { return who[m.id] }), v.open(any1))
}

func firstRedemptionRate(v view) figure {
	return ratio(v.enrolled(func(m member) bool {
		return v.did(v.watched(m.enrolled, 90), func(a act) bool { return a.redeemed })[m.id]
	}), v.enrolled(any1))
}

func earnVelocity(v view) figure {
	active := v.did(v.span, qualifies)
	return ratio(v.flow(issued), v.open(func(m member) bool { return active[m.id] }))
}

func pointsTurnover(v view) figure {
	opening, closing := v.balances(v.start, all), v.balances(v.end, all)
	f := ratio(v.flow(redeemed), half(plus(opening, 1, closing))).over(closing.members())
	// At least so many add to the bottom as hold points at one of its ends.
	if f.behind = closing; opening.members() > closing.members() {
		f.behind = opening
	}
	return f
}

func expiryRate(v view) figure { return ratio(v.flow(expired), v.flow(issued)).over(v.issuers()) }

func breakageToDate(v view) figure {
	ever := v.balances(v.end, of(1, "earn", "bonus"))
	return ratio(v.balances(v.end, of(-1, "expire")), ever).over(ever.members())
}

func unredeemedToDate(v view) figure {
	ever := v.balances(v.end, of(1, "earn", "bonus"))
	return ratio(plus(ever, -1, v.balances(v.end, of(-1, "redeem"))), ever).over(ever.members())
}

// claims adds up what the rewards claimed in the window give.
func (v view) claims(gives func(redemption) int64) sums {
	out := sums{}
	for _, r := range v.redemptions {
		if v.holds(r.at) && v.cell(r.member, r.at, false) {
			out.add(r.member, gives(r))
		}
	}
	return out
}

func claim(redemption) int64 { return one }

func rewardValue(v view) figure {
	if !v.has("redemptions", "value") && v.has("points_monthly", "reward_value") {
		return v.moves(func(r pointRow) int64 { return r.rewarded })
	}
	return stands(v.claims(func(r redemption) int64 {
		if r.value == nil {
			return 0
		}
		return *r.value * tenThousandth
	})).over(v.claims(claim).members())
}

func rewardClaims(v view) figure { return stands(v.claims(claim)) }

func pointsPerReward(v view) figure {
	return ratio(v.claims(func(r redemption) int64 { return r.points * tenThousandth }), v.claims(claim))
}

func rewardUsageRate(v view) figure {
	return ratio(v.claims(func(r redemption) int64 { return indicator(!r.used.IsZero()) * one }), v.claims(claim))
}

// unitCost returns the unit cost of a reward by the catalogue, nil where it
// has none.
func (v view) unitCost(id int64) *int64 {
	for _, r := range v.rewards {
		if r.id == id {
			return r.unitCost
		}
	}
	return nil
}

func (v view) costs() sums {
	return v.claims(func(r redemption) int64 {
		if c := v.unitCost(r.reward); c != nil {
			return *c * tenThousandth
		}
		return 0
	})
}

func rewardCost(v view) figure {
	return stands(v.costs()).over(v.claims(func(r redemption) int64 { return indicator(v.unitCost(r.reward) != nil) }).members())
}

func rewardCostRatio(v view) figure {
	return ratio(v.costs(), v.sales(net)).over(v.sales(anOrder).members())
}
