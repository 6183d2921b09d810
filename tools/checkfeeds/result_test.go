package checkfeeds_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"loyaltymcp/internal/fault"
	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools"
	"loyaltymcp/tools/checkfeeds"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

// passes counts the queries of a check by name.
func passes(t *testing.T, d *run.Desk) map[string]int {
	t.Helper()
	out := map[string]int{}
	ctx := warehouse.Observe(context.Background(), func(e warehouse.Event) {
		if e.Done {
			out[strings.TrimPrefix(e.Query, "check_feeds/")]++
		}
	})
	if _, err := checkfeeds.Check(ctx, d); err != nil {
		t.Fatal(err)
	}
	return out
}

// The number of passes doesn't depend on what is found, but for a second look
// at keys that stand in several rows and at currencies.
func TestPassesAreBounded(t *testing.T) {
	keyed, owned := 0, 0
	for _, f := range warehouse.Feeds() {
		if len(f.Key) > 0 {
			keyed++
		}
		if _, ok := f.Column("member_id"); ok && f.When != "" && f.Name != "members" {
			owned++
		}
	}
	for name, d := range map[string]*run.Desk{
		"demo": testdesk.Demo(t), "ledger": testdesk.Config(t, brokenLedger, t.TempDir(), ""), "sales": testdesk.Config(t, brokenSales, t.TempDir(), ""),
	} {
		again := 1
		if name != "demo" {
			again = 2
		}
		for query, n := range passes(t, d) {
			most := 1
			switch query {
			case "keys":
				most = keyed * again
			case "members":
				most = owned
			case "currencies":
				most = 2
			}
			if n > most {
				t.Errorf("%s: %s ran %d times, want %d at most", name, query, n, most)
			}
		}
	}
	if got := passes(t, testdesk.Demo(t)); got["currencies"] != 0 || got["keys"] != 9 || got["members"] != 6 {
		t.Errorf("a clean program takes %v", got)
	}
}

// Every template reads a feed once, so that a query is a scan.
func TestTemplatesReadAFeedOnce(t *testing.T) {
	entries, err := os.ReadDir("sql")
	if err != nil {
		t.Fatal(err)
	}
	from := regexp.MustCompile(`\{\{(every|feed) `)
	for _, entry := range entries {
		text, err := os.ReadFile("sql/" + entry.Name())
		if err != nil {
			t.Fatal(err)
		}
		most := 1
		if entry.Name() == "members.sql" {
			most = 3 // the feed, and members in one of two forms
		}
		if n := len(from.FindAll(text, -1)); n > most {
			t.Errorf("%s reads feeds %d times", entry.Name(), n)
		}
	}
}

// What a template or the code calls a check has a rule.
func TestEveryCheckHasARule(t *testing.T) {
	rules, err := os.ReadFile("rules.go")
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	collect := func(file string, pattern string) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(pattern).FindAllSubmatch(text, -1) {
			ids[string(m[1])] = true
		}
	}
	entries, err := os.ReadDir("sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		collect("sql/"+entry.Name(), `\.Hit "([a-z_]+)"`)
	}
	for _, file := range []string{"inspector.go", "keys.go", "members.go", "currencies.go", "calendar.go", "ledger.go", "hours.go", "checkfeeds.go"} {
		collect(file, `\.note\([^"]*(?:"[a-z_]+", )?"([a-z_]+)", "[a-z]+"`)
	}
	if len(ids) < 35 {
		t.Errorf("found %d checks, want 35 at least", len(ids))
	}
	for id := range ids {
		if !strings.Contains(string(rules), `"`+id+`":`) && !strings.Contains(string(rules), `/`+id+`":`) {
			t.Errorf("the check %s has no rule", id)
		}
	}
	// The KPIs they name exist.
	known := map[string]bool{}
	for _, d := range testdesk.Demo(t).Metrics {
		known[d.ID] = true
	}
	for _, config := range []string{brokenLedger, brokenSales, brokenDays} {
		for _, f := range checked(t, config) {
			kpis, _, _ := strings.Cut(f.Endangers, ";")
			for _, word := range strings.Split(kpis, ", ") {
				if regexp.MustCompile(`^[a-z]+_[a-z_]+$`).MatchString(word) && !known[word] && !slices.Contains([]string{"surface_insights", "review_experiments"}, word) {
					t.Errorf("%s endangers %q, which is no KPI", f.ID, word)
				}
			}
			if !strings.HasSuffix(f.Says, ".") || !strings.HasSuffix(f.Next, ".") || strings.HasSuffix(f.Endangers, ".") || f.Endangers == "" {
				t.Errorf("%s is told as %q, %q, %q", f.ID, f.Says, f.Endangers, f.Next)
			}
		}
	}
}

// The operator can find the row of a sample; nobody else can.
func TestSamplesAreSaltedHashes(t *testing.T) {
	d := testdesk.Config(t, brokenSales, t.TempDir(), "")
	r, err := checkfeeds.Check(context.Background(), d)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(d.Store.SaltFile())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the salt's file: %v, %v", info, err)
	}
	text, err := os.ReadFile(d.Store.SaltFile())
	if err != nil {
		t.Fatal(err)
	}
	n := slices.IndexFunc(r.Findings, func(f checkfeeds.Finding) bool { return f.ID == "net_above_gross" })
	sum := sha256.Sum256([]byte(strings.TrimSpace(string(text)) + "order_id:d"))
	if f := r.Findings[n]; f.Key != "order_id" || !slices.Equal(f.Samples, []string{hex.EncodeToString(sum[:])[:12]}) {
		t.Errorf("samples = %s %v, want the hash of order d", f.Key, f.Samples)
	}
	again, err := checkfeeds.Check(context.Background(), d)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(again.Findings[n].Samples, r.Findings[n].Samples) {
		t.Error("the same row has another hash in the next check")
	}
	other := testdesk.Config(t, brokenSales, t.TempDir(), "")
	if err := os.WriteFile(other.Store.SaltFile(), []byte(strings.Repeat("6b", 32)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r2, err := checkfeeds.Check(context.Background(), other)
	if err != nil {
		t.Fatal(err)
	}
	if slices.Equal(r2.Findings[n].Samples, r.Findings[n].Samples) {
		t.Error("another installation has the same hash")
	}
	// Order 1, entry 1 and member 1 are three things.
	ledger, err := checkfeeds.Check(context.Background(), testdesk.Config(t, brokenLedger, t.TempDir(), ""))
	if err != nil {
		t.Fatal(err)
	}
	column := map[string]string{}
	for _, f := range ledger.Findings {
		for _, hash := range f.Samples {
			if known := column[hash]; known != "" && known != f.Key {
				t.Errorf("%s and %s share the hash %s", known, f.Key, hash)
			}
			column[hash] = f.Key
		}
	}
	for _, f := range r.Findings {
		if len(f.Samples) > 5 {
			t.Errorf("%s has %d samples", f.ID, len(f.Samples))
		}
	}
}

// What an agent gets validates, stays in its budget and says what it lost.
func TestResultStaysInItsBudget(t *testing.T) {
	for _, config := range []string{brokenLedger, brokenSales} {
		tool, err := checkfeeds.Tool(testdesk.Schemas(t), func(context.Context) (*run.Desk, error) { return testdesk.Config(t, config, t.TempDir(), ""), nil })
		if err != nil {
			t.Fatal(err)
		}
		result, err := tool.Call(context.Background(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if n := tools.Tokens(result.JSON); n > tools.FullTokens {
			t.Errorf("the result costs %d tokens", n)
		}
		if strings.Contains(string(result.JSON), "<script>") || strings.Contains(result.Text, "<script>") {
			t.Error("text from the data leaves")
		}
	}
	r := &checkfeeds.Result{}
	for i := range 300 {
		severity := checkfeeds.Warning
		if i == 0 {
			severity = checkfeeds.Error
		}
		r.Findings = append(r.Findings, checkfeeds.Finding{ID: fmt.Sprint("x", i), Feed: "orders", Severity: severity, Says: strings.Repeat("x", 200), Samples: []string{"0123456789ab"}})
	}
	if got := r.Caveats(); len(got) != 7 || !strings.HasPrefix(got[6], "Data: 294 findings more") {
		t.Errorf("caveats = %d, the last %q", len(got), got[len(got)-1])
	}
	if err := tools.Fit(r, true); err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if tools.Tokens(raw) > tools.FullTokens || r.Truncated == nil || r.Truncated.What != "sample keys, findings" || r.Findings[0].ID != "x0" {
		t.Errorf("trimmed to %d tokens, %+v", tools.Tokens(raw), r.Truncated)
	}
}

// What a check did again stands in its result.
func TestRetriesOfACheckAreTold(t *testing.T) {
	d := testdesk.Wrapped(t, brokenSales, t.TempDir(), "", func(e warehouse.Engine) warehouse.Engine { return &breaking{Engine: e, left: 1} })
	p := warehouse.NewPatience(warehouse.Backoff{Sleep: func(context.Context, time.Duration) error { return nil }})
	tool, err := checkfeeds.Tool(testdesk.Schemas(t), func(context.Context) (*run.Desk, error) { return d, nil })
	if err != nil {
		t.Fatal(err)
	}
	result, err := tool.Call(warehouse.WithPatience(t.Context(), p), nil)
	if err != nil {
		t.Fatal(err)
	}
	var r checkfeeds.Result
	if err := json.Unmarshal(result.JSON, &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Retries) != 1 || r.Retries[0].Class != "57P01 admin shutdown" || !strings.Contains(result.Text, "done again: ") {
		t.Errorf("retries = %+v in %q", r.Retries, result.Text)
	}
	if again, err := checkfeeds.Check(t.Context(), d); err != nil || len(again.Retries) != 0 {
		t.Errorf("a check that went through has retries %v, %v", again, err)
	}
}

// breaking is an engine whose first queries lose their snapshot.
type breaking struct {
	warehouse.Engine
	left int
}

func (b *breaking) Begin(ctx context.Context) (warehouse.Reader, error) {
	r, err := b.Engine.Begin(ctx)
	return &brokenReader{r, b}, err
}

type brokenReader struct {
	warehouse.Reader
	of *breaking
}

func (r *brokenReader) Query(ctx context.Context, sql string, args []any, scan func(warehouse.Row) error) error {
	if r.of.left > 0 {
		r.of.left--
		return &warehouse.Transient{Class: "57P01 admin shutdown", Lost: true, Fault: fault.New(fault.Unavailable, "warehouse", "it broke")}
	}
	return r.Reader.Query(ctx, sql, args, scan)
}
