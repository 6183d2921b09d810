package propose

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"loyaltymcp/warehouse"
)

var types = map[string]warehouse.Type{"id": warehouse.IntegerType, "int": warehouse.IntegerType, "num": warehouse.DecimalType, "text": warehouse.TextType,
	"time": warehouse.TimestampType, "date": warehouse.DateType, "bool": warehouse.BooleanType, "uuid": warehouse.UUIDType, "other": warehouse.OtherType}

// table makes a table of columns such as "id:id kind:text".
func table(name, columns string) warehouse.Table {
	schema, rest, found := strings.Cut(name, ".")
	if !found {
		schema, rest = "", name
	}
	t := warehouse.Table{Schema: schema, Name: rest, Rows: 10}
	for _, c := range strings.Fields(columns) {
		column, typ, _ := strings.Cut(c, ":")
		t.Columns = append(t.Columns, warehouse.Physical{Name: column, Type: types[typ], Native: typ})
	}
	return t
}

// answered proposes with values for columns: "table.column" -> "value -n +n",
// how many rows have negative and positive amounts.
func answered(t *testing.T, tables []warehouse.Table, values map[string][]Value) *Proposal {
	t.Helper()
	answers := Answers{}
	for range 4 {
		p := Propose(tables, answers)
		if len(p.Questions) == 0 {
			return p
		}
		for _, q := range p.Questions {
			if sql := q.SQL(tables); !warehouse.IsSelect(sql) || !strings.Contains(sql, "LIMIT 1000000") {
				t.Errorf("the question %q is unbounded or no SELECT", sql)
			}
			key := tables[q.Table].Name + "." + q.Column
			answer, ok := values[key]
			answers[q] = Answer{Values: answer, Failed: !ok}
		}
	}
	t.Fatal("the questions never end")
	return nil
}

var (
	members = table("members", "member_id:id enrolled_at:time tier:text")
	ledger1 = table("points", "entry_id:id member_id:id occurred_at:time kind:text points:int")
)

func TestContractTablesAreMappedAsTheyAre(t *testing.T) {
	p := answered(t, []warehouse.Table{members, ledger1}, map[string][]Value{"points.kind": {{"earn", 5, 0, 5}, {"redeem", 2, 2, 0}}})
	for _, name := range []string{"members", "points"} {
		if f := p.Feed(name); f.Table != name || f.Confidence != Sure {
			t.Errorf("%s is table %q, sql %q, %s, want its table, sure", name, f.Table, f.SQL, f.Confidence)
		}
	}
	for _, f := range p.Feeds {
		if f.Mapped() && f.Name != "members" && f.Name != "points" {
			t.Errorf("%s is mapped too, from %s", f.Name, f.From[0])
		}
	}
	if p.Shape != "the feed contract" || p.Confidence != Sure {
		t.Errorf("it looks like %s (%s)", p.Shape, p.Confidence)
	}
}

// Points that leave must be negative. The data say whether they are already.
func TestSignsComeFromTheData(t *testing.T) {
	for name, c := range map[string]struct {
		redeem     Value
		flips      bool
		confidence Confidence
	}{
		"signed":   {Value{"Redeemed", 3, 3, 0}, false, Sure},
		"unsigned": {Value{"Redeemed", 3, 0, 3}, true, Sure},
		"both":     {Value{"Redeemed", 3, 2, 1}, false, Guess},
	} {
		t.Run(name, func(t *testing.T) {
			p := answered(t, []warehouse.Table{members, ledger1}, map[string][]Value{"points.kind": {{"Earned", 5, 0, 5}, c.redeem}})
			f := p.Feed("points")
			if got := strings.Contains(f.SQL, `IN ('redeemed')`) && strings.Contains(f.SQL, `THEN -"points" ELSE "points" END`); got != c.flips {
				t.Errorf("flips is %v, want %v:\n%s", got, c.flips, f.SQL)
			}
			if f.Confidence != c.confidence {
				t.Errorf("%s, want %s", f.Confidence, c.confidence)
			}
			if !strings.Contains(f.SQL, "WHEN 'redeemed' THEN 'redeem'") {
				t.Errorf("the kind is not translated:\n%s", f.SQL)
			}
		})
	}
}

// A value that no dictionary knows may be anybody's name: it is counted, never
// written.
func TestStrangeValuesAreNotWritten(t *testing.T) {
	p := answered(t, []warehouse.Table{members, ledger1}, map[string][]Value{"points.kind": {{"Earned", 5, 0, 5}, {"zoe@example.org", 1, 0, 1}, {"Zoe Zeder", 7, 0, 7}}})
	text := string(p.YAML(Options{Warehouse: "duckdb:x", Source: "x"}))
	if strings.Contains(strings.ToLower(text), "zoe") {
		t.Errorf("the file holds a value of the data:\n%s", text)
	}
	if !strings.Contains(strings.Join(p.Feed("points").Notes, " "), "2 values of kind (8 rows)") {
		t.Errorf("notes %q, want the strange values counted", p.Feed("points").Notes)
	}
}

func TestQuestionsThatFailLowerTheConfidence(t *testing.T) {
	f := answered(t, []warehouse.Table{members, ledger1}, nil).Feed("points")
	if !f.Mapped() || f.Confidence != Likely || len(f.Notes) == 0 {
		t.Errorf("mapped %v, %s, notes %q, want mapped, likely, and said so", f.Mapped(), f.Confidence, f.Notes)
	}
}

// Ids of different types never match, so they are compared as text.
func TestMemberIDsAreMadeComparable(t *testing.T) {
	lines := table("points", "entry_id:id member_id:text occurred_at:time kind:text points:int")
	p := answered(t, []warehouse.Table{members, lines}, map[string][]Value{"points.kind": {{"earn", 1, 0, 1}}})
	if f := p.Feed("members"); !strings.Contains(f.SQL, `CAST("member_id" AS text) AS member_id`) {
		t.Errorf("members is table %q, sql %q, want its id as text", f.Table, f.SQL)
	}
	if f := p.Feed("points"); f.Table != "points" {
		t.Errorf("points is %q, want its table", f.SQL)
	}
}

func TestTablesShareAKey(t *testing.T) {
	people := table("customers", "id:id loyalty_number:text created_at:time")
	lines := table("point_transactions", "id:id loyalty_number:text amount:int type:text created_at:time")
	p := answered(t, []warehouse.Table{people, lines}, map[string][]Value{"point_transactions.type": {{"earn", 1, 0, 1}}})
	if f := p.Feed("members"); !strings.Contains(f.SQL, `"loyalty_number" AS member_id`) {
		t.Errorf("members is %q, want the number that the ledger has", f.SQL)
	}
	if f := p.Feed("points"); !strings.Contains(f.SQL, `"loyalty_number" AS member_id`) || !strings.Contains(f.SQL, `"amount" AS points`) {
		t.Errorf("points is %q", f.SQL)
	}
}

// A shop's own points ledger beside its vendor's orders refers to the same
// customers, so both are taken.
func TestOwnLedgerBesideAVendor(t *testing.T) {
	tables := []warehouse.Table{
		table("customers", "id:id created_at:time orders_count:int total_spent:num accepts_marketing:bool verified_email:bool state:text tags:text updated_at:time currency:text"),
		table("orders", "id:id customer_id:id created_at:time processed_at:time cancelled_at:time currency:text financial_status:text fulfillment_status:text subtotal_price:num total_price:num total_discounts:num source_name:text"),
		table("loyalty_points", "id:id customer_id:id points:int type:text created_at:time"),
	}
	p := answered(t, tables, map[string][]Value{"loyalty_points.type": {{"earn", 1, 0, 1}}, "orders.currency": {{"EUR", 9, 0, 0}}})
	if p.Shape != "Shopify" || !strings.Contains(p.Feed("orders").SQL, `ELSE "subtotal_price" END AS net`) || !p.Feed("points").Mapped() {
		t.Errorf("it looks like %s; orders %q; points %q", p.Shape, p.Feed("orders").SQL, p.Feed("points").SQL)
	}
}

// Connectors write names in their own way.
func TestVendorColumnsInSnakeCase(t *testing.T) {
	p := answered(t, []warehouse.Table{
		table("crm.loyalty_program_member", "id:text membership_number:text member_status:text member_type:text enrollment_date:date enrollment_channel:text membership_end_date:date can_receive_promotions:bool program_id:text"),
		table("crm.loyalty_ledger", "id:text loyalty_program_member_id:text event_type:text points:num activity_date:time expiry_date:date transaction_journal_id:text loyalty_program_currency_id:text"),
	}, map[string][]Value{"loyalty_ledger.event_type": {{"Credit", 5, 0, 5}, {"Debit", 2, 0, 2}}, "loyalty_ledger.loyalty_program_currency_id": {{"a", 5, 0, 0}, {"b", 2, 0, 0}},
		"loyalty_program_member.program_id": {{"a", 5, 0, 0}}})
	f := p.Feed("points")
	if p.Shape != "Salesforce Loyalty Management" || !strings.Contains(f.SQL, `FROM "crm"."loyalty_ledger"`) || !strings.Contains(f.SQL, `THEN -"points"`) {
		t.Errorf("it looks like %s; points is %s", p.Shape, f.SQL)
	}
	if f.Confidence != Likely || !strings.Contains(strings.Join(f.Notes, " "), "2 point currencies") {
		t.Errorf("%s, notes %q, want likely because of two currencies", f.Confidence, f.Notes)
	}
}

// A shop whose orders have names in common with a vendor's is no vendor's: its
// amounts would be taken for hundredths.
func TestLikenessIsNoProof(t *testing.T) {
	tables := []warehouse.Table{
		table("customers", "id:id source_id:text email:text created_at:time"),
		table("orders", "id:id customer_id:id created_at:time status:text amount:num total_discount_amount:num items_discount_amount:num total_amount:num"),
	}
	p := answered(t, tables, nil)
	if f := p.Feed("orders"); strings.Contains(f.SQL, "0.01") || f.Confidence != Guess {
		t.Errorf("it looks like %s, orders %s: %s", p.Shape, f.Confidence, f.SQL)
	}
}

func TestSeveralCandidates(t *testing.T) {
	tables := []warehouse.Table{table("backup.members", "member_id:id enrolled_at:time tier:text"), members, ledger1}
	f := answered(t, tables, map[string][]Value{"points.kind": {{"earn", 1, 0, 1}}}).Feed("members")
	if f.Table != "members" || f.Confidence != Likely || !strings.Contains(strings.Join(f.Notes, " "), "backup.members") {
		t.Errorf("table %q, %s, notes %q, want members, likely, and the other named", f.Table, f.Confidence, f.Notes)
	}
}

func TestCurrency(t *testing.T) {
	orders := table("orders", "order_id:id member_id:id ordered_at:time net:num currency:text")
	for name, c := range map[string]struct {
		values []Value
		code   string
		line   string
	}{
		"one":     {[]Value{{"CHF", 9, 0, 0}}, "CHF", "currency: CHF # the one value"},
		"several": {[]Value{{"CHF", 9, 0, 0}, {"EUR", 1, 0, 0}}, "", "currency: XXX # FILL IN"},
		"no code": {[]Value{{"Zoe", 9, 0, 0}}, "", "currency: XXX # FILL IN"},
		"partial": {[]Value{{"CHF", MaxRows, 0, 0}}, "CHF", "first 1000000 rows"},
	} {
		t.Run(name, func(t *testing.T) {
			p := answered(t, []warehouse.Table{members, orders}, map[string][]Value{"orders.currency": c.values})
			text := string(p.YAML(Options{Warehouse: "duckdb:x", Source: "x"}))
			if p.Currency.Code != c.code || !strings.Contains(text, c.line) || strings.Contains(text, "Zoe") {
				t.Errorf("code %q; the file says\n%s\nwant %q", p.Currency.Code, text, c.line)
			}
		})
	}
}

// Databases of other businesses are no loyalty programs.
func TestDecoys(t *testing.T) {
	for name, tables := range map[string][]warehouse.Table{
		"bank":      {table("accounts", "id:id created_at:time status:text"), table("transactions", "id:id account_id:id amount:num type:text created_at:time"), table("ledger", "id:id account_id:id amount:num type:text created_at:time")},
		"invoicing": {table("clients", "id:id created_at:time"), table("invoices", "id:id client_id:id total:num date:date")},
		"blog":      {table("users", "id:id created_at:time"), table("posts", "id:id user_id:id status:text created_at:time")},
		"club":      {table("members", "id:id joined_at:time"), table("events", "id:id member_id:id kind:text created_at:time")},
		"empty":     {},
	} {
		if p := answered(t, tables, nil); p.Shape != "" {
			t.Errorf("%s looks like %s: %q", name, p.Shape, p.Evidence)
		}
	}
}

func TestMissingRequiredColumnIsNamed(t *testing.T) {
	orders := table("orders", "order_id:id member_id:id ordered_at:time")
	p := answered(t, []warehouse.Table{members, ledger1, orders}, map[string][]Value{"points.kind": {{"earn", 1, 0, 1}}})
	text := string(p.YAML(Options{Warehouse: "duckdb:x", Source: "x"}))
	if want := "NOT MAPPED: orders has nothing that could be net."; !strings.Contains(text, want) {
		t.Errorf("the file says\n%s\nwant %q", text, want)
	}
}

// Whatever names hold, the file is YAML whose sql is the proposal's to the
// last character.
func TestNamesDoNotBreakTheFile(t *testing.T) {
	for _, name := range []string{`a"b'c; --`, "a\nb", "a\n  members: {table: x}", "a\tb", "a\u0085b", "# a: {b}", "a \n\n b", "%a & *b", "é😀", "\x7f", "-- x\n"} {
		people := members
		people.Name = "members"
		people.Columns = append([]warehouse.Physical{{Name: "TIER" + name, Type: warehouse.TextType}}, members.Columns[:2]...)
		odd := table("rewards", "id:id")
		odd.Name = "rewards " + name
		p := answered(t, []warehouse.Table{people, ledger1, odd}, map[string][]Value{"points.kind": {{"Earned", 1, 0, 1}}})
		p.Feed("members").SQL = "SELECT " + warehouse.Quote(name) + "\nFROM " + relation(odd)
		p.Feed("members").Table = ""
		p.Feed("orders").Else, p.Feed("orders").ElseFrom, p.Feed("orders").Why = p.Feed("members").SQL, "elsewhere", "it is "+name
		var file struct {
			Feeds map[string]struct{ SQL, Table string }
		}
		text := p.YAML(Options{Name: name, Warehouse: "duckdb:" + name, Source: name})
		if err := yaml.Unmarshal(text, &file); err != nil {
			t.Errorf("%q: %v in\n%s", name, err, text)
			continue
		}
		if got, want := strings.TrimSuffix(file.Feeds["members"].SQL, "\n"), p.Feed("members").SQL; got != want {
			t.Errorf("%q: sql is %q, want %q", name, got, want)
		}
		if len(file.Feeds) != 2 {
			t.Errorf("%q: feeds %v, want 2", name, file.Feeds)
		}
	}
}

func TestNames(t *testing.T) {
	for table, names := range map[string]string{
		"stg_loyalty_members": "member", "dim_customer": "customer", "PointTransactions": "pointtransaction", "members_all_until_2026_01_01": "member",
		"loyalty_transactions": "loyaltytransaction", "tier_history": "tierhistory", "Redemptions": "redemption",
	} {
		if !called(table, []string{names}) {
			t.Errorf("%s is not called %s: words %q", table, names, words(table))
		}
	}
	if called("member_tier_changes", []string{"member"}) {
		t.Error("member_tier_changes is called member")
	}
	if got := plainName("Loyalty Number_2"); got != "loyaltynumber2" {
		t.Errorf("plain name %q", got)
	}
}

// Whatever column of the contract a table has is taken: leaving out currency
// would add up several, leaving out guest would count guests as members.
func TestEveryContractColumnThereIsMapped(t *testing.T) {
	for _, contract := range warehouse.Feeds() {
		for name, member := range map[string]string{"own names": "member_id", "another id": "customer_id"} {
			full := warehouse.Table{Name: contract.Name, Rows: 10}
			for _, c := range contract.Columns {
				full.Columns = append(full.Columns, warehouse.Physical{Name: strings.Replace(c.Name, "member_id", member, 1), Type: typeOf(c.Kind)})
			}
			tables := []warehouse.Table{full}
			for _, other := range []warehouse.Table{table("members", member+":id enrolled_at:time"), table("orders", "order_id:id "+member+":id ordered_at:time net:num")} {
				if other.Name != contract.Name {
					tables = append(tables, other)
				}
			}
			f := answered(t, tables, map[string][]Value{contract.Name + ".kind": {{"earn", 1, 0, 1}}}).Feed(contract.Name)
			if !f.Mapped() || len(f.Missing) > 0 {
				t.Errorf("%s, %s: mapped %v, not found %q", contract.Name, name, f.Mapped(), f.Missing)
			}
			for _, c := range full.Columns {
				if f.SQL != "" && !strings.Contains(f.SQL, warehouse.Quote(c.Name)) {
					t.Errorf("%s, %s: %s is left out of\n%s", contract.Name, name, c.Name, f.SQL)
				}
			}
		}
	}
}

func typeOf(kind warehouse.Kind) warehouse.Type {
	switch kind {
	case warehouse.Time:
		return warehouse.TimestampType
	case warehouse.Exact4, warehouse.Float:
		return warehouse.DecimalType
	case warehouse.Flag:
		return warehouse.BooleanType
	case warehouse.ID:
		return warehouse.IntegerType
	}
	return warehouse.TextType
}

// A vendor's orders keep their currency too.
func TestVendorOrdersKeepTheirCurrency(t *testing.T) {
	p := answered(t, []warehouse.Table{
		table("customers", "id:id created_at:time orders_count:int total_spent:num accepts_marketing:bool verified_email:bool"),
		table("orders", "id:id customer_id:id created_at:time processed_at:time cancelled_at:time currency:text financial_status:text fulfillment_status:text subtotal_price:num total_price:num total_discounts:num source_name:text"),
	}, map[string][]Value{"orders.currency": {{"EUR", 9, 0, 0}, {"USD", 2, 0, 0}}})
	if f := p.Feed("orders"); p.Shape != "Shopify" || !strings.Contains(f.SQL, `"currency"`) {
		t.Errorf("it looks like %s; orders is\n%s\nwant the currency in it", p.Shape, f.SQL)
	}
}

func TestUsualWordsForKinds(t *testing.T) {
	for value, want := range map[string]string{"ADD": "earn", "SUBTRACT": "redeem", "Deducted": "redeem"} {
		if got, ok := lookUp(kinds, value); !ok || got.to != want {
			t.Errorf("%s is %q, want %s", value, got.to, want)
		}
	}
}

func TestNotesEndOnce(t *testing.T) {
	orders := table("orders", "order_id:id member_id:id ordered_at:time total:num")
	notes := strings.Join(answered(t, []warehouse.Table{members, orders}, nil).Feed("orders").Notes, "\n")
	if !strings.Contains(notes, "shipping?") || strings.Contains(notes, "?.") {
		t.Errorf("notes %q, want the question to end in its mark", notes)
	}
}
