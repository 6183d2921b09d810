package propose

// openLoyalty is the shape of Open Loyalty's data exports: files of unit
// transfers, members, transactions, rewards, redemptions, tiers and tier
// changes, keyed by camel-case ids.
func openLoyalty() *shape {
	tier := "{tr.name}"
	return &shape{
		name: "Open Loyalty",
		roles: []role{
			{id: "members", means: "members", names: []string{"member", "customer"}, must: []string{"memberid", "createdat", "levelid|loyaltycardnumber"}, proof: true,
				columns: []string{"memberid", "active", "channelid", "gender", "birthdate", "loyaltycardnumber", "createdat", "updatedat", "levelid", "manuallyassignedlevelid", "agreement1", "agreement2", "transactionscount", "transactionsamount"}},
			{id: "transfers", means: "unit transfers", names: []string{"unittransfer", "pointtransfer", "pointstransfer"}, must: []string{"points", "memberid", "type", "transferid|pointstransferid", "createdat"}, proof: true,
				columns: []string{"transferid", "points", "memberid", "walletid", "wallettypecode", "type", "createdat", "expiredat", "cancelled", "locked", "unlockat", "transactionid", "campaignid"}},
			{id: "transactions", means: "transactions", names: []string{"transaction"}, must: []string{"documenttype", "transactionid|documentnumber", "grossvalue|transactionamount|amount"},
				columns: []string{"transactionid", "documentnumber", "documenttype", "purchasedat", "purchaseplace", "grossvalue", "memberid", "channelid"}},
			{id: "tiers", means: "tiers", names: []string{"tier", "level"}, must: []string{"levelid", "name", "conditionvalue"},
				columns: []string{"levelid", "name", "active", "conditionvalue", "tiersetid", "tiersetname", "createdat", "updatedat"}},
			{id: "changes", means: "member tier changes", names: []string{"membertierchange", "tierchange"}, must: []string{"memberid", "currenttierid", "updatedat|createdat"},
				columns: []string{"memberid", "tiersetid", "currenttierid", "assignedmanuallytierat", "createdat", "updatedat"}},
			{id: "rewards", means: "rewards", names: []string{"reward"}, must: []string{"rewardid", "name", "costinpoints"},
				columns: []string{"rewardid", "type", "name", "levels", "active", "costinpoints", "price", "usagelimit", "createdat"}},
			{id: "issued", means: "reward redemptions", names: []string{"redemption", "issuedreward"}, must: []string{"issuedrewardid", "memberid", "costinpoints"}, proof: true,
				columns: []string{"issuedrewardid", "memberid", "name", "costinpoints", "token", "redemptiondate", "rewardtype", "status", "createdat", "updatedat"}},
		},
		recipes: []recipe{
			{feed: "members", from: "members", joins: []join{{"tiers", "tr", "{tr.levelid} = {levelid}"}}, columns: []column{
				{to: "member_id", expr: "{memberid}"},
				{to: "enrolled_at", expr: "{createdat}"},
				{to: "tier", expr: tier}, {to: "tier", expr: "{levelid}", note: "an id: export the tiers too to get names"},
				{to: "channel", expr: "{channelidentifier|channelname|channelid}"},
				{to: "status", expr: "CASE WHEN {active:flag} THEN 'active' ELSE 'blocked' END", note: "inactive members are blocked, not cancelled: the export has no date of leaving"},
				{to: "consent_marketing", expr: "coalesce({agreement2:flag}, false)", note: "agreement2 is consent to marketing"},
			}},
			{feed: "tiers", from: "tiers", columns: []column{
				{to: "tier", expr: "{name}"},
				{to: "rank", expr: "row_number() OVER (ORDER BY {conditionvalue:num} NULLS FIRST)", note: "by rising condition"},
				{to: "qualify_threshold", expr: "{conditionvalue}"},
			}, single: []single{{"{tiersetid}", "tier sets", ""}}},
			{feed: "tier_history", from: "changes", joins: []join{{"tiers", "tr", "{tr.levelid} = {currenttierid}"}}, most: Likely,
				notes: []string{"A file of tier changes holds the state at the end of one day. Stack the daily files for a history."},
				where: []string{"{currenttierid} IS NOT NULL"},
				columns: []column{
					{to: "member_id", expr: "{memberid}"},
					{to: "tier", expr: tier}, {to: "tier", expr: "{currenttierid}"},
					{to: "effective_from", expr: "{updatedat|createdat}"},
				}},
			{feed: "orders", from: "transactions", columns: []column{
				{to: "order_id", expr: "{transactionid|documentnumber}"},
				{to: "ordered_at", expr: "{purchasedat|purchasedate|createdat}"},
				{to: "net", expr: "CASE WHEN lower({documenttype:text}) = 'return' THEN -abs({grossvalue|transactionamount|amount:num}) ELSE {grossvalue|transactionamount|amount:num} END", most: Likely, note: "gross value means with tax here; returns take away"},
				{to: "member_id", expr: "{memberid}"},
				{to: "channel", expr: "{channelidentifier|channelname|channelid}"},
				{to: "region", expr: "{purchaseplace}"},
			}},
			{feed: "points", from: "transfers", single: []single{{"{wallettypecode|walletid}", "kinds of wallet", ""}}, columns: []column{
				{to: "entry_id", expr: "{transferid|pointstransferid}"},
				{to: "member_id", expr: "{memberid}"},
				{to: "occurred_at", expr: "{createdat}"},
				{to: "kind", expr: "{type:text}", words: []word{{"adding", "earn", false}, {"spending", "redeem", false}, {"expired", "expire", false},
					{"blocked", "adjust", true}, {"p2p_adding", "transfer_in", false}, {"p2p_spending", "transfer_out", false}}},
				{to: "points", expr: "{points}", signed: true, unsigned: true},
				{to: "expires_at", expr: "CASE WHEN lower({type:text}) IN ('adding', 'p2p_adding') THEN {expiredat:time} END"},
				{to: "order_id", expr: "{transactionid}"},
				{to: "campaign_id", expr: "{campaignid}"},
				{to: "status", expr: "CASE WHEN coalesce({cancelled:flag}, false) THEN 'cancelled' WHEN coalesce({locked:flag}, false) OR lower({type:text}) = 'blocked' THEN 'pending' ELSE 'active' END",
					note: "cancelled, locked and blocked units don't count"},
				{to: "status", expr: "CASE WHEN coalesce({cancelled:flag}, false) THEN 'cancelled' ELSE 'active' END"},
			}},
			{feed: "rewards", from: "rewards", columns: []column{
				{to: "reward_id", expr: "{rewardid}"}, {to: "name", expr: "{name}"}, {to: "cost_points", expr: "{costinpoints}"}, {to: "type", expr: "{type}"},
				{to: "active_from", expr: "{activefrom|createdat}"}, {to: "active_to", expr: "{activeto}"},
			}},
			{feed: "redemptions", from: "issued", joins: []join{{"rewards", "r", ""}}, columns: []column{
				{to: "redemption_id", expr: "{issuedrewardid}"}, {to: "member_id", expr: "{memberid}"},
				{to: "reward_id", expr: "{rewardid}"}, {to: "reward_id", expr: "coalesce((SELECT min({r.rewardid:text}) FROM {@r} AS r WHERE {r.name} = {name}), {name:text})", note: "the export names the reward, and has no id of it"},
				{to: "reward_id", expr: "{name}", note: "the export names the reward, and has no id of it"},
				{to: "redeemed_at", expr: "{redemptiondate|createdat}"}, {to: "points", expr: "{costinpoints}"},
				{to: "status", expr: "{status}", words: speak([2]string{"cancelled", "cancelled canceled"}, [2]string{"issued", "issued"}, [2]string{"used", "used redeemed"}, [2]string{"expired", "expired"})},
			}},
		},
	}
}
