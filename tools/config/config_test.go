package config_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"loyaltymcp/internal/fault"
	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/config"
	"loyaltymcp/warehouse"
	"loyaltymcp/warehouse/demo"
)

// small is the shortest program that says all it must.
const small = `program: {name: Small, currency: EUR}
warehouse: duckdb:data
feeds:
  members: {table: members}
`

func parse(t *testing.T, text string) (*config.Config, error) {
	t.Helper()
	return config.Parse("loyalty.yaml", []byte(text), "/somewhere", testdesk.Schemas(t))
}

func mustParse(t *testing.T, text string) *config.Config {
	t.Helper()
	c, err := parse(t, text)
	if err != nil {
		t.Fatalf("parsing: %v\n%s", err, text)
	}
	return c
}

// Every mistake names the file, the line and what would be right.
func TestMistakesNameTheLine(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string // parts of the message
	}{
		{"misspelt key at the top", small + "treshold: {}\n", []string{"loyalty.yaml:5", `"treshold"`, "valid: thresholds"}},
		{"misspelt key inside", "program:\n  name: Small\n  curency: EUR\n  currency: EUR\nfeeds:\n  members: {table: members}\n",
			[]string{"loyalty.yaml:3", "program", `"curency"`, "valid: currency"}},
		{"misspelt feed", small + "  order: {table: orders}\n", []string{"loyalty.yaml:5", "feeds", `"order"`, "valid: orders"}},
		{"misspelt key of a feed", small + "  orders:\n    tabel: orders\n", []string{"loyalty.yaml:6", "feeds.orders", `"tabel"`, "valid: table"}},
		{"number for a text", "program:\n  currency: EUR\n  name: [1]\nfeeds:\n  members: {table: members}\n", []string{"loyalty.yaml:3", "program.name", "string"}},
		{"text for a number", small + "definitions:\n  lapse_days: soon\n", []string{"loyalty.yaml:6", "definitions.lapse_days", "integer", "string"}},
		{"number out of range", small + "definitions:\n  lapse_days: 3\n", []string{"loyalty.yaml:6", "definitions.lapse_days", "7"}},
		{"currency", "program:\n  name: Small\n  currency: euro\nfeeds:\n  members: {table: members}\n", []string{"loyalty.yaml:3", "program.currency", "ISO 4217"}},
		{"unknown event", small + "definitions:\n  active_events:\n    - order\n    - logins\n", []string{"loyalty.yaml:8", "active_events[1]", "valid: login"}},
		{"two sources", small + "  orders:\n    table: orders\n    file: orders.csv\n", []string{"loyalty.yaml:5", "feeds.orders", "exactly one", "2"}},
		{"three sources", small + "  orders: {table: orders, file: orders.csv, sql: SELECT 1}\n", []string{"loyalty.yaml:5", "feeds.orders", "3"}},
		{"no source", small + "  orders: {grain: day}\n", []string{"loyalty.yaml:5", "feeds.orders", "exactly one", "0"}},
		{"program's zone", "program:\n  name: Small\n  time_zone: Europe/Berln\n  currency: EUR\nfeeds:\n  members: {table: members}\n",
			[]string{"loyalty.yaml:3", "Europe/Berln", "Europe/Berlin"}},
		{"the machine's zone", "program:\n  name: Small\n  time_zone: Local\n  currency: EUR\nfeeds:\n  members: {table: members}\n", []string{"loyalty.yaml:3", "Local"}},
		{"locale", "program:\n  name: Small\n  currency: EUR\n  locale: german\nfeeds:\n  members: {table: members}\n", []string{"loyalty.yaml:4", `"german"`, "de-DE", "English"}},
		{"feed's zone", small + "  orders:\n    table: orders\n    time_zone: Mars/Base\n", []string{"loyalty.yaml:7", "Mars/Base"}},
		{"points twice", small + "  points: {table: points}\n  points_monthly: {table: months}\n", []string{"loyalty.yaml:6", "points_monthly", "both"}},
		{"no feed", "program: {name: Small, currency: EUR}\nfeeds: {}\n", []string{"loyalty.yaml:2", "feeds"}},
		{"no program", "feeds:\n  members: {table: members}\n", []string{"loyalty.yaml:1", "program"}},
		{"no YAML", "program: {name: Small\nfeeds: }{\n", []string{"loyalty.yaml", "not valid YAML", "line"}},
		{"key twice", small + "warehouse: duckdb:other\n", []string{"loyalty.yaml", "line 5", "warehouse"}},
		{"empty", "", []string{"loyalty.yaml", "empty"}},
		{"only a comment", "# nothing\n", []string{"loyalty.yaml", "empty"}},
		{"a list", "- 1\n", []string{"loyalty.yaml:1", "object"}},
		{"not a number", small + "liability_spike: .nan\n", []string{"loyalty.yaml", "NaN"}},
		{"watch beyond act", small + "health:\n  churn:\n    at_risk: {watch: 0.6}\n", []string{"loyalty.yaml:7", "health.churn.at_risk", "0.6", "0.5"}},
		{"line beyond all", small + "health:\n  churn:\n    newly_lapsed: {act: 5}\n", []string{"loyalty.yaml:7", "newly_lapsed.act", "1"}},
		{"odd band", small + "thresholds:\n  csat: {warning: low}\n", []string{"loyalty.yaml:6", "thresholds.csat.warning", "<0.12"}},
		{"odd day", small + "experiments:\n  - {id: x, control_arm: a,\n     started_at: soon}\n", []string{"loyalty.yaml:7", "experiments[0].started_at", "date"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := parse(t, c.text)
			if err == nil {
				t.Fatal("no error")
			}
			if !fault.Is(err, fault.Config) {
				t.Errorf("kind of %q = %s, want config", err, fault.KindOf(err))
			}
			for _, part := range c.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error %q lacks %q", err, part)
				}
			}
		})
	}
}

// The zone Local is whatever the machine has, so the same file would mean
// different figures on different machines; no engine knows it either.
func TestFeedRefusesTheMachinesZone(t *testing.T) {
	_, err := parse(t, small+"  orders: {table: orders, time_zone: Local}\n")
	if !fault.Is(err, fault.Config) {
		t.Errorf("feeds.orders.time_zone: Local: error %v, want one of kind config", err)
	}
}

func TestErrorsStandOnOneLine(t *testing.T) {
	for _, text := range []string{
		small + "warehouse: duckdb:other\n",
		small + "program: {}\nfeeds: {}\n",
		"program: {name: Small\nfeeds: }{\n",
		small + "treshold: {}\n",
	} {
		_, err := parse(t, text)
		if err == nil {
			t.Fatalf("no error for\n%s", text)
		}
		if strings.Contains(err.Error(), "\n") {
			t.Errorf("the error has several lines:\n%s", err)
		}
	}
}

func TestWarehouseFromTheEnvironment(t *testing.T) {
	t.Setenv("TEST_LOYALTY_DATA", "/data/loyalty")
	t.Setenv("TEST_LOYALTY_EMPTY", "")
	with := func(warehouse string) string {
		return strings.Replace(small, "duckdb:data", warehouse, 1)
	}
	for _, c := range []struct{ text, want string }{
		{"duckdb:${TEST_LOYALTY_DATA}", "duckdb:/data/loyalty"},
		{"duckdb:${TEST_LOYALTY_DATA:-data}", "duckdb:/data/loyalty"},
		{"duckdb:${TEST_LOYALTY_DATA}/${TEST_LOYALTY_GONE:-old}", "duckdb:/data/loyalty/old"},
		{"duckdb:${TEST_LOYALTY_GONE:-data}", "duckdb:data"},
		{"duckdb:${TEST_LOYALTY_EMPTY:-data}", "duckdb:data"},
		{"duckdb:plain", "duckdb:plain"},
		{"duckdb:$HOME", "duckdb:$HOME"}, // only ${NAME} is ours
	} {
		if got := mustParse(t, with(c.text)).Warehouse; got != c.want {
			t.Errorf("warehouse of %s = %s, want %s", c.text, got, c.want)
		}
	}
	for _, name := range []string{"TEST_LOYALTY_GONE", "TEST_LOYALTY_EMPTY"} {
		_, err := parse(t, with("duckdb:${"+name+"}"))
		if !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "loyalty.yaml:2") {
			t.Errorf("missing %s: error %v, want one of kind config that names it and line 2", name, err)
		}
	}
}

func TestDefaultsAreFilledIn(t *testing.T) {
	c := mustParse(t, small)
	for _, one := range []struct {
		name      string
		got, want any
	}{
		{"time zone", c.Program.TimeZone, "UTC"}, {"zone", c.Zone().String(), "UTC"}, {"fiscal year start", c.Program.FiscalYearStart, 1},
		{"lapse days", c.Definitions.LapseDays, 120}, {"near tier share", c.Definitions.NearTierShare, 0.15}, {"expiring days", c.Definitions.ExpiringDays, 30},
		{"liability spike", c.LiabilitySpike, 0.0}, {"min members", c.Privacy.MinMembers, 10}, {"min members for rates", c.Privacy.MinMembersForRates, 30},
		{"journey owner", c.Owners.Journey, "Lifecycle Marketing"}, {"folder", c.Folder, "/somewhere"},
		{"fallback", c.FallbackAgents["member-insights-analyst"], "loyalty-strategist"},
	} {
		if one.got != one.want {
			t.Errorf("%s = %v, want %v", one.name, one.got, one.want)
		}
	}
	if want := []string{"order", "earn", "redeem"}; !slices.Equal(c.Definitions.ActiveEvents, want) {
		t.Errorf("active events = %v, want %v", c.Definitions.ActiveEvents, want)
	}
	if want := []string{"Member Insights Analyst", "Loyalty Strategist", "Exec sponsor"}; !slices.Equal(c.Ladder, want) {
		t.Errorf("ladder = %v, want %v", c.Ladder, want)
	}
	if c.Program.PointValue != nil || c.Program.CostPerPoint != nil {
		t.Errorf("point value and cost = %v, %v, want neither: they can't be guessed", c.Program.PointValue, c.Program.CostPerPoint)
	}
}

// A setting replaces its own default and leaves its neighbours' alone.
func TestSettingsReplaceOnlyTheirDefault(t *testing.T) {
	c := mustParse(t, small+"definitions: {active_events: [login], lapse_days: 90}\nowners: {rewards: Anna}\nprivacy: {min_members: 5}\nladder: [One, Two]\n")
	if want := []string{"login"}; !slices.Equal(c.Definitions.ActiveEvents, want) {
		t.Errorf("active events = %v, want %v", c.Definitions.ActiveEvents, want)
	}
	if want := []string{"One", "Two"}; !slices.Equal(c.Ladder, want) {
		t.Errorf("ladder = %v, want %v", c.Ladder, want)
	}
	if c.Definitions.LapseDays != 90 || c.Definitions.ExpiringDays != 30 {
		t.Errorf("lapse and expiring days = %d, %d, want 90, 30", c.Definitions.LapseDays, c.Definitions.ExpiringDays)
	}
	if c.Owners.Rewards != "Anna" || c.Owners.Journey != "Lifecycle Marketing" {
		t.Errorf("owners = %+v, want Anna for rewards and the default for journey", c.Owners)
	}
	if c.Privacy.MinMembers != 5 || c.Privacy.MinMembersForRates != 30 {
		t.Errorf("privacy = %+v, want 5 and 30", c.Privacy)
	}
}

func TestLimits(t *testing.T) {
	got := mustParse(t, small+"engine: {threads: 1, memory_mb: 512, connections: 2, statement_timeout_seconds: 9}\n").Limits()
	if want := (warehouse.Limits{Threads: 1, MemoryMB: 512, Connections: 2, Timeout: 9 * time.Second}); got != want {
		t.Errorf("limits = %+v, want %+v", got, want)
	}
	if got := mustParse(t, small).Limits(); got != (warehouse.Limits{}) {
		t.Errorf("limits = %+v, want the engine's own", got)
	}
}

func TestHashCoversWhatChangesFigures(t *testing.T) {
	base := small + "thresholds:\n  csat: {warning: \"<0.7\"}\n"
	hash := mustParse(t, base).Hash()
	if again := mustParse(t, base).Hash(); again != hash {
		t.Errorf("hash of the same text = %s, want %s", again, hash)
	}
	for _, same := range []string{
		strings.Replace(base, "duckdb:data", "duckdb:elsewhere", 1),
		base + "engine: {threads: 1, memory_mb: 512, connections: 2, statement_timeout_seconds: 9}\n",
		"# a comment\n" + base,
		base + "definitions: {lapse_days: 120}\n", // the default, spelt out
	} {
		if got := mustParse(t, same).Hash(); got != hash {
			t.Errorf("hash = %s, want %s as before, for\n%s", got, hash, same)
		}
	}
	for _, other := range []string{
		strings.Replace(base, "<0.7", "<0.6", 1),
		strings.Replace(base, "warning", "critical", 1),
		strings.Replace(base, "{table: members}", "{table: people}", 1),
		strings.Replace(base, "{table: members}", "{table: members, grain: month}", 1),
		strings.Replace(base, "{table: members}", "{table: members, time_zone: Europe/Berlin}", 1),
		strings.Replace(base, "name: Small,", "name: Small, time_zone: Europe/Berlin,", 1),
		strings.Replace(base, "name: Small,", "name: Small, point_value: 0.01,", 1),
		base + "definitions: {lapse_days: 121}\n",
		base + "targets: {csat: 0.8}\n",
		base + "privacy: {min_members: 11}\n",
		base + "dimensions: [age_band]\n",
		base + "experiments: [{id: x, control_arm: a}]\n",
	} {
		if got := mustParse(t, other).Hash(); got == hash {
			t.Errorf("hash = %s as before, want another, for\n%s", got, other)
		}
	}
}

func TestMapping(t *testing.T) {
	c := mustParse(t, small+`  orders: {file: "orders*.csv", time_zone: Europe/Berlin}
  points_monthly: {sql: SELECT 1, grain: month}
`)
	m := c.Mapping()
	if got, want := m["members"], (warehouse.Mapped{Table: "members"}); got != want {
		t.Errorf("members = %+v, want %+v", got, want)
	}
	if o := m["orders"]; o.File != "orders*.csv" || o.Zone == nil || o.Zone.String() != "Europe/Berlin" {
		t.Errorf("orders = %+v, want the file in Europe/Berlin", o)
	}
	if p := m["points_monthly"]; p.SQL != "SELECT 1" || p.Grain != warehouse.GrainMonth || p.Zone != nil {
		t.Errorf("points_monthly = %+v, want the SQL by month", p)
	}
	if got, want := c.FeedNames(), []string{"members", "orders", "points_monthly"}; !slices.Equal(got, want) {
		t.Errorf("feed names = %v, want %v", got, want)
	}
}

// YAML reads 2026-05-01 as a time; the config means the day as written.
func TestDaysStayAsWritten(t *testing.T) {
	c := mustParse(t, small+"experiments:\n  - {id: spring, control_arm: a, started_at: 2026-05-01, ended_at: \"2026-06-01\"}\n")
	if x := c.Experiments[0]; x.StartedAt != "2026-05-01" || x.EndedAt != "2026-06-01" {
		t.Errorf("experiment runs %s to %s, want 2026-05-01 to 2026-06-01", x.StartedAt, x.EndedAt)
	}
}

func TestLoad(t *testing.T) {
	set := testdesk.Schemas(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "mine.yaml")
	_, err := config.Load(file, set)
	if !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), "--config") {
		t.Errorf("missing file: error %v, want one of kind config that names it and --config", err)
	}
	if err := os.WriteFile(file, []byte(small), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(file, set)
	if err != nil {
		t.Fatal(err)
	}
	if c.Folder != dir {
		t.Errorf("folder = %s, want %s", c.Folder, dir)
	}
	if _, err := config.Load(dir, set); !fault.Is(err, fault.Config) {
		t.Errorf("a folder: error %v, want one of kind config", err)
	}
}

// What the program ships must be valid.
func TestShippedConfigs(t *testing.T) {
	set, root := testdesk.Schemas(t), testdesk.Root(t)
	c, err := config.Parse("demo/loyalty.yaml", demo.Config(), root, set)
	if err != nil {
		t.Errorf("the demo's config: %v", err)
	} else if got, want := len(c.Feeds), 11; got != want {
		t.Errorf("the demo maps %d feeds, want %d", got, want)
	}
	examples, err := filepath.Glob(filepath.Join(root, "examples", "*.yaml"))
	if err != nil || len(examples) == 0 {
		t.Errorf("examples = %v, %v, want some", examples, err)
	}
	for _, file := range examples {
		if _, err := config.Load(file, set); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
	t.Setenv("AIRLINE_DATA", "")
	airline, err := config.Load(filepath.Join(root, "examples", "airline.yaml"), set)
	if err != nil {
		t.Fatal(err)
	}
	if airline.Zone().String() != "America/Toronto" || airline.Warehouse != "duckdb:airline" || airline.Feeds["members"].Grain != warehouse.GrainMonth {
		t.Errorf("airline: zone %s, warehouse %s, members by %q; want America/Toronto, duckdb:airline, month",
			airline.Zone(), airline.Warehouse, airline.Feeds["members"].Grain)
	}
}

func TestExampleAtTheRoot(t *testing.T) {
	file := filepath.Join(testdesk.Root(t), "loyalty.example.yaml")
	if _, err := os.Stat(file); err != nil {
		t.Skipf("%s is not there", file)
	}
	if _, err := config.Load(file, testdesk.Schemas(t)); err != nil {
		t.Error(err)
	}
}
