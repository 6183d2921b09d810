package propose

// shopify is the shape of Shopify's customers and orders, from the API or a
// connector, and as the admin's CSV exports. Shopify keeps no points.
func shopify() *shape {
	status := "CASE WHEN {cancelledat|canceledat} IS NOT NULL THEN 'cancelled' " +
		"WHEN lower({financialstatus:text}) IN ('voided') THEN 'void' " +
		"WHEN lower({financialstatus:text}) IN ('pending', 'authorized', 'expired') THEN 'pending' " +
		"WHEN lower({financialstatus:text}) IN ('refunded', 'partially_refunded') THEN 'refunded' ELSE 'completed' END"
	tested := "CASE WHEN {test:flag} THEN 'void' " + status[len("CASE "):]
	region := "{shippingaddresscountrycode|shippingcountry|shippingaddresscountry|billingaddresscountrycode|billingcountry}"
	return &shape{
		name: "Shopify",
		lacks: map[string]string{
			"points": "Shopify keeps no points, the loyalty app beside it does; put the export of its ledger beside these tables and run init again",
		},
		roles: []role{
			{id: "customers", means: "customers", names: []string{"customer"}, must: []string{"id|customerid", "orderscount|totalspent|totalorders|verifiedemail|acceptsmarketing", "createdat"},
				columns: []string{"id", "createdat", "updatedat", "orderscount", "totalspent", "acceptsmarketing", "state", "verifiedemail", "currency", "tags"}},
			{id: "orders", means: "orders", names: []string{"order"}, must: []string{"id", "customerid|customer", "financialstatus", "totalprice", "createdat|processedat"}, proof: true,
				columns: []string{"id", "customerid", "createdat", "processedat", "cancelledat", "currency", "financialstatus", "fulfillmentstatus", "subtotalprice", "totalprice", "totaldiscounts", "sourcename"}},
			{id: "export", means: "order export", names: []string{"order"}, must: []string{"name", "email", "financialstatus", "subtotal", "createdat"}, proof: true,
				columns: []string{"name", "email", "financialstatus", "paidat", "fulfillmentstatus", "currency", "subtotal", "shipping", "taxes", "total", "discountcode", "discountamount", "createdat", "refundedamount", "source", "cancelledat"}},
		},
		recipes: []recipe{
			{feed: "members", from: "customers", most: Likely, notes: []string{"CHECK: every customer counts as a member. If a tag or a field tells members, add it as a WHERE."}, columns: []column{
				{to: "member_id", expr: "{id|customerid}"}, {to: "enrolled_at", expr: "{createdat}"},
				{to: "region", expr: "{defaultaddresscountrycode|countrycode|defaultaddresscountry}"},
				{to: "consent_marketing", expr: "{acceptsmarketing|acceptsemailmarketing|emailmarketingconsentstate}"},
			}},
			{feed: "members", from: "export", most: Guess, group: "lower({email})", where: []string{"{email} IS NOT NULL"},
				notes: []string{"CHECK: the export of orders has no customer ids, so a member is an e-mail address, from the first order on."}, columns: []column{
					{to: "member_id", expr: "lower({email})"}, {to: "enrolled_at", expr: "min({createdat:time})"},
				}},
			{feed: "orders", from: "orders", columns: append([]column{
				{to: "order_id", expr: "{id}"}, {to: "ordered_at", expr: "{processedat|createdat}"},
				{to: "net", expr: "{currentsubtotalprice}", note: "after discounts, edits and returns; without shipping"},
				{to: "net", expr: "CASE WHEN lower({financialstatus:text}) = 'refunded' THEN 0 ELSE {subtotalprice:num} END", most: Likely, note: "after discounts and full refunds, but before partial ones; without shipping"},
				{to: "net", expr: "{totalprice}", most: Guess, note: "with shipping and tax, before refunds"},
				{to: "member_id", expr: "{customerid}"},
				{to: "gross", expr: "{totallineitemsprice}"}, {to: "discount", expr: "{totaldiscounts}"},
				{to: "refund", expr: "{subtotalprice:num} - {currentsubtotalprice:num}"},
				{to: "channel", expr: "{sourcename}"}, {to: "region", expr: region},
			}, orderState(tested, status)...)},
			{feed: "orders", from: "export", most: Likely, where: []string{"{subtotal} IS NOT NULL"},
				notes: []string{"The export has a row a line item; only the first row of an order has its totals."},
				columns: append([]column{
					{to: "order_id", expr: "{name}"}, {to: "ordered_at", expr: "{createdat}"},
					{to: "net", expr: "{subtotal:num} - coalesce({refundedamount:num}, 0)", note: "refunds may hold tax and shipping too"},
					{to: "net", expr: "{subtotal}", most: Likely, note: "after discounts and without shipping, but before refunds"},
					{to: "member_id", expr: "lower({email})"},
					{to: "discount", expr: "{discountamount}"}, {to: "refund", expr: "{refundedamount}"},
					{to: "channel", expr: "{source}"}, {to: "region", expr: region},
				}, orderState(tested, status)...)},
		},
	}
}

// orderState makes the status with and without a column that marks tests, and
// where nothing says when an order was cancelled.
func orderState(tested, status string) []column {
	return []column{{to: "status", expr: tested, note: "test orders don't count"}, {to: "status", expr: status}, {to: "status", expr: "{financialstatus}", words: orderStatus}}
}
