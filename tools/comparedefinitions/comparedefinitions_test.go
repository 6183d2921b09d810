package comparedefinitions_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"loyaltymcp/internal/fault"
	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools"
	"loyaltymcp/tools/basis"
	"loyaltymcp/tools/comparedefinitions"
	"loyaltymcp/tools/pullmetrics"
	"loyaltymcp/tools/run"
	"loyaltymcp/tools/toolset"
	"loyaltymcp/tools/writeplan"
)

const small = `program: {name: Small, currency: EUR}
warehouse: duckdb:.
feeds:
  members: {table: members}
  orders: {sql: "SELECT order_id, member_id, ordered_at, net FROM orders"}
definitions: {lapse_days: 60}
targets: {repeat_purchase_rate: 0.5}
thresholds: {revenue: {warning: ":-10%"}}
`

// orders is one order a day and member of May and June 2026, of 40 members.
func orders() []string {
	var rows []string
	for day := range 61 {
		for m := range 40 {
			rows = append(rows, fmt.Sprintf("%d,%d,2026-%02d-%02d 10:00:00,10", day*100+m, m, 5+day/31, day%31+1))
		}
	}
	return rows
}

// folder writes the data of the small program.
func folder(t *testing.T, orders []string) string {
	t.Helper()
	dir := t.TempDir()
	members := []string{"member_id,enrolled_at"}
	for m := range 40 {
		members = append(members, fmt.Sprintf("%d,2025-01-01", m))
	}
	write(t, dir, "members.csv", members)
	write(t, dir, "orders.csv", append([]string{"order_id,member_id,ordered_at,net"}, orders...))
	return dir
}

func write(t *testing.T, dir, name string, lines []string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// beside returns a desk of another config that shares the runs and plans.
func beside(t *testing.T, d *run.Desk, text, dir string) *run.Desk {
	t.Helper()
	other := testdesk.Config(t, text, dir, "")
	other.Store, other.Plans = d.Store, d.Plans
	return other
}

func open(t *testing.T, d *run.Desk, request run.Request) *run.Run {
	t.Helper()
	r, err := d.Open(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// call calls the tool as an agent would.
func call(t *testing.T, d *run.Desk, before, after string) (*comparedefinitions.Result, tools.Result, error) {
	t.Helper()
	all, err := toolset.New(testdesk.Schemas(t), func(context.Context) (*run.Desk, error) { return d, nil })
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(tool tools.Tool) bool { return tool.Name == comparedefinitions.Name })
	arguments := map[string]string{}
	for name, id := range map[string]string{"before": before, "after": after} {
		if id != "" {
			arguments[name] = id
		}
	}
	raw, err := json.Marshal(arguments)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := all[i].Call(t.Context(), raw)
	if err != nil {
		return nil, answer, err
	}
	var out comparedefinitions.Result
	if err := json.Unmarshal(answer.JSON, &out); err != nil {
		t.Fatal(err)
	}
	return &out, answer, nil
}

// plan writes a plan of the run's KPIs.
func plan(t *testing.T, d *run.Desk, r *run.Run) *writeplan.Plan {
	t.Helper()
	if _, err := pullmetrics.Compute(t.Context(), d, r); err != nil {
		t.Fatal(err)
	}
	var waivers []writeplan.Waiver
	for _, stage := range run.Stages()[1:] {
		waivers = append(waivers, writeplan.Waiver{Stage: stage, Reason: "not asked"})
	}
	p, _, err := writeplan.Write(d, r, testdesk.Schemas(t), writeplan.Args{Waivers: waivers})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// said writes a change in short.
func said(changes []basis.Change) []string {
	out := []string{}
	for _, c := range changes {
		out = append(out, fmt.Sprintf("%s: %s -> %s", c.Title(), c.Before, c.After))
	}
	return out
}

// A changed config between two runs is told setting by setting, and nothing
// else; which KPIs hang on each comes from their definitions.
func TestAChangedConfigIsToldExactly(t *testing.T) {
	dir := folder(t, orders())
	d := testdesk.Config(t, small, dir, "")
	first, again := open(t, d, run.Request{}), open(t, d, run.Request{Window: "7d", Dimensions: []string{"cohort"}})
	for _, side := range []string{again.ID, ""} {
		if got, answer, err := call(t, d, first.ID, side); err != nil || len(got.Changes) != 0 || len(got.NotComparable) != 0 || !strings.Contains(got.Verdict, "nothing changed") {
			t.Errorf("the same config, after %q: %s %v, want no change", side, answer.JSON, err)
		}
	}
	changed := strings.NewReplacer("lapse_days: 60", "lapse_days: 90, active_events: [order]", "repeat_purchase_rate: 0.5", "repeat_purchase_rate: 0.6", ":-10%", ":-20%").Replace(small) +
		"owners: {data: Someone}\n"
	other := beside(t, d, changed, dir)
	second := open(t, other, run.Request{AlertThreshold: "revenue<5"})
	got, answer, err := call(t, other, first.ID, second.ID)
	if err != nil {
		t.Fatal(err)
	}
	config := got.Changes[2]
	want := []string{
		"definitions.active_events changed: order, earn, redeem -> order",
		"definitions.lapse_days changed: 60 -> 90",
		fmt.Sprintf("loyalty.yaml changed: %s -> %s", config.Before, config.After),
		"threshold of revenue as requested added:  -> revenue<5",
		"threshold of revenue warning changed: revenue:-10% -> revenue:-20%",
		"target of repeat_purchase_rate changed: 0.5 -> 0.6",
	}
	if !slices.Equal(said(got.Changes), want) {
		t.Errorf("changes\n%s\nwant\n%s", strings.Join(said(got.Changes), "\n"), strings.Join(want, "\n"))
	}
	if lapse := []string{"lapse_rate", "reactivation_rate"}; !slices.Equal(got.Changes[1].KPIs, lapse) {
		t.Errorf("on the lapse days hang %v, want %v", got.Changes[1].KPIs, lapse)
	}
	for kpi, want := range map[string]bool{"active_rate": true, "lapse_rate": true, "revenue": false, "enrolments": false} {
		if slices.Contains(got.NotComparable, kpi) != want {
			t.Errorf("%s not comparable: %v, want %v", kpi, !want, want)
		}
	}
	if !strings.Contains(answer.Text, "| definitions.lapse\\_days changed | 60 | 90 | lapse\\_rate, reactivation\\_rate |") {
		t.Errorf("the text lacks the lapse days:\n%s", answer.Text)
	}
	// Seen from the other side it is the same.
	back, _, err := call(t, other, second.ID, first.ID)
	if err != nil || !slices.Equal(back.NotComparable, got.NotComparable) {
		t.Errorf("backwards %v are not comparable (%v), want %v", back.NotComparable, err, got.NotComparable)
	}
}

// What a feed is mapped from is told by hash, and its columns by name.
func TestAChangedMappingIsToldWithoutItsText(t *testing.T) {
	dir := folder(t, orders())
	d := testdesk.Config(t, small, dir, "")
	first := open(t, d, run.Request{})
	other := beside(t, d, strings.Replace(small, "net FROM", "net, 'paid' AS status FROM", 1), dir)
	got, answer, err := call(t, other, first.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Changes) != 2 || got.Changes[0].What != basis.OfFeed || got.Changes[0].ID != "orders" || got.Changes[1].What != basis.OfColumn || got.Changes[1].ID != "orders.status" {
		t.Fatalf("changes %v, want the feed orders and its column status", said(got.Changes))
	}
	for kpi, want := range map[string]bool{"revenue": true, "active_rate": true, "members_open": false} {
		if slices.Contains(got.NotComparable, kpi) != want {
			t.Errorf("%s not comparable: %v, want %v", kpi, !want, want)
		}
	}
	if strings.Contains(string(answer.JSON), "paid") {
		t.Errorf("the answer tells the mapping's SQL: %s", answer.JSON)
	}
	by, err := d.Store.Basis(first.ID)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := json.Marshal(by); err != nil || strings.Contains(string(text), "SELECT") || strings.Contains(string(text), dir) {
		t.Errorf("the basis holds SQL or a path (%v): %s", err, text)
	}
}

// A run is compared with the newest plan, whose change log says the same.
func TestAgainstTheLastPlan(t *testing.T) {
	dir := folder(t, orders())
	d := testdesk.Config(t, small, dir, "")
	if got, err := comparedefinitions.AgainstLastPlan(d, open(t, d, run.Request{})); got != nil || err != nil {
		t.Errorf("without a plan: %+v, %v; want nothing", got, err)
	}
	p := plan(t, d, open(t, d, run.Request{AsOf: "2026-06-30"}))
	if got, err := comparedefinitions.AgainstLastPlan(d, open(t, d, run.Request{})); got != nil || err != nil {
		t.Errorf("nothing changed: %+v, %v; want nothing", got, err)
	}
	other := beside(t, d, strings.Replace(small, "lapse_days: 60", "lapse_days: 90", 1), dir)
	r := open(t, other, run.Request{})
	got, err := comparedefinitions.AgainstLastPlan(other, r)
	if err != nil || got == nil {
		t.Fatalf("another lapse: %v, %v; want a comparison", got, err)
	}
	if want := []string{"lapse_rate", "reactivation_rate"}; got.Plan != p.ID || !slices.Equal(got.NotComparable, want) {
		t.Errorf("against %s %v are not comparable, want %s and %v", got.Plan, got.NotComparable, p.ID, want)
	}
	if asked, _, err := call(t, other, "", r.ID); err != nil || asked.Before.ID != p.ID || !slices.Equal(said(asked.Changes), said(got.Changes)) {
		t.Errorf("the tool says %+v (%v), want the same as against the plan", asked, err)
	}
	log := plan(t, other, r).ChangeLog
	if want := "definitions.lapse_days changed since " + p.ID + "; not comparable: lapse_rate, reactivation_rate"; len(log) != 2 || log[1].What != want || log[1].Before != "60" || log[1].After != "90" {
		t.Errorf("change log %+v, want %q", log, want)
	}
}

// A plan of before plans carried a basis reads, and is compared as far as it
// tells.
func TestAPlanWithoutABasis(t *testing.T) {
	d := testdesk.Config(t, small, folder(t, orders()), "")
	p := plan(t, d, open(t, d, run.Request{}))
	file := filepath.Join(d.Plans, p.ID+".json")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var older map[string]any
	if err := json.Unmarshal(text, &older); err != nil {
		t.Fatal(err)
	}
	delete(older, "basis")
	delete(older, "kpis")
	if text, err = json.Marshal(older); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	plans, err := writeplan.NewFolder(d.Plans, testdesk.Schemas(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := plans.Read(p.ID); err != nil {
		t.Errorf("the older plan is not valid: %v", err)
	}
	got, _, err := call(t, d, p.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range got.Changes {
		// What the feeds can't carry is computed by a fallback, of which the
		// older plan did not tell.
		if c.What != basis.OfDefinition || c.Before == "" || c.After == "" {
			t.Errorf("the same config gives %+v", c)
		}
	}
	if !strings.Contains(got.Verdict, p.ID+" is of a version that kept hashes only") {
		t.Errorf("verdict %q, want it to say how far the comparison goes", got.Verdict)
	}
}

func TestUnknownIDsTeach(t *testing.T) {
	d := testdesk.Config(t, small, folder(t, orders()), "")
	if _, _, err := call(t, d, "", ""); !fault.Is(err, fault.NotFound) || !strings.Contains(err.Error(), "before: there is no earlier plan of Small") || !strings.Contains(err.Error(), "pull_metrics") {
		t.Errorf("without any plan: %v", err)
	}
	r := open(t, d, run.Request{})
	p := plan(t, d, r)
	for _, c := range []struct{ before, after, want string }{
		{"run-000000000000", "", "before: there is no run run-000000000000"},
		{"run-1", "", "before: there is no run run-1"},
		{r.ID, "plan-20200101-000000", "after: there is no plan plan-20200101-000000"},
		{r.ID, "plan-../../x", "after: there is no plan plan-../../x"},
		{"yesterday", "", `before: "yesterday" is neither a run id nor a plan id`},
	} {
		_, _, err := call(t, d, c.before, c.after)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) || !strings.Contains(err.Error(), r.ID) || !strings.Contains(err.Error(), p.ID) {
			t.Errorf("%q, %q: %v, want %q and the ids that there are", c.before, c.after, err, c.want)
		}
	}
}

// However much changed, the answer fits, and no KPI is left out of those that
// are not comparable.
func TestAnAnswerFitsItsBudget(t *testing.T) {
	dir := folder(t, orders())
	d := testdesk.Config(t, small, dir, "")
	first := open(t, d, run.Request{})
	d.Metrics = slices.Clone(d.Metrics)
	for i := range d.Metrics {
		d.Metrics[i].Text += strings.Repeat(" Counted anew.", 20)
	}
	got, answer, err := call(t, d, first.ID, "")
	if err != nil {
		t.Fatal(err)
	}
	if n := max(tools.Tokens(answer.JSON), tools.Tokens([]byte(answer.Text))); n > tools.FullTokens {
		t.Errorf("the answer is about %d tokens, more than %d", n, tools.FullTokens)
	}
	changed := len(got.NotComparable)
	if got.Truncated == nil || len(got.Changes)+got.Truncated.Dropped != changed || changed != len(d.Metrics) {
		t.Errorf("%d changes and %+v left out, %d KPIs not comparable of %d; want all told", len(got.Changes), got.Truncated, changed, len(d.Metrics))
	}
}
