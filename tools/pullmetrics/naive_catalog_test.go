package pullmetrics_test

import "loyaltymcp/tools/metric"

// naive is a KPI by its definition in words: how it is computed row by row,
// and what must be there.
type naive struct {
	compute func(view) figure
	needs   []needs
	across  string // whom the interval can't tell apart, see delta
}

// The intervals of ratios over two kinds of rows.
const (
	apart    = "apart"    // who adds to both is not known: no interval
	everyone = "everyone" // the bottom counts members, of whom all of the top are taken to be
)

func catalogue() map[string]naive {
	members, left := flows("members"), flows("members", "cancelled_at")
	ordered, engaged, asked := flows("orders", "member_id"), flows("engagement"), flows("surveys")
	claimed := flows("redemptions")
	is := func(compute func(view) figure, wants ...needs) naive { return naive{compute: compute, needs: wants} }
	over := func(n naive, across string) naive { n.across = across; return n }
	return map[string]naive{
		"enrolments":         is(enrolments, members),
		"cancellations":      is(cancellations, left),
		"net_member_growth":  is(netMemberGrowth, members, left),
		"member_growth_rate": is(memberGrowthRate, members, left, atStart),
		"members_open":       is(membersOpen, atEnd),
		"members_open_start": is(membersOpenStart, atStart),
		"churn_explicit":     is(churnExplicit, left, atStart),
		"retention_rate":     is(retentionRate, left, atStart),
		"lapse_rate":         is(lapseRate, atStart, lapsing),
		"reactivation_rate":  is(reactivationRate, atStart, lapsing),
		"one_and_done_rate":  is(oneAndDoneRate, members, doing(0)),
		"activation_rate":    is(activationRate, members, ordered),
		"consent_rate":       is(consentRate, atEnd, list("members", "consent_marketing")),

		"active_rate":               is(activeRate, atEnd, doing(0)),
		"participation_rate":        is(participationRate, atEnd, moved("issued")),
		"login_rate":                is(loginRate, atEnd, engaged),
		"messages_delivered":        is(messagesDelivered, engaged),
		"open_rate":                 is(openRate, engaged),
		"click_rate":                is(clickRate, engaged),
		"click_to_open_rate":        is(clickToOpenRate, engaged),
		"unsubscribe_rate":          is(unsubscribeRate, engaged),
		"challenge_starts":          is(challengeStarts, engaged),
		"challenge_completion_rate": is(challengeCompletionRate, engaged),
		"referrals":                 is(referrals, engaged),

		"points_issued":         is(pointsIssued, moved("issued")),
		"points_redeemed":       is(pointsRedeemed, moved("redeemed")),
		"points_expired":        is(pointsExpired, moved("expired")),
		"points_reversed":       is(pointsReversed, moved("lines")),
		"points_reimbursed":     is(pointsReimbursed, moved("lines")),
		"points_adjusted":       is(pointsAdjusted, moved("adjusted")),
		"outstanding_points":    is(outstandingPoints, balance()),
		"points_expiring_30d":   is(pointsExpiring30, balance("expires_at")),
		"points_expiring_60d":   is(pointsExpiring60, balance("expires_at")),
		"points_expiring_90d":   is(pointsExpiring90, balance("expires_at")),
		"redemption_rate":       is(redemptionRate, moved("issued")),
		"burn_to_earn":          is(burnToEarn, moved("issued")),
		"earn_to_burn":          is(earnToBurn, moved("issued")),
		"redeemers":             is(redeemers, moved("redeemed")),
		"redeemer_rate":         is(redeemerRate, atEnd, moved("redeemed")),
		"first_redemption_rate": is(firstRedemptionRate, members, flows("points")),
		"earn_velocity":         over(is(earnVelocity, atEnd, moved("issued"), doing(0)), everyone),
		"points_turnover":       over(is(pointsTurnover, moved("redeemed"), balance()), apart),
		"expiry_rate":           is(expiryRate, moved("issued"), moved("expired")),
		"breakage_to_date":      is(breakageToDate, balance()),
		"unredeemed_to_date":    is(unredeemedToDate, balance()),
		"reward_value":          {compute: rewardValue, needs: []needs{valued}},
		"reward_claims":         is(rewardClaims, claimed),
		"points_per_reward":     is(pointsPerReward, claimed),
		"reward_usage_rate":     is(rewardUsageRate, flows("redemptions", "used_at")),
		"reward_cost":           is(rewardCost, claimed, list("rewards", "unit_cost")),
		"reward_cost_ratio":     over(is(rewardCostRatio, claimed, list("rewards", "unit_cost"), ordered), apart),

		"csat":         is(csat, asked),
		"nps":          is(nps, asked),
		"effort_score": is(effortScore, asked),

		"revenue":                   is(revenue, ordered),
		"orders":                    is(memberOrders, ordered),
		"buyers":                    is(buyers, ordered),
		"first_time_buyers":         is(firstTimeBuyers, ordered),
		"sales_penetration":         is(salesPenetration, ordered),
		"transaction_penetration":   is(transactionPenetration, ordered),
		"repeat_purchase_rate":      is(repeatPurchaseRate, ordered),
		"second_purchase_rate_30":   is(secondPurchaseRate30, ordered),
		"second_purchase_rate_60":   is(secondPurchaseRate60, ordered),
		"second_purchase_rate_90":   is(secondPurchaseRate90, ordered),
		"purchase_frequency":        is(purchaseFrequency, ordered),
		"average_order_value":       is(averageOrderValue, ordered),
		"non_member_aov":            is(nonMemberAOV, ordered),
		"revenue_per_member":        over(is(revenuePerMember, atEnd, ordered), everyone),
		"items_per_order":           is(itemsPerOrder, flows("orders", "member_id", "items")),
		"discount_rate":             is(discountRate, flows("orders", "member_id", "gross", "discount")),
		"refund_rate":               is(refundRate, flows("orders", "member_id", "refund")),
		"member_margin":             is(memberMargin, flows("orders", "member_id", "margin")),
		"margin_rate":               is(marginRate, flows("orders", "member_id", "margin")),
		"order_earn_rate":           is(orderEarnRate, ordered, flows("points", "order_id")),
		"reward_attributed_revenue": is(rewardAttributedRevenue, ordered, flows("points", "order_id")),
		"reward_attributed_share":   is(rewardAttributedShare, ordered, flows("points", "order_id")),

		"upgrade_rate":   is(upgradeRate, atStart, list("tier_history"), list("tiers")),
		"downgrade_rate": is(downgradeRate, atStart, list("tier_history"), list("tiers")),
	}
}

// valued wants the value of rewards by claim, or else by month.
func valued(v view) []need {
	if !v.has("redemptions", "value") && v.has("points_monthly", "reward_value") {
		return moved("reward_value")(v)
	}
	return flows("redemptions", "value")(v)
}

// at returns the program's rows through the window as the definition has it:
// that of a cohort lies earlier by its horizon.
func (p *program) at(d metric.Definition, w span, known span) view {
	if d.Lookback > 0 {
		w.start = w.end.AddDate(0, 0, -d.Lookback)
	}
	return view{program: p, span: w.earlier(d.Horizon), known: known.end, cell: everywhere}
}
