package propose

// salesforce is the shape of Salesforce Loyalty Management's objects, as a
// connector copies them.
func salesforce() *shape {
	return &shape{
		name: "Salesforce Loyalty Management",
		roles: []role{
			{id: "members", means: "LoyaltyProgramMember", names: []string{"loyaltyprogrammember"}, must: []string{"id", "enrollmentdate", "membershipnumber|memberstatus"}, proof: true,
				columns: []string{"id", "membershipnumber", "memberstatus", "membertype", "enrollmentdate", "enrollmentchannel", "membershipenddate", "lastactivitydate", "canreceivepromotions", "programid", "contactid", "accountid"}},
			{id: "tiers", means: "LoyaltyTier", names: []string{"loyaltytier"}, byName: true, must: []string{"id", "name", "sequencenumber"},
				columns: []string{"id", "name", "sequencenumber", "loyaltytiergroupid", "minimumeligiblebalance", "maximumeligiblebalance"}},
			{id: "spells", means: "LoyaltyMemberTier", names: []string{"loyaltymembertier"}, must: []string{"loyaltymemberid", "loyaltytierid", "effectivedate|effectivetime"}, proof: true,
				columns: []string{"id", "loyaltymemberid", "loyaltytierid", "loyaltytiergroupid", "effectivedate", "tierexpirationdate", "changereasontype"}},
			{id: "ledger", means: "LoyaltyLedger", names: []string{"loyaltyledger"}, must: []string{"id", "eventtype", "points", "activitydate", "loyaltyprogrammemberid"}, proof: true,
				columns: []string{"id", "loyaltyprogrammemberid", "eventtype", "points", "activitydate", "expirydate", "transactionjournalid", "loyaltyprogramcurrencyid"}},
			{id: "currencies", means: "LoyaltyProgramCurrency", names: []string{"loyaltyprogramcurrency"}, byName: true, must: []string{"id", "currencytype"},
				columns: []string{"id", "name", "currencytype", "loyaltyprogramid", "isactive"}},
			{id: "journals", means: "TransactionJournal", names: []string{"transactionjournal"}, must: []string{"id", "activitydate", "transactionamount", "memberid"},
				columns: []string{"id", "activitydate", "journaltypeid", "journalsubtypeid", "memberid", "transactionamount", "channel", "status", "externaltransactionnumber", "loyaltyprogramid"}},
			{id: "types", means: "JournalType", names: []string{"journaltype"}, byName: true, must: []string{"id", "name"}, columns: []string{"id", "name", "isactive", "developername"}},
			{id: "vouchers", means: "Voucher", names: []string{"voucher"}, must: []string{"voucherdefinitionid", "transactionjournalid"},
				columns: []string{"id", "voucherdefinitionid", "loyaltyprogrammemberid", "transactionjournalid", "status", "facevalue", "effectivedate", "expirationdate", "vouchercode"}},
			{id: "definitions", means: "VoucherDefinition", names: []string{"voucherdefinition"}, byName: true, must: []string{"id", "name", "costpervoucher"},
				columns: []string{"id", "name", "type", "costpervoucher", "effectivedate", "expirationdate", "facevalue", "isactive"}},
		},
		recipes: []recipe{
			{feed: "members", from: "members", single: []single{{"{programid|loyaltyprogramid}", "loyalty programs", ""}}, columns: []column{
				{to: "member_id", expr: "{id}"}, {to: "enrolled_at", expr: "{enrollmentdate}"},
				{to: "channel", expr: "{enrollmentchannel}"},
				{to: "status", expr: "CASE WHEN lower({memberstatus:text}) = 'active' THEN 'active' WHEN lower({memberstatus:text}) = 'merged' THEN 'merged' WHEN {membershipenddate} IS NOT NULL THEN 'cancelled' ELSE 'blocked' END",
					note: "not active and with an end date: cancelled"},
				{to: "status", expr: "{memberstatus}"},
				{to: "cancelled_at", expr: "CASE WHEN lower({memberstatus:text}) <> 'active' THEN {membershipenddate:time} END"},
				{to: "consent_marketing", expr: "{canreceivepromotions}"},
			}},
			{feed: "tiers", from: "tiers", single: []single{{"{loyaltytiergroupid|tiergroupid}", "tier groups", ""}}, columns: []column{
				{to: "tier", expr: "{name}"}, {to: "rank", expr: "{sequencenumber}"}, {to: "qualify_threshold", expr: "{minimumeligiblebalance}"},
			}},
			{feed: "tier_history", from: "spells", joins: []join{{"tiers", "tr", "{tr.id} = {loyaltytierid}"}}, columns: []column{
				{to: "member_id", expr: "{loyaltymemberid}"},
				{to: "tier", expr: "{tr.name}"}, {to: "tier", expr: "{loyaltytierid}", note: "an id: copy LoyaltyTier too to get names"},
				{to: "effective_from", expr: "{effectivetime|effectivedate}"}, {to: "reason", expr: "{changereasontype}"},
			}},
			{feed: "orders", from: "journals", joins: []join{{"types", "jt", "{jt.id} = {journaltypeid}"}}, most: Likely,
				notes: []string{"A journal entry with an amount is taken for an order. Entries without one, such as redemptions, are left out."},
				where: []string{"{transactionamount} IS NOT NULL", "lower(coalesce({jt.name:text}, '')) NOT LIKE '%redemption%'"},
				columns: []column{
					{to: "order_id", expr: "{id}"}, {to: "ordered_at", expr: "{activitydate}"}, {to: "net", expr: "{transactionamount}"},
					{to: "member_id", expr: "{memberid}"}, {to: "channel", expr: "{channel}"},
					{to: "status", expr: "{status}", words: speak([2]string{"completed", "processed"}, [2]string{"pending", "pending"}, [2]string{"void", "error"}, [2]string{"cancelled", "cancelled canceled"})},
				}},
			{feed: "points", from: "ledger", single: []single{{"{loyaltyprogramcurrencyid}", "point currencies", "cur"}}, joins: []join{{"currencies", "cur", "{cur.id} = {loyaltyprogramcurrencyid}"}}, columns: []column{
				{to: "entry_id", expr: "{id}"}, {to: "member_id", expr: "{loyaltyprogrammemberid}"}, {to: "occurred_at", expr: "{activitydate}"},
				{to: "kind", expr: "{eventtype:text}", words: []word{{"credit", "earn", false}, {"debit", "redeem", false}, {"expiry", "expire", false}, {"transfer", "adjust", false}}},
				{to: "points", expr: "{points}", signed: true, unsigned: true},
				{to: "expires_at", expr: "{expirydate}"}, {to: "order_id", expr: "{transactionjournalid}"},
				{to: "status", expr: "CASE WHEN lower(replace({cur.currencytype:text}, '-', '')) = 'qualifying' THEN 'cancelled' ELSE 'active' END",
					note: "qualifying currencies only count towards tiers"},
			}},
			{feed: "rewards", from: "definitions", columns: []column{
				{to: "reward_id", expr: "{id}"}, {to: "name", expr: "{name}"}, {to: "cost_points", expr: "{costpoints|pointscost|requiredpoints}"}, {to: "unit_cost", expr: "{costpervoucher}"},
				{to: "type", expr: "{type}"}, {to: "active_from", expr: "{effectivedate}"}, {to: "active_to", expr: "{expirationdate}"},
			}},
			{feed: "redemptions", from: "ledger", most: Likely, notes: []string{"A redemption is a debit of the ledger; its reward is the voucher of the same journal entry, where there is one."},
				joins: []join{{"vouchers", "v", ""}, {"currencies", "cur", "{cur.id} = {loyaltyprogramcurrencyid}"}},
				where: []string{"lower({eventtype:text}) = 'debit'", "lower(replace(coalesce({cur.currencytype:text}, ''), '-', '')) <> 'qualifying'"},
				columns: []column{
					{to: "redemption_id", expr: "{id}"}, {to: "member_id", expr: "{loyaltyprogrammemberid}"},
					{to: "reward_id", expr: "(SELECT min({v.voucherdefinitionid}) FROM {@v} AS v WHERE {v.transactionjournalid} = {transactionjournalid})"},
					{to: "reward_id", expr: "CAST(NULL AS text)", note: "unknown: copy Voucher too"},
					{to: "redeemed_at", expr: "{activitydate}"}, {to: "points", expr: "abs({points:num})"},
				}},
		},
	}
}
