package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/config"
	"loyaltymcp/warehouse"
	"loyaltymcp/warehouse/open"
	"loyaltymcp/warehouse/postgres/pgtest"
)

// totals are figures that a person can count in a program's tables. Money and
// points are exact to a ten-thousandth.
type totals struct {
	members, orders, net, points, redemptions float64
}

// programs are small databases in the shapes that init knows, in
// testdata/init, with figures counted by hand.
var programs = []struct {
	folder, schema string
	looks          string
	mapped         string // feed=confidence
	want           totals
}{
	{"openloyalty", "", "Open Loyalty (sure)",
		"members=sure tiers=sure tier_history=likely orders=likely points=sure rewards=sure redemptions=sure",
		totals{6, 6, 381, 200, 2}},
	{"voucherify", "", "Voucherify (sure)", "members=sure orders=sure points=sure redemptions=likely",
		totals{3, 3, 267.99, 225, 2}},
	{"salesforce", "sfdc", "Salesforce Loyalty Management (sure)",
		"members=sure tiers=sure tier_history=sure orders=likely points=sure redemptions=likely",
		totals{4, 3, 350.5, 330, 2}},
	{"talonone", "", "Talon.One (sure)", "members=sure orders=guess points=likely redemptions=likely",
		totals{4, 4, 185.5, 85, 2}},
	{"shopify", "", "Shopify (sure)", "members=likely orders=likely", totals{members: 3, orders: 5, net: 199.89}},
	{"shopifyexport", "", "Shopify (sure)", "members=guess orders=likely", totals{members: 2, orders: 3, net: 159.9}},
	{"shop", "", "a loyalty program in tables of its own (likely)", "members=likely orders=likely points=likely redemptions=likely",
		totals{4, 4, 165.75, 120, 1}},
}

// engines runs a test on the embedded engine and on PostgreSQL, each with the
// program's tables.
func engines(t *testing.T, folder, schema string, test func(t *testing.T, from string)) {
	data := filepath.Join("testdata", "init", folder)
	t.Run("duckdb", func(t *testing.T) {
		t.Parallel()
		test(t, data)
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel() // it mostly waits for the server
		database := pgtest.Database(t, testdesk.PostgresURL(t), "loyalty_init_"+folder)
		pgtest.Load(t, database, schema, data)
		test(t, database)
	})
}

func TestInitFindsEachShape(t *testing.T) {
	for _, p := range programs {
		t.Run(p.folder, func(t *testing.T) {
			t.Parallel()
			engines(t, p.folder, p.schema, func(t *testing.T, from string) {
				file := filepath.Join(t.TempDir(), "loyalty.yaml")
				says := must(t, "init", "--from", from, "--out", file)
				if !strings.Contains(says, "looks like "+p.looks) {
					t.Errorf("it says\n%s\nwant %s", says, p.looks)
				}
				if got := confidences(says); got != p.mapped {
					t.Errorf("mapped %s, want %s", got, p.mapped)
				}
				if got := count(t, file); got != p.want {
					t.Errorf("counted %+v, want %+v", got, p.want)
				}
				text := read(t, file)
				if found := regexp.MustCompile(`@example\.org|Ada|Bert|Gina|Kim`).FindString(text); found != "" {
					t.Errorf("the file holds %q, which is somebody's", found)
				}
				// What init's own check finds is what check would.
				for _, found := range regexp.MustCompile(`(?m)^  ERROR .*`).FindAllString(says, -1) {
					if !strings.Contains(found, "currency is not filled in") || !strings.Contains(text, "currency: XXX") {
						t.Errorf("its check finds %q", found)
					}
				}
				if strings.Contains(text, "\n  point_value") || strings.Contains(text, "\n  cost_per_point") {
					t.Error("the file guesses what a point is worth")
				}
			})
		})
	}
}

var feedRow = regexp.MustCompile(`(?m)^  (\w+) +\S.* (sure|likely|guess) +[\d,?]+`)

// confidences reads which feeds the report has, and how sure they are.
func confidences(says string) string {
	var out []string
	for _, row := range feedRow.FindAllStringSubmatch(says, -1) {
		out = append(out, row[1]+"="+row[2])
	}
	return strings.Join(out, " ")
}

// count counts the figures through the written file.
func count(t *testing.T, file string) totals {
	t.Helper()
	c, err := config.Load(file, testdesk.Schemas(t))
	if err != nil {
		t.Fatal(err)
	}
	engine, err := open.Engine(t.Context(), open.Options{URL: c.Warehouse, Folder: c.Folder, Mapping: c.Mapping()})
	if err != nil {
		t.Fatal(err)
	}
	source := warehouse.NewSource(engine, c.Mapping(), c.Zone(), c.Dimensions)
	defer source.Close()
	s, err := source.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	one := func(feed, exact string) float64 {
		if !s.Mapped(feed) {
			return 0
		}
		queries := warehouse.MustParseQueries("test", fstest.MapFS{"q.sql": {Data: []byte(
			`SELECT {{exact "` + exact + `"}} AS v FROM {{feed "` + feed + `"}} AS f`)}})
		var v warehouse.Exact
		if err := s.One(t.Context(), queries, "q", nil, &v); err != nil {
			t.Fatal(err)
		}
		return v.Float()
	}
	return totals{one("members", "count(*)"), one("orders", "count(*)"), one("orders", "sum(f.net)"),
		one("points", "sum(f.points)"), one("redemptions", "count(*)")}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// folder writes files of the given texts.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestInitFindsNothingInOtherDatabases(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"blog": {
			"users.csv":    "id,email,created_at\n1,a@example.org,2026-01-01\n2,b@example.org,2026-01-02\n",
			"posts.csv":    "id,user_id,title,created_at,status\n1,1,Hello,2026-01-01,published\n",
			"comments.csv": "id,post_id,user_id,body,created_at\n1,1,2,Nice,2026-01-03\n",
		},
		"hr": {
			"employees.csv":   "employee_id,first_name,hire_date,department_id,salary,status\n1,Ida,2020-01-01,1,5000,active\n",
			"departments.csv": "department_id,name\n1,Sales\n",
			"bonuses.csv":     "id,employee_id,amount,created_at,type\n1,1,500,2026-01-01,annual\n",
			"levels.csv":      "level,rank,name\nL1,1,Junior\n",
		},
		"customers alone": {"customers.csv": "customer_id,created_at,country\n1,2026-01-01,DE\n"},
	} {
		t.Run(name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "loyalty.yaml")
			code, _, says := try(t, t.Context(), "init", "--from", folder(t, files), "--out", out)
			if code != 1 {
				t.Fatalf("status %d, want 1", code)
			}
			for _, want := range []string{"nothing that looks like a loyalty program", "Open Loyalty", "points ledger", "loyalty.example.yaml"} {
				if !strings.Contains(says, want) {
					t.Errorf("%q does not say %q", says, want)
				}
			}
			if _, err := os.Stat(out); err == nil {
				t.Error("a file was written")
			}
		})
	}
}

// Two systems in one database: the one that explains more is mapped, the other
// is offered and not mixed in, because their customers have different ids.
func TestInitDoesNotMixTwoVendors(t *testing.T) {
	files := map[string]string{}
	for _, name := range []string{"talonone/loyalty_transactions.csv", "talonone/loyalty_join_dates.csv", "shopify/orders.csv", "shopify/customers.csv"} {
		files[filepath.Base(name)] = read(t, filepath.Join("testdata", "init", name))
	}
	file := filepath.Join(t.TempDir(), "loyalty.yaml")
	says := must(t, "init", "--from", folder(t, files), "--out", file)
	for _, want := range []string{"looks like Talon.One", "Also seen: Shopify", "could fill orders"} {
		if !strings.Contains(says, want) {
			t.Errorf("it says\n%s\nwant %q", says, want)
		}
	}
	if got, want := count(t, file), (totals{4, 0, 0, 85, 2}); got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
	if text := read(t, file); !strings.Contains(text, "# From Shopify:") || !strings.Contains(text, `"subtotal_price" END AS net`) {
		t.Errorf("the file does not offer Shopify's orders:\n%s", text)
	}
}

// A large database is looked at in bounded time: one query for its tables, and
// questions only about what looks like a program.
func TestInitAmongHundredsOfTables(t *testing.T) {
	const hundreds = 200
	server := testdesk.PostgresURL(t)
	database := pgtest.Database(t, server, "loyalty_init_hundreds")
	var ddl strings.Builder
	for i := range hundreds {
		fmt.Fprintf(&ddl, "CREATE TABLE app_%03d (id bigint, customer_id bigint, name text, type text, amount numeric, created_at timestamptz);\n", i)
	}
	pgtest.Run(t, database, ddl.String())
	pgtest.Load(t, database, "", filepath.Join("testdata", "init", "shop"))
	file := filepath.Join(t.TempDir(), "loyalty.yaml")
	started := time.Now()
	must(t, "init", "--from", database, "--out", file)
	if took := time.Since(started); took > surveyTime {
		t.Errorf("it took %s", took)
	}
	if got, want := count(t, file), (totals{4, 4, 165.75, 120, 1}); got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
	if text := read(t, file); !strings.Contains(text, "200 further tables are not used") || len(text) > 12_000 {
		t.Errorf("a file of %d bytes, want it short and 200 tables counted", len(text))
	}
}

func TestInitSkipsWhatItMayNotRead(t *testing.T) {
	server := testdesk.PostgresURL(t)
	database := pgtest.Database(t, server, "loyalty_init_denied")
	pgtest.Load(t, database, "", filepath.Join("testdata", "init", "shop"))
	pgtest.Run(t, database, `DO $$ BEGIN CREATE ROLE init_reader LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
		GRANT SELECT ON customers, sales, reward_redemptions TO init_reader; CREATE SCHEMA vault; CREATE TABLE vault.orders (order_id bigint, ordered_at date, net numeric)`)
	file := filepath.Join(t.TempDir(), "loyalty.yaml")
	says := must(t, "init", "--from", strings.Replace(database, "tester@", "init_reader@", 1), "--out", file)
	if !strings.Contains(says, "2 tables may not be read") {
		t.Errorf("it says\n%s\nwant what it skipped", says)
	}
	if text := read(t, file); !strings.Contains(text, "may not read loyalty_transactions and vault.orders") {
		t.Errorf("the file does not name what was skipped:\n%s", text)
	}
	if got, want := count(t, file), (totals{4, 4, 165.75, 0, 1}); got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
}

// Names are data: whatever they hold, they are quoted in SQL and break no YAML.
func TestInitQuotesHostileNames(t *testing.T) {
	server := testdesk.PostgresURL(t)
	database := pgtest.Database(t, server, "loyalty_init_hostile")
	pgtest.Run(t, database, `
		CREATE SCHEMA "sch.""x'; --";
		CREATE TABLE "sch.""x'; --".members ("Member ID" text, "Enrolled
At" timestamp, "tier' OR 1=1 --" text, "gen
der" text, "region: {a: b} # | >" text);
		INSERT INTO "sch.""x'; --".members VALUES ('m1', '2026-01-01', 'a', 'x', 'y'), ('m2', '2026-01-02', 'b', 'x', 'y');
		CREATE TABLE "sch.""x'; --"."points" ("Entry""ID" text, "member:id" text, "occurred
	at" timestamp, "kind" text, "points" integer);
		INSERT INTO "sch.""x'; --".points VALUES ('1', 'm1', '2026-01-02', 'earn', 10), ('2', 'm1', '2026-01-03', E'redeem', -4);
		CREATE TABLE U&"rewards\000A  members: {table: pg_authid}\000A""; DROP TABLE x; --\0085" (id bigint, "**bold** <script>" text);
		CREATE TABLE "| order | [x](y)" (id bigint)`)
	file := filepath.Join(t.TempDir(), "loyalty.yaml")
	says := must(t, "init", "--from", database, "--out", file)
	if got, want := count(t, file), (totals{members: 2, points: 6}); got != want {
		t.Errorf("counted %+v, want %+v; it says\n%s\n%s", got, want, says, read(t, file))
	}
	for _, line := range strings.Split(says+read(t, file), "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "members: {table: pg_authid}") {
			t.Errorf("a name became a line: %q", line)
		}
	}
}

// Everything of the demo is found for sure, and the pipeline's figures are
// those of the config that comes with it.
func TestInitOnTheDemo(t *testing.T) {
	shipped, err := small()
	if err != nil {
		t.Fatal(err)
	}
	state := t.TempDir()
	figures := func(config string) map[string]any {
		result := validate(t, "pull_metrics", must(t, "call", "pull_metrics", `{"window":"90d","dimensions":"tier,age_band"}`, "--config", config, "--state", state))
		values := map[string]any{}
		for _, k := range result["kpis"].([]any) {
			kpi := k.(map[string]any)
			values[kpi["id"].(string)] = []any{kpi["value"], kpi["numerator"], kpi["denominator"]}
		}
		return values
	}
	want := figures(filepath.Join(shipped, "loyalty.yaml"))
	t.Run("folder", func(t *testing.T) {
		file := demoFigures(t, shipped, figures, want)
		must(t, "monitor", "--config", file, "--plans", filepath.Join(t.TempDir(), "plans"), "--state", t.TempDir())
	})
	t.Run("postgres", func(t *testing.T) {
		database := pgtest.Database(t, testdesk.PostgresURL(t), "loyalty_init_demo")
		must(t, "demo", "--out", database, "--members", "1500")
		demoFigures(t, database, figures, want)
	})
}

func demoFigures(t *testing.T, from string, figures func(string) map[string]any, want map[string]any) (file string) {
	file = filepath.Join(t.TempDir(), "loyalty.yaml")
	says := must(t, "init", "--from", from, "--out", file, "--name", "Harbor", "--currency", "EUR", "--time-zone", "UTC")
	if strings.Contains(says, "likely") || strings.Contains(says, "guess") || !strings.Contains(says, "the feed contract (sure)") {
		t.Errorf("it says\n%s\nwant all sure", says)
	}
	got := figures(file)
	if len(got) != len(want) || len(got) == 0 {
		t.Errorf("%d figures, want %d", len(got), len(want))
	}
	for id, value := range want {
		if fmt.Sprint(got[id]) != fmt.Sprint(value) {
			t.Errorf("%s is %v, want %v", id, got[id], value)
		}
	}
	return file
}

func TestInitOnTheAirline(t *testing.T) {
	data := filepath.Join(testdesk.Root(t), "..", "shared", "data", "airline")
	if _, err := os.Stat(data); err != nil {
		t.Skipf("the airline data are not at %s", data)
	}
	file := filepath.Join(t.TempDir(), "loyalty.yaml")
	says := must(t, "init", "--from", data, "--out", file, "--currency", "CAD")
	if got, want := confidences(says), "members=likely points_monthly=likely"; got != want {
		t.Errorf("mapped %s, want %s", got, want)
	}
	if got := count(t, file); got.members != 16737 {
		t.Errorf("%v members, want 16737", got.members)
	}
}

func TestInitOverwritesNothing(t *testing.T) {
	data := filepath.Join("testdata", "init", "shop")
	file := filepath.Join(t.TempDir(), "loyalty.yaml")
	if err := os.WriteFile(file, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	code, _, says := try(t, t.Context(), "init", "--from", data, "--out", file)
	if code != 1 || !strings.Contains(says, "overwrites nothing") || read(t, file) != "mine" {
		t.Errorf("status %d, %q, and the file holds %q", code, says, read(t, file))
	}
	code, text, says := try(t, t.Context(), "init", "--from", data, "--out", "-")
	if code != 0 || !strings.HasPrefix(text, "# Proposed by") || !strings.Contains(says, "Nothing was written") {
		t.Errorf("printing: status %d, standard error %q", code, says)
	}
	if left, err := os.ReadDir(filepath.Dir(file)); err != nil || len(left) != 1 {
		t.Errorf("files left over: %v (%v)", left, err)
	}
}

// A password given on the command line stays there.
func TestInitWritesNoPassword(t *testing.T) {
	server := testdesk.PostgresURL(t)
	database := pgtest.Database(t, server, "loyalty_init_secret")
	pgtest.Load(t, database, "", filepath.Join("testdata", "init", "shop"))
	file := filepath.Join(t.TempDir(), "loyalty.yaml")
	for i, from := range []string{strings.Replace(database, "@", ":hunter2@", 1), database + "?password=hunter2"} {
		file := fmt.Sprint(file, i)
		if says := must(t, "init", "--from", from, "--out", file) + read(t, file); strings.Contains(says, "hunter2") {
			t.Errorf("the password of %s is told", from)
		}
	}
	code, _, says := try(t, t.Context(), "init", "--from", strings.Replace(database, "@", ":hunter2@", 1)+"_not_there", "--out", file)
	if code != 1 || strings.Contains(says, "hunter2") {
		t.Errorf("status %d, %q", code, says)
	}
}

func TestInitExplainsMistakes(t *testing.T) {
	data := filepath.Join("testdata", "init", "shop")
	out := filepath.Join(t.TempDir(), "loyalty.yaml")
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--out", out}, "--from: is missing"},
		{[]string{"--from", "no/such/folder", "--out", out}, "warehouse:"},
		{[]string{"--from", "mysql://me:hunter2@host/db", "--out", out}, "warehouse:"},
		{[]string{"--from", data, "--out", out, "--currency", "euro"}, "--currency"},
		{[]string{"--from", data, "--out", out, "--time-zone", "Mars"}, "--time-zone"},
		{[]string{"--from", data, "--out", filepath.Join(out, "x", "y.yaml")}, "--out"},
	} {
		code, _, says := try(t, t.Context(), append([]string{"init"}, c.args...)...)
		if code != 1 || !strings.Contains(says, c.want) || strings.Contains(says, "hunter2") {
			t.Errorf("%v: status %d, %q, want 1 and %q", c.args, code, says, c.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if code, _, says := try(t, ctx, "init", "--from", data, "--out", out); code != 1 || !strings.Contains(says, "cancelled") {
		t.Errorf("interrupted: status %d, %q", code, says)
	}
}

// A feed whose values can't be read is left out, with the reason in its place,
// and the rest still serves.
func TestInitLeavesOutWhatCannotBeRead(t *testing.T) {
	files := map[string]string{}
	for _, name := range []string{"customers.csv", "sales.csv", "loyalty_transactions.csv"} {
		files[name] = read(t, filepath.Join("testdata", "init", "shop", name))
	}
	files["reward_redemptions.csv"] = "id,customer_id,reward_code,claimed_at,points_spent,status\n1,2,MUG,2026-99-16 12:00:00,40,used\n2,2,CUP,2026-01-17 12:00:00,40,used\n"
	file := filepath.Join(t.TempDir(), "loyalty.yaml")
	says := must(t, "init", "--from", folder(t, files), "--out", file)
	if want := "redemptions  what looked like it can't be used: can't be computed: a value does not fit its type"; !strings.Contains(says, want) {
		t.Errorf("it says\n%s\nwant %q", says, want)
	}
	if text := read(t, file); !strings.Contains(text, "# From what was tried:") || strings.Contains(says+text, "2026-99") {
		t.Errorf("the file does not keep what was tried, or tells a value:\n%s", text)
	}
	if got, want := count(t, file), (totals{4, 4, 165.75, 120, 0}); got != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
}

// Orders in two currencies: the column is mapped, so check finds them, and a
// run says before all else that the currency is not filled in. Guests and late
// rows are told by their columns.
func TestInitKeepsCurrencyGuestAndWatermark(t *testing.T) {
	var members, orders strings.Builder
	members.WriteString("member_id,enrolled_at\n")
	orders.WriteString("order_id,customer_id,ordered_at,net,currency,guest,ingested_at\n")
	for i := range 60 {
		day := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC).AddDate(0, 0, i)
		currency := "EUR"
		if i%20 == 0 {
			currency = "USD"
		}
		fmt.Fprintf(&members, "%d,2026-01-01\n", i)
		fmt.Fprintf(&orders, "%d,%d,%s,10.00,%s,%v,%[3]s\n", i, i, day.Format(time.DateTime), currency, i%10 == 0)
	}
	data := folder(t, map[string]string{"members.csv": strings.Replace(members.String(), "member_id", "customer_id", 1), "orders.csv": orders.String()})
	file := filepath.Join(t.TempDir(), "loyalty.yaml")
	must(t, "init", "--from", data, "--out", file)
	for _, want := range []string{"currency: XXX", `"currency"`, `"guest"`, `"ingested_at"`} {
		if !strings.Contains(read(t, file), want) {
			t.Errorf("the file has no %s:\n%s", want, read(t, file))
		}
	}
	code, says, _ := try(t, t.Context(), "check", "--config", file)
	says = strings.Join(strings.Fields(says), " ")
	for _, want := range []string{"currency is not filled in", "not in one currency: 60. All rows by currency: EUR 57, USD 3."} {
		if code != 1 || !strings.Contains(says, want) {
			t.Errorf("check: status %d, %s\nwant 1 and %q", code, says, want)
		}
	}
	_, says, _ = try(t, t.Context(), "monitor", "--config", file, "--plans", t.TempDir(), "--state", t.TempDir())
	if want := "The currency is NOT FILLED IN"; strings.Count(strings.Join(strings.Fields(says), " "), want) != 1 {
		t.Errorf("monitor says\n%s\nwant %q once", says, want)
	}
}
