package pullmetrics_test

import (
	"strings"
)

// allSales adds up what the orders in the window give, members' or not.
func (v view) allSales(gives func(order) int64) sums {
	out := sums{}
	for _, o := range v.orders {
		who := v.mine("orders", o.member, o.guest)
		if v.holds(o.at) && v.cell(who, o.at, false) {
			out.add(who, gives(o))
		}
	}
	return out
}

// sales adds up what members' orders in the window give.
func (v view) sales(gives func(order) int64) sums {
	return v.allSales(func(o order) int64 {
		if v.mine("orders", o.member, o.guest) == 0 {
			return 0
		}
		return gives(o)
	})
}

// pick returns a column as an amount, 0 where it is unknown, and known what
// is known of it as one.
func pick(column func(order) *int64, unit int64) func(order) int64 {
	return func(o order) int64 {
		if n := column(o); n != nil {
			return *n * unit
		}
		return 0
	}
}

func known(column func(order) *int64, gives func(order) int64) func(order) int64 {
	return func(o order) int64 {
		if column(o) == nil {
			return 0
		}
		return gives(o)
	}
}

func anOrder(order) int64     { return one }
func net(o order) int64       { return o.net * tenThousandth }
func gross(o order) *int64    { return o.gross }
func discount(o order) *int64 { return o.discount }
func refund(o order) *int64   { return o.refund }
func margin(o order) *int64   { return o.margin }
func items(o order) *int64    { return o.items }

func revenue(v view) figure      { return stands(v.sales(net)).over(v.sales(anOrder).members()) }
func memberOrders(v view) figure { return stands(v.sales(anOrder)).over(v.sales(anOrder).members()) }
func buyers(v view) figure       { return stands(once(v.sales(anOrder))) }

// firsts returns each member's first order ever.
func (v view) firsts() map[int64]order {
	out := map[int64]order{}
	for _, o := range v.orders {
		who := v.mine("orders", o.member, o.guest)
		if first, ok := out[who]; who != 0 && (!ok || o.at.Before(first.at)) {
			out[who] = o
		}
	}
	return out
}

// newcomers returns the members whose first order ever lies in the window and
// for whom keep holds.
func (v view) newcomers(keep func(first order) bool) sums {
	out := sums{}
	for who, first := range v.firsts() {
		if v.holds(first.at) && v.cell(who, first.at, false) && keep(first) {
			out.add(who, one)
		}
	}
	return out
}

func anyOrder(order) bool { return true }

func firstTimeBuyers(v view) figure { return stands(v.newcomers(anyOrder)) }

func salesPenetration(v view) figure {
	return ratio(v.sales(net), v.allSales(net)).over(v.allSales(anOrder).total() / one)
}

func transactionPenetration(v view) figure { return ratio(v.sales(anOrder), v.allSales(anOrder)) }

func repeatPurchaseRate(v view) figure {
	twice := sums{}
	for who, n := range v.sales(anOrder) {
		if who != 0 && n >= 2*one {
			twice.add(who, one)
		}
	}
	return ratio(twice, once(v.sales(anOrder)))
}

// second returns the share of first-time buyers with another order in so many
// days after the first.
func (v view) second(days int) figure {
	return ratio(v.newcomers(func(first order) bool {
		watched := v.watched(first.at, days)
		n := 0
		for _, o := range v.orders {
			if v.mine("orders", o.member, o.guest) == first.member && watched.holds(o.at) {
				n++
			}
		}
		return n > 1 // the first is one of them
	}), v.newcomers(anyOrder))
}

func secondPurchaseRate30(v view) figure { return v.second(30) }
func secondPurchaseRate60(v view) figure { return v.second(60) }
func secondPurchaseRate90(v view) figure { return v.second(90) }

func purchaseFrequency(v view) figure { return ratio(v.sales(anOrder), once(v.sales(anOrder))) }
func averageOrderValue(v view) figure { return ratio(v.sales(net), v.sales(anOrder)) }

func nonMemberAOV(v view) figure {
	return ratio(plus(v.allSales(net), -1, v.sales(net)), plus(v.allSales(anOrder), -1, v.sales(anOrder)))
}

func revenuePerMember(v view) figure { return ratio(v.sales(net), v.open(any1)) }

func itemsPerOrder(v view) figure {
	return ratio(v.sales(pick(items, one)), v.sales(known(items, anOrder)))
}

func (v view) memberOrderCount() int64 { return v.sales(anOrder).total() / one }

func discountRate(v view) figure {
	return ratio(v.sales(pick(discount, tenThousandth)), v.sales(pick(gross, tenThousandth))).over(v.memberOrderCount())
}

func refundRate(v view) figure {
	refunds := v.sales(pick(refund, tenThousandth))
	return ratio(refunds, plus(v.sales(net), 1, refunds)).over(v.memberOrderCount())
}

func memberMargin(v view) figure {
	return stands(v.sales(pick(margin, tenThousandth))).over(v.sales(known(margin, anOrder)).members())
}

func marginRate(v view) figure {
	return ratio(v.sales(pick(margin, tenThousandth)), v.sales(known(margin, net))).over(v.sales(known(margin, anOrder)).total() / one)
}

// lined reports whether a line of its member's ledger is of the order and of
// one of the kinds.
func (v view) lined(o order, kinds ...string) bool {
	for _, l := range v.lines {
		for _, kind := range kinds {
			if l.order == o.id && l.member == o.member && strings.EqualFold(l.kind, kind) && l.at.Before(v.known) {
				return true
			}
		}
	}
	return false
}

func orderEarnRate(v view) figure {
	return ratio(v.allSales(func(o order) int64 { return indicator(v.lined(o, "earn", "bonus")) * one }), v.allSales(anOrder))
}

func (v view) rewardedSales() sums {
	return v.sales(func(o order) int64 { return indicator(v.lined(o, "redeem")) * net(o) })
}

func rewardAttributedRevenue(v view) figure {
	return stands(v.rewardedSales()).over(v.sales(func(o order) int64 { return indicator(v.lined(o, "redeem")) }).members())
}

func rewardAttributedShare(v view) figure {
	return ratio(v.rewardedSales(), v.sales(net)).over(v.memberOrderCount())
}
