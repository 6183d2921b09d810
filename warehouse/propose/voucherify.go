package propose

// cents turns Voucherify's amounts, hundredths of the currency, into units.
func cents(column string) string { return "CAST({" + column + ":num} AS decimal(18,2)) * 0.01" }

// voucherify is the shape of Voucherify's exports. A member is the holder of a
// loyalty card, which is a voucher; points are the transactions of vouchers.
func voucherify() *shape {
	holder := "holderid|customerid"
	return &shape{
		name: "Voucherify",
		roles: []role{
			{id: "cards", means: "vouchers", names: []string{"voucher", "loyaltycard", "card"}, must: []string{"holderid|customerid", "vouchertype|type", "id", "campaign|campaignid", "createdat|creationdate", "loyaltypoints|loyaltybalance|isreferralcode|loyaltycard|code"},
				columns: []string{"id", "code", "vouchertype", "campaign", "campaignid", "startdate", "expirationdate", "loyaltybalance", "loyaltypoints", "redemptionquantity", "redemptioncount", "active", "isreferralcode", "creationdate", "customerid"}},
			{id: "customers", means: "customers", names: []string{"customer"}, must: []string{"id", "sourceid", "createdat"},
				columns: []string{"id", "sourceid", "email", "name", "createdat", "updatedat", "metadata", "birthdate", "phone"}},
			{id: "lines", means: "voucher transactions", names: []string{"vouchertransaction", "loyaltytransaction", "cardtransaction"}, must: []string{"voucherid", "type", "amount|points", "createdat", "id"}, proof: true,
				columns: []string{"id", "campaignid", "voucherid", "type", "sourceid", "reason", "source", "balance", "amount", "relatedtransactionid", "createdat", "details"}},
			{id: "orders", means: "orders", names: []string{"order"}, must: []string{"totalamount", "totaldiscountamount", "itemsdiscountamount", "createdat", "id"},
				columns: []string{"id", "sourceid", "createdat", "updatedat", "status", "amount", "discountamount", "itemsdiscountamount", "totaldiscountamount", "totalamount", "customerid", "referrerid", "metadata"}},
			{id: "rewards", means: "rewards", names: []string{"reward"}, must: []string{"id", "name", "type", "stock|redeemed"},
				columns: []string{"id", "name", "type", "stock", "redeemed", "parameters", "createdat", "updatedat", "metadata"}},
		},
		recipes: []recipe{
			{feed: "members", from: "cards", group: "{" + holder + "}",
				where: []string{"{" + holder + "} IS NOT NULL", "upper({vouchertype|type:text}) = 'LOYALTY_CARD'"},
				notes: []string{"A member is whoever holds a loyalty card, from the day of the first card on."},
				columns: []column{
					{to: "member_id", expr: "{" + holder + "}"},
					{to: "enrolled_at", expr: "min({createdat|creationdate:time})"},
					{to: "status", expr: "CASE WHEN bool_or({active:flag}) THEN 'active' ELSE 'blocked' END"},
				}},
			{feed: "members", from: "customers", most: Guess,
				notes:   []string{"CHECK: every customer counts as a member, because the export of vouchers, which tells who holds a loyalty card, is not there."},
				columns: []column{{to: "member_id", expr: "{id}"}, {to: "enrolled_at", expr: "{createdat}"}}},
			{feed: "orders", from: "orders", columns: []column{
				{to: "order_id", expr: "{id}"}, {to: "ordered_at", expr: "{createdat}"},
				{to: "net", expr: cents("totalamount"), note: "Voucherify keeps hundredths; after all discounts"},
				{to: "member_id", expr: "{customerid}"},
				{to: "gross", expr: cents("amount")}, {to: "discount", expr: cents("totaldiscountamount")},
				{to: "status", expr: "{status}", note: "an order that was created but never paid doesn't count", words: speak([2]string{"cancelled", "canceled cancelled"}, [2]string{"pending", "created"}, [2]string{"completed", "paid fulfilled"})},
			}},
			{feed: "points", from: "lines", joins: []join{{"cards", "card", "{card.id} = {voucherid}"}}, single: []single{{"{campaignid}", "campaigns", ""}}, columns: []column{
				{to: "entry_id", expr: "{id}"},
				{to: "member_id", expr: "{card." + holder + "}"},
				{to: "occurred_at", expr: "{createdat}"},
				{to: "kind", expr: "{type:text}", words: []word{{"points_accrual", "earn", false}, {"pending_points_activation", "earn", false}, {"points_redemption", "redeem", false},
					{"points_refund", "reimburse", false}, {"points_addition", "adjust", false}, {"points_removal", "adjust", true}, {"points_expiration", "expire", false},
					{"points_cancellation", "reverse_earn", false}, {"points_transfer_in", "transfer_in", false}, {"points_transfer_out", "transfer_out", false}}},
				{to: "points", expr: "{amount|points}", signed: true},
				{to: "campaign_id", expr: "{campaignid}"},
			}, where: []string{"upper({type:text}) NOT LIKE 'CREDITS%'"}},
			{feed: "rewards", from: "rewards", columns: []column{
				{to: "reward_id", expr: "{id}"}, {to: "name", expr: "{name}"}, {to: "cost_points", expr: "{costpoints|points|loyaltypoints}"}, {to: "type", expr: "{type}"},
			}},
			{feed: "redemptions", from: "lines", joins: []join{{"cards", "card", "{card.id} = {voucherid}"}}, most: Likely,
				where: []string{"upper({type:text}) = 'POINTS_REDEMPTION'"},
				columns: []column{
					{to: "redemption_id", expr: "{id}"}, {to: "member_id", expr: "{card." + holder + "}"},
					{to: "reward_id", expr: "((CAST({details} AS json) -> 'reward') ->> 'id')", note: "from the details, which are JSON"},
					{to: "redeemed_at", expr: "{createdat}"}, {to: "points", expr: "abs({amount|points:num})"},
				}},
		},
	}
}
