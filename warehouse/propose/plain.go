package propose

import (
	"cmp"
	"slices"
	"strings"

	"loyaltymcp/warehouse"
)

// vendors returns the shapes of known systems.
func vendors() []*shape {
	all := []*shape{openLoyalty(), voucherify(), salesforce(), talonOne(), shopify()}
	for _, s := range all {
		for i, r := range s.recipes {
			if r.feed == "orders" && r.group == "" {
				s.recipes[i].columns = append(r.columns, column{to: "currency", expr: "{" + currencyNames + "}"})
			}
		}
	}
	return all
}

// The usual names of a member's id, of a time and of an amount.
const (
	memberID = "memberid|loyaltymemberid|loyaltyid|loyaltynumber|loyaltyaccountid|membershipnumber|membershipid|membernumber|memberno|cardnumber|loyaltycardnumber|customerid|customernumber|shopperid|guestid|userid|accountid|clientid|contactid|profileid"
	moment   = "createdat|created|date|timestamp|datetime|eventtime|eventdate"
	// currencyNames are those of the code beside an amount.
	currencyNames = "currency|currencycode|currencyisocode|ordercurrency|isocurrency"
	netMoney      = "net|netamount|netrevenue|netsales|nettotal|totalnet|orderamountnet|revenue|subtotal|amount|totalamount|ordertotal|total|grandtotal|totalprice|ordervalue|value|price"
)

// plainShape is the shape of tables that look like the feed contract, by its
// names or the usual other ones. How members are identified depends on which
// id the tables share.
func plainShape(tables []warehouse.Table, readable []int) *shape {
	key := sharedKey(tables, readable)
	id := first(key, memberID)
	s := &shape{name: "a loyalty program in tables of its own", plain: true}
	add := func(feed, names string, r recipe, must ...string) {
		s.roles = append(s.roles, role{id: feed, means: feed, names: strings.Fields(names), must: must, columns: contractColumns(feed)})
		r.feed, r.from = feed, feed
		s.recipes = append(s.recipes, r)
	}
	member := first(key, "memberid|id|"+memberID)
	add("members", "member customer shopper guest user account client profile contact participant cardholder membership", recipe{columns: []column{
		{to: "member_id", expr: "{" + member + "}"},
		{to: "enrolled_at", expr: "{enrolledat|enrollmentdate|enrolmentdate|enrolleddate|joinedat|joindate|joined|joinedon|signupdate|signedupat|registeredat|registrationdate|membersince|createdat|created|createdon|datecreated}"},
		{to: "enrolled_at", expr: "make_date({enrollmentyear|enrolmentyear|joinyear|signupyear:int}, {enrollmentmonth|enrolmentmonth|joinmonth|signupmonth:int}, 1)", month: true},
		{to: "tier", expr: "{tier|tiername|loyaltytier|loyaltylevel|membershiplevel|viptier|level|loyaltycard}"},
		{to: "region", expr: "{region|province|market|country|countrycode|state}"},
		{to: "channel", expr: "{channel|enrollmentchannel|enrolmentchannel|signupchannel|acquisitionchannel|enrollmenttype|source}"},
		{to: "status", expr: "CASE WHEN {cancellationyear} IS NULL THEN 'active' ELSE 'cancelled' END"},
		{to: "status", expr: "{status|memberstatus|accountstatus}", words: memberStatus},
		{to: "cancelled_at", expr: "{cancelledat|canceledat|closedat|cancellationdate|leftat|terminatedat|deletedat|churnedat}"},
		{to: "cancelled_at", expr: "CASE WHEN {cancellationyear} IS NOT NULL THEN make_date({cancellationyear:int}, {cancellationmonth:int}, 1) END", month: true},
		{to: "consent_marketing", expr: "{consentmarketing|marketingconsent|marketingoptin|emailoptin|optin|acceptsmarketing|newsletter}"},
		{to: "is_test", expr: "{istest|test|testaccount|istestaccount}"},
	}}, member)
	add("tiers", "tier level tierdefinition tierrule", recipe{columns: []column{
		{to: "tier", expr: "{tier|tiername|name|level|code}"}, {to: "rank", expr: "{rank|tierrank|level|sequence|sequencenumber|sortorder|position|tierorder}"},
		{to: "qualify_threshold", expr: "{qualifythreshold|threshold|minpoints|minimumpoints|minspend|minimumspend|requiredpoints|requiredspend}"},
		{to: "qualify_basis", expr: "{qualifybasis}"}, {to: "period", expr: "{period}"},
	}}, "tier|tiername|name|code", "rank|tierrank|level|sequence|sequencenumber|sortorder|position|tierorder")
	add("tier_history", "tierhistory membertier tierchange membertierhistory tiermove tiermovement tierassignment customertier", recipe{columns: []column{
		{to: "member_id", expr: "{" + id + "}"}, {to: "tier", expr: "{tier|tiername|newtier|totier|level}"},
		{to: "effective_from", expr: "{effectivefrom|validfrom|startdate|startedat|fromdate|assignedat|changedat|effectivedate|" + moment + "}"},
		{to: "effective_to", expr: "{effectiveto|validto|enddate|endedat|todate}"}, {to: "reason", expr: "{reason}"},
	}}, id, "tier|tiername|newtier|totier|level")
	add("orders", "order sale purchase transaction invoice receipt salesorder orderheader salestransaction customerorder checkout", recipe{columns: []column{
		{to: "order_id", expr: "{orderid|ordernumber|orderno|transactionid|saleid|purchaseid|invoiceid|receiptid|id}"},
		{to: "ordered_at", expr: "{orderedat|orderdate|placedat|purchasedat|purchasedate|transactiondate|saledate|processedat|" + moment + "}"},
		{to: "net", expr: "{net|netamount|netrevenue|netsales|nettotal|totalnet}"},
		{to: "net", expr: "CAST({netcents|amountcents|totalcents|netminor|amountminor:num} AS decimal(18,2)) * 0.01", note: "the name says hundredths"},
		{to: "net", expr: "{" + netMoney + "}", most: Guess, note: "is it after discounts and refunds, without tax and shipping?"},
		{to: "member_id", expr: "{" + id + "}"},
		{to: "gross", expr: "{gross|grossamount|grosstotal}"}, {to: "discount", expr: "{discount|discountamount|totaldiscount|totaldiscounts}"},
		{to: "refund", expr: "{refund|refundamount|refundedamount|refunded}"}, {to: "margin", expr: "{margin|grossmargin}"},
		{to: "channel", expr: "{channel|saleschannel|orderchannel|sourcename|source}"}, {to: "region", expr: "{region|country|countrycode|market}"},
		{to: "items", expr: "{items|itemcount|quantity|units}"}, {to: "status", expr: "{status|orderstatus|state}", words: orderStatus},
	}}, id, "orderid|ordernumber|orderno|transactionid|saleid|purchaseid|invoiceid|receiptid|id")
	points := "points|pointamount|pointsamount|pointsdelta|pointschange"
	add("points", "point pointledger ledger pointtransaction pointentry pointhistory transactionpoint pointlog pointmovement pointactivity pointline rewardpoint loyaltyledger loyaltytransaction loyaltypoint",
		ledger(id, points), id, points)
	// An amount is one of points only where the table's name says so.
	s.roles = append(s.roles, role{id: "amounts", means: "points", names: strings.Fields("pointledger pointtransaction pointentry pointhistory transactionpoint pointlog pointmovement loyaltyledger loyaltytransaction"),
		must: []string{id, "amount|delta|quantity"}, columns: contractColumns("points")})
	amounts := ledger(id, "amount|delta|quantity")
	amounts.feed, amounts.from = "points", "amounts"
	s.recipes = append(s.recipes, amounts)
	add("points_monthly", "pointmonthly monthlypoint activity memberactivity flightactivity customerflightactivity monthlyactivity memberpointmonthly", recipe{columns: []column{
		{to: "member_id", expr: "{" + id + "}"},
		{to: "month", expr: "make_date({year:int}, {month:int}, 1)"}, {to: "month", expr: "{month|period|monthstart|yearmonth}"},
		{to: "earned", expr: "{earned|pointsearned|pointsaccumulated|pointsissued}"}, {to: "redeemed", expr: "{redeemed|pointsredeemed|pointsspent}"},
		{to: "expired", expr: "{expired|pointsexpired}"}, {to: "adjusted", expr: "{adjusted|pointsadjusted}"},
		{to: "reward_value", expr: "{rewardvalue|dollarcostpointsredeemed|redemptionvalue}"}, {to: "opening_balance", expr: "{openingbalance}"},
	}}, id, "month|period|monthstart|yearmonth")
	add("rewards", "reward rewardcatalog rewardcatalogue catalogreward rewarditem", recipe{columns: []column{
		{to: "reward_id", expr: "{rewardid|id|rewardcode|sku}"}, {to: "name", expr: "{name|rewardname|title}"},
		{to: "cost_points", expr: "{costpoints|pointscost|pointcost|costinpoints|pointsrequired|requiredpoints|pointsprice|points}"}, {to: "unit_cost", expr: "{unitcost}"},
		{to: "type", expr: "{type|rewardtype|category}"}, {to: "active_from", expr: "{activefrom|validfrom|startdate}"}, {to: "active_to", expr: "{activeto|validto|enddate}"},
	}}, "rewardid|id|rewardcode|sku", "name|rewardname|title")
	add("redemptions", "redemption rewardredemption claim rewardclaim pointredemption redeemedreward issuedreward memberreward", recipe{columns: []column{
		{to: "redemption_id", expr: "{redemptionid|claimid|id}"}, {to: "member_id", expr: "{" + id + "}"}, {to: "reward_id", expr: "{rewardid|rewardcode|reward|rewardname}"},
		{to: "redeemed_at", expr: "{redeemedat|redemptiondate|claimedat|issuedat|" + moment + "}"}, {to: "points", expr: "{points|pointsspent|pointsredeemed|pointsused|costpoints|pointscost|pointcost}"},
		{to: "value", expr: "{value}"}, {to: "status", expr: "{status}", words: speak([2]string{"cancelled", "cancelled canceled refunded void"}, [2]string{"issued", "issued"}, [2]string{"used", "used"}, [2]string{"expired", "expired"})}, {to: "used_at", expr: "{usedat}"},
	}}, id, "rewardid|rewardcode|reward|rewardname")
	s.addRest(id)
	s.byName()
	return s
}

// byName lets every column of the contract that a recipe doesn't make be taken
// under its own name: what a table has is never left out.
func (s *shape) byName() {
	usual := map[string]string{"currency": currencyNames, "guest": "guest|isguest"}
	for i, r := range s.recipes {
		for _, c := range contractOf(r.feed).Columns {
			if !slices.ContainsFunc(r.columns, func(made column) bool { return made.to == c.Name }) {
				s.recipes[i].columns = append(s.recipes[i].columns, column{to: c.Name, expr: "{" + cmp.Or(usual[c.Name], plainName(c.Name)) + "}"})
			}
		}
	}
}

// ledger is the recipe of a points ledger whose amounts have the names.
func ledger(id, points string) recipe {
	return recipe{columns: []column{
		{to: "entry_id", expr: "{entryid|ledgerid|transactionid|pointid|pointsid|lineid|uuid|id}"}, {to: "member_id", expr: "{" + id + "}"},
		{to: "occurred_at", expr: "{occurredat|transactiondate|transactedat|postedat|entrydate|activitydate|bookedat|" + moment + "}"},
		{to: "kind", expr: "{kind|type|entrytype|transactiontype|pointtype|pointstype|eventtype|movementtype|action|reason}", words: kinds},
		{to: "kind", expr: "CASE WHEN {" + points + ":num} < 0 THEN 'redeem' ELSE 'earn' END", most: Guess, note: "no column tells the kinds of line, so the sign does; expiries and corrections are taken for redemptions"},
		{to: "points", expr: "{" + points + "}", signed: true},
		{to: "expires_at", expr: "{expiresat|expirydate|expirationdate|expireson|validuntil|expiry}"},
		{to: "lot_id", expr: "{lotid}"}, {to: "order_id", expr: "{orderid|ordernumber}"}, {to: "reward_id", expr: "{rewardid}"},
		{to: "campaign_id", expr: "{campaignid|campaign}"}, {to: "status", expr: "{status}", words: lineStatus}, {to: "unit_cost", expr: "{unitcost}"},
	}}
}

func contractOf(feed string) warehouse.Feed {
	return warehouse.Feeds()[slices.Index(warehouse.FeedNames(), feed)]
}

func contractColumns(feed string) []string {
	var names []string
	for _, c := range contractOf(feed).Columns {
		names = append(names, plainName(c.Name))
	}
	return names
}

// addRest adds the feeds that are known by the contract's names alone.
func (s *shape) addRest(id string) {
	names := map[string]string{"engagement": "engagement engagementevent event contactevent memberevent", "surveys": "survey surveyresponse surveyanswer response nps csat feedback",
		"experiments": "experiment test abtest", "assignments": "assignment experimentassignment arm variantassignment", "outcomes": "outcome experimentoutcome"}
	for _, contract := range warehouse.Feeds() {
		if _, rest := names[contract.Name]; !rest {
			continue
		}
		r := role{id: contract.Name, means: contract.Name, names: strings.Fields(names[contract.Name]), columns: contractColumns(contract.Name)}
		made := recipe{feed: contract.Name, from: contract.Name}
		for _, c := range contract.Columns {
			expr := plainName(c.Name)
			switch {
			case c.Name == "member_id":
				expr = id
			case c.Name == "occurred_at", c.Name == "responded_at", c.Name == "assigned_at":
				expr = first(expr, moment)
			case c.Name == "unit_id":
				expr = first(expr, id)
			case c.Name == "experiment_id":
				expr = first(expr, "experimentkey|experiment")
			case c.Name == "arm":
				expr = first(expr, "variant|variation|variationid|grp|treatment")
			}
			if c.Required {
				r.must = append(r.must, expr)
			}
			made.columns = append(made.columns, column{to: c.Name, expr: "{" + expr + "}"})
		}
		s.roles, s.recipes = append(s.roles, r), append(s.recipes, made)
	}
}

// first puts a name before the others.
func first(name, others string) string {
	names := slices.DeleteFunc(strings.Split(others, "|"), func(n string) bool { return n == name })
	if name != "" {
		names = append([]string{name}, names...)
	}
	return strings.Join(names, "|")
}

// sharedKey returns the plain name of the id that a table of members has in
// common with most other tables, "" when they have none: then the members'
// own id is what the others refer to.
func sharedKey(tables []warehouse.Table, readable []int) string {
	names := strings.Split(memberID, "|")
	count := make([]int, len(names))
	own := make([]bool, len(names))
	for _, i := range readable {
		isMembers := called(tables[i].Name, []string{"member", "customer", "shopper", "guest", "participant", "membership"})
		for _, c := range tables[i].Columns {
			if n := slices.Index(names, plainName(c.Name)); n >= 0 {
				count[n]++
				own[n] = own[n] || isMembers
			}
		}
	}
	best := -1
	for n := range names {
		if own[n] && count[n] > 1 && (best < 0 || count[n] > count[best]) {
			best = n
		}
	}
	if best < 0 {
		return ""
	}
	return names[best]
}
