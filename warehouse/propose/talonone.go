package propose

// talonOne is the shape of Talon.One's exports and API objects: a log of point
// transactions by customer profile, profiles, and customer sessions.
func talonOne() *shape {
	profile := "customerprofileid|profileintegrationid|profileid"
	name := "Without lines of type expire the log doesn't say when points expired, and the balance comes out too high."
	return &shape{
		name: "Talon.One",
		roles: []role{
			{id: "log", means: "loyalty transactions", names: []string{"loyaltytransaction", "transactionlog", "ledger", "loyaltylog", "loyaltypoint"}, must: []string{"customerprofileid|profileintegrationid", "type", "amount", "subledgerid", "created|createdat|startdate"}, proof: true,
				columns: []string{"transactionuuid", "programid", "campaignid", "created", "type", "amount", "name", "startdate", "expirydate", "customerprofileid", "subledgerid", "customersessionid", "rulesetid", "rulename"}},
			{id: "joins", means: "loyalty join dates", names: []string{"joindate", "loyaltymember", "membership"}, must: []string{"joindate|joined", profile},
				columns: []string{"customerprofileid", "joindate", "programid"}},
			{id: "profiles", means: "customer profiles", names: []string{"profile", "customer"}, must: []string{"integrationid", "created", "closedsessions|totalsales|lastactivity"},
				columns: []string{"id", "created", "integrationid", "attributes", "accountid", "closedsessions", "totalsales", "lastactivity"}},
			{id: "sessions", means: "customer sessions", names: []string{"session"}, must: []string{"integrationid", "created", "state", "total", "profileid|profileintegrationid"}, proof: true,
				columns: []string{"integrationid", "created", "applicationid", "profileid", "state", "total", "cartitemtotal", "additionalcosttotal", "cartitems", "updated"}},
			{id: "tiers", means: "customer tiers", names: []string{"tier"}, must: []string{"customerprofileid|profileintegrationid", "tier|tiername|name", "startdate|created"}, byName: true,
				columns: []string{"customerprofileid", "programid", "subledgerid", "tier", "startdate", "expirydate"}},
		},
		recipes: []recipe{
			{feed: "members", from: "joins", single: []single{{"{programid|loyaltyprogramid}", "loyalty programs", ""}}, columns: []column{
				{to: "member_id", expr: "{" + profile + "}"}, {to: "enrolled_at", expr: "{joindate|joined}"},
			}},
			{feed: "members", from: "profiles", most: Guess, notes: []string{"CHECK: every profile counts as a member, from its creation on. Export the loyalty join dates to know who joined, and when."}, columns: []column{
				{to: "member_id", expr: "{integrationid}"}, {to: "enrolled_at", expr: "{created}"},
			}},
			{feed: "members", from: "log", most: Guess, group: "{" + profile + "}",
				notes: []string{"CHECK: a member is whoever has points, from the first line of the log on. Export the loyalty join dates to know who joined, and when."}, columns: []column{
					{to: "member_id", expr: "{" + profile + "}"}, {to: "enrolled_at", expr: "min({created|createdat|startdate:time})"},
				}},
			{feed: "tier_history", from: "tiers", most: Likely, columns: []column{
				{to: "member_id", expr: "{customerprofileid|profileintegrationid}"}, {to: "tier", expr: "{tier|tiername|name}"}, {to: "effective_from", expr: "{startdate|created}"},
			}},
			{feed: "orders", from: "sessions", most: Likely, columns: []column{
				{to: "order_id", expr: "{integrationid}"}, {to: "ordered_at", expr: "{created}"},
				{to: "net", expr: "{total:num} - coalesce({totaldiscounts|totaldiscount|discount:num}, 0)"},
				{to: "net", expr: "{total}", most: Guess, note: "a session's total is before discounts"},
				{to: "member_id", expr: "{profileid|profileintegrationid}"},
				{to: "gross", expr: "{total}"}, {to: "discount", expr: "{totaldiscounts|totaldiscount|discount}"},
				{to: "status", expr: "{state}", words: speak([2]string{"completed", "closed"}, [2]string{"pending", "open"}, [2]string{"cancelled", "cancelled canceled"}, [2]string{"refunded", "partially_returned"})},
			}},
			{feed: "points", from: "log", most: Likely, notes: []string{name}, single: []single{{"{subledgerid}", "subledgers", ""}, {"{programid}", "loyalty programs", ""}}, columns: []column{
				{to: "entry_id", expr: "{transactionuuid|id}"},
				{to: "member_id", expr: "{customerprofileid|profileintegrationid}"},
				{to: "occurred_at", expr: "{created|createdat|startdate}"},
				{to: "kind", expr: "{type:text}", words: []word{{"addition", "earn", false}, {"subtraction", "redeem", false}, {"expire", "expire", false}}},
				{to: "points", expr: "{amount}", signed: true, unsigned: true},
				{to: "expires_at", expr: "{expirydate}"}, {to: "order_id", expr: "{customersessionid}"}, {to: "campaign_id", expr: "{campaignid}"},
				{to: "status", expr: "CASE WHEN lower({startdate:text}) = 'on_action' THEN 'pending' WHEN lower({type:text}) = 'expiring' THEN 'pending' ELSE 'active' END", note: "points that wait for an action don't count yet"},
			}},
			{feed: "redemptions", from: "log", most: Likely, notes: []string{"A redemption is a subtraction; its reward is named after the rule that made it."},
				where: []string{"lower({type:text}) = 'subtraction'"},
				columns: []column{
					{to: "redemption_id", expr: "{transactionuuid|id}"}, {to: "member_id", expr: "{customerprofileid|profileintegrationid}"},
					{to: "reward_id", expr: "coalesce({rulename:text}, {name:text})"}, {to: "reward_id", expr: "{rulename|name}"}, {to: "redeemed_at", expr: "{created|createdat|startdate}"}, {to: "points", expr: "abs({amount:num})"},
				}},
		},
	}
}
