package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/schemas"
)

// try runs a command line and returns what it says.
func try(t *testing.T, ctx context.Context, args ...string) (code int, out, err string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = execute(ctx, &terminal{in: strings.NewReader(""), out: &stdout, err: &stderr}, args)
	return code, stdout.String(), stderr.String()
}

// small is the folder of a small program, written once by the program itself.
var small = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "loyalty-mcp-small-*")
	if err != nil {
		return "", err
	}
	var stdout, stderr bytes.Buffer
	folder := filepath.Join(dir, "program")
	if code := execute(context.Background(), &terminal{in: strings.NewReader(""), out: &stdout, err: &stderr},
		[]string{"demo", "--out", folder, "--members", "1500"}); code != 0 {
		os.RemoveAll(dir)
		return "", &failed{stderr.String()}
	}
	return folder, nil
})

type failed struct{ says string }

func (f *failed) Error() string { return f.says }

func TestMain(m *testing.M) {
	for _, name := range []string{"LOYALTY_CONFIG", "LOYALTY_PLANS", "LOYALTY_STATE"} {
		os.Unsetenv(name)
	}
	code := m.Run()
	if folder, err := small(); err == nil {
		os.RemoveAll(filepath.Dir(folder))
	}
	os.Exit(code)
}

// house is a program with folders of its own for state and plans.
type house struct{ config, state, plans string }

func newHouse(t *testing.T) house {
	t.Helper()
	folder, err := small()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	return house{filepath.Join(folder, "loyalty.yaml"), filepath.Join(dir, "state"), filepath.Join(dir, "plans")}
}

// flags puts the house's folders behind a command line.
func (h house) flags(args ...string) []string {
	return append(slices.Clone(args), "--config", h.config, "--state", h.state, "--plans", h.plans)
}

// left returns the files of a folder and what is below it.
func left(t *testing.T, dir string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil
		}
		if err == nil && !entry.IsDir() {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func temporary(files []string) []string {
	return slices.DeleteFunc(slices.Clone(files), func(f string) bool { return !strings.Contains(filepath.Base(f), "tmp") })
}

func put(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// Whatever a person gets wrong is answered in one line that says how to get it
// right, and leaves nothing behind.
func TestMistakes(t *testing.T) {
	h := newHouse(t)
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "mine.txt"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	configured := func(text string) string { return put(t, "loyalty.yaml", text) }
	const start = "program: {name: Small, currency: EUR}\nfeeds:\n  members: {sql: \"SELECT 1 AS member_id, DATE '2026-01-01' AS enrolled_at\"}\n"
	for _, c := range []struct {
		name string
		args []string
		want []string
	}{
		{"unknown command", []string{"moniter"}, []string{`"moniter"`, "valid: monitor"}},
		{"flag for a command", []string{"--demo"}, []string{`"--demo"`, "valid: "}},
		{"unknown flag", h.flags("monitor", "--windows", "7d"), []string{"-windows", "valid: --window"}},
		{"flag without a value", []string{"monitor", "--window"}, []string{"window"}},
		{"stray word", h.flags("monitor", "now"), []string{`"now"`, "not expected"}},
		{"stray word behind a list", h.flags("monitor", "--dimensions", "tier,", "region"), []string{`"region"`, "quotes"}},
		{"unknown window", h.flags("monitor", "--window", "month"), []string{"window", "month", "30d"}},
		{"window of no calendar", h.flags("monitor", "--window", "2026-02-30..2026-03-30"), []string{"window", "calendar"}},
		{"window backwards", h.flags("monitor", "--window", "2026-06-01..2026-05-01"), []string{"window", "ends before it starts"}},
		{"as_of before the data", h.flags("monitor", "--as-of", "2020-01-01"), []string{"as_of", "before the data", "2024-07-01"}},
		{"as_of after the data", h.flags("monitor", "--as-of", "2031-01-01"), []string{"as_of", "after the data", "2026-07-01"}},
		{"as_of that is no day", h.flags("monitor", "--as-of", "yesterday"), []string{"as_of", "yesterday"}},
		{"as_of against the window", h.flags("monitor", "--window", "2026-05-01..2026-06-01", "--as-of", "2026-06-15"), []string{"as_of", "2026-06-01"}},
		{"unknown dimension", h.flags("monitor", "--dimensions", "tier,regoin"), []string{"dimensions", `"regoin"`, "valid: region"}},
		{"unknown experiment", h.flags("monitor", "--experiments", "no-such-test"), []string{"no-such-test", "valid: "}},
		{"unknown threshold", h.flags("monitor", "--alert-threshold", "redemption_rat<0.1"), []string{"alert_threshold", "valid: redemption_rate"}},
		{"threshold that is none", h.flags("monitor", "--alert-threshold", "often"), []string{"alert_threshold", "often", "KPI<number"}},
		{"unknown detail", h.flags("monitor", "--detail", "all"), []string{"detail", "summary", "full"}},
		{"waiver without a reason", h.flags("monitor", "--waive", "surface_insights"), []string{"STAGE=REASON"}},
		{"waiver of no stage", h.flags("monitor", "--waive", "insights=none"), []string{"stage", "surface_insights"}},
		{"the same as JSON", h.flags("monitor", "--json", "--window", "month"), []string{"window", "month"}},

		{"no config", []string{"monitor", "--config", filepath.Join(h.state, "loyalty.yaml"), "--state", h.state, "--plans", h.plans}, []string{"there is no file", "--demo"}},
		{"misspelt config", []string{"monitor", "--config", configured(start + "tresholds: {}\n"), "--state", h.state, "--plans", h.plans}, []string{"loyalty.yaml:4", "valid: thresholds"}},
		{"config that is no YAML", []string{"monitor", "--config", configured("a: [\n"), "--state", h.state, "--plans", h.plans}, []string{"loyalty.yaml", "YAML"}},
		{"config with an odd threshold", []string{"monitor", "--config", configured(start + "thresholds: {revenu: {warning: \">1\"}}\n"), "--state", h.state, "--plans", h.plans}, []string{"thresholds.revenu", "valid: revenue"}},
		{"config of broken SQL", []string{"monitor", "--config", configured("program: {name: Small, currency: EUR}\nfeeds:\n  members: {sql: SELECT FORM x WHERE secret}\n"), "--state", h.state, "--plans", h.plans}, []string{"feeds.members"}},
		{"config without the data", []string{"check", "--config", configured("program: {name: Small, currency: EUR}\nwarehouse: duckdb:gone\nfeeds:\n  members: {table: members}\n"), "--state", h.state, "--plans", h.plans}, []string{"warehouse", "gone"}},
		{"unknown warehouse", append(h.flags("monitor"), "--warehouse", "oracle:x"), []string{"warehouse", "oracle", "duckdb"}},

		{"call of nothing", h.flags("call"), []string{"call takes a tool"}},
		{"unknown tool", h.flags("call", "pull_metric"), []string{`"pull_metric"`, "valid: pull_metrics"}},
		{"unknown argument", h.flags("call", "pull_metrics", `{"windo":"7d"}`), []string{"windo", "valid: window"}},
		{"argument of a wrong type", h.flags("call", "pull_metrics", `{"window":{"days":7}}`), []string{"window", "string"}},
		{"malformed JSON", h.flags("call", "pull_metrics", `{"window":`), []string{"arguments", "JSON"}},
		{"JSON twice", h.flags("call", "pull_metrics", `{} {}`), []string{"arguments", "JSON"}},
		{"JSON that is no object", h.flags("call", "pull_metrics", `[1]`), []string{"arguments", "object"}},
		{"too many words", h.flags("call", "pull_metrics", "{}", "{}"), []string{"call takes a tool"}},
		{"malformed run", h.flags("call", "diagnose_health", `{"run_id":"run-1"}`), []string{"run_id"}},
		{"unknown run", h.flags("call", "diagnose_health", `{"run_id":"run-0123456789ab"}`), []string{"run_id", "run-0123456789ab", "pull_metrics"}},
		{"unknown experiment in a call", h.flags("call", "review_experiments", `{"experiments":["no-such-test"]}`), []string{"no-such-test", "valid: "}},

		{"demo without a folder", []string{"demo"}, []string{"--out"}},
		{"demo over something", []string{"demo", "--out", full}, []string{"--out", "not empty"}},
		{"demo into a file", []string{"demo", "--out", filepath.Join(full, "mine.txt")}, []string{"--out", "no folder"}},
		{"demo of nobody", []string{"demo", "--out", filepath.Join(full, "new"), "--members", "0"}, []string{"--members", "0"}},
		{"demo of too many", []string{"demo", "--out", filepath.Join(full, "new"), "--members", "9999999"}, []string{"--members"}},
		{"demo of some", []string{"demo", "--out", filepath.Join(full, "new"), "--members", "some"}, []string{"members", "some"}},

		{"unknown metric", []string{"metrics", "redemption_rat"}, []string{`"redemption_rat"`, "valid: redemption_rate"}},
		{"two metrics", []string{"metrics", "revenue", "orders"}, []string{"metrics takes one ID"}},
		{"metrics of a wrong preset", []string{"metrics", "--config", configured(start + "metrics: {preset: smily}\n")}, []string{"loyalty.yaml:4: metrics.preset", "valid: smile"}},
		{"a metric of a column that no feed has", []string{"check", "--config", configured(start + "metrics:\n  define:\n    - {id: x, label: X, group: revenue, kind: flow, unit: money, better: higher, definition: X., numerator: sum(orders.profit)}\n"), "--state", h.state, "--plans", h.plans}, []string{"loyalty.yaml:6: metrics.define[0].numerator", `"profit"`, "valid: ", "margin", "loyalty-mcp metrics"}},

		{"plan of nothing", []string{"plan"}, []string{"plan takes a file"}},
		{"plan that is not there", []string{"plan", filepath.Join(full, "plan.json")}, []string{"plan.json"}},
		{"plan that is a folder", []string{"plan", full}, []string{"can't be read"}},
		{"plan that is no JSON", []string{"plan", put(t, "plan.json", "{")}, []string{"plan.json", "JSON"}},
		{"plan that is none", []string{"plan", put(t, "plan.json", `{"goal":1}`)}, []string{"plan.json"}},
		{"two plans", []string{"plan", "a.json", "b.json"}, []string{`"b.json"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, out, says := try(t, t.Context(), c.args...)
			if code != 1 {
				t.Errorf("status = %d, want 1", code)
			}
			if out != "" {
				t.Errorf("standard output = %.300q, want nothing", out)
			}
			if !strings.HasPrefix(says, "loyalty-mcp: ") || strings.Count(says, "\n") != 1 || !strings.HasSuffix(says, "\n") {
				t.Errorf("standard error = %q, want one line that starts with loyalty-mcp:", says)
			}
			for _, part := range c.want {
				if !strings.Contains(says, part) {
					t.Errorf("%q lacks %q", says, part)
				}
			}
			for _, part := range []string{"internal", "goroutine", "panic", "WHERE secret", "SELECT"} {
				if strings.Contains(says, part) {
					t.Errorf("%q holds %q", says, part)
				}
			}
			if files := plansIn(t, h.plans); len(files) != 0 {
				t.Errorf("in the folder of the plans: %v", files)
			}
			if files := temporary(left(t, h.state)); len(files) != 0 {
				t.Errorf("left over: %v", files)
			}
		})
	}
	if files := left(t, full); !slices.Equal(files, []string{filepath.Join(full, "mine.txt")}) {
		t.Errorf("the full folder holds %v, want mine.txt alone", files)
	}
}

// A folder of plans that is none is the operator's mistake, not a defect.
func TestPlansInAFile(t *testing.T) {
	h := newHouse(t)
	h.plans = put(t, "mine.txt", "mine")
	code, out, says := try(t, t.Context(), h.flags("monitor", "--window", "7d")...)
	if code != 1 || out != "" || strings.Contains(says, "internal") || !strings.HasPrefix(says, "loyalty-mcp: plans") {
		t.Errorf("status %d, output %.100q, %q, want 1, nothing, and what is wrong with the folder of the plans", code, out, says)
	}
}

// A target that names no KPI would never be looked at.
func TestTargetOfNoKPI(t *testing.T) {
	h := newHouse(t)
	h.config = put(t, "loyalty.yaml", "program: {name: Small, currency: EUR}\nfeeds:\n  members: {sql: \"SELECT 1 AS member_id, DATE '2026-01-01' AS enrolled_at\"}\ntargets: {redemption_rat: 0.3}\n")
	code, _, says := try(t, t.Context(), h.flags("check")...)
	if code != 1 || !strings.Contains(says, "redemption_rat") {
		t.Errorf("status %d, %q, want 1 and redemption_rate named", code, says)
	}
}

// A stack of YAML's complaints is still one line.
func TestConfigWithAKeyTwice(t *testing.T) {
	h := newHouse(t)
	h.config = put(t, "loyalty.yaml", "program: {name: Small, currency: EUR}\nprogram: {name: Small, currency: EUR}\nfeeds:\n  members: {table: members}\n")
	code, _, says := try(t, t.Context(), h.flags("check")...)
	if code != 1 || strings.Count(says, "\n") != 1 || !strings.Contains(says, "line 2") {
		t.Errorf("status %d, %q, want 1 and one line that names line 2", code, says)
	}
}

func TestHelp(t *testing.T) {
	for _, word := range []string{"help", "-h", "--help"} {
		code, out, says := try(t, t.Context(), word)
		if code != 0 || out != "" {
			t.Errorf("%s: status %d, output %q, want 0 and nothing", word, code, out)
		}
		for _, c := range commands() {
			if !strings.Contains(says, "\n  "+c.name+" ") {
				t.Errorf("%s does not name %s", word, c.name)
			}
		}
	}
	if code, out, says := try(t, t.Context()); code != 1 || out != "" || !strings.Contains(says, "Commands:") {
		t.Errorf("nothing: status %d, output %q, %q, want 1 and the commands", code, out, says)
	}
	if _, _, says := try(t, t.Context(), "--help"); !strings.Contains(says, "sync.file") || !strings.Contains(says, "--plant") {
		t.Errorf("--help says %q, want sync.file and --plant in it", says)
	}
	for _, c := range commands() {
		if c.name == "version" {
			continue
		}
		if code, out, says := try(t, t.Context(), c.name, "--help"); code != 0 || out != "" || !strings.HasPrefix(says, "loyalty-mcp "+c.name+": "+c.summary+"\n") || !strings.Contains(says, "\nFlags:\n  -") && !strings.Contains(says, "no flags") {
			t.Errorf("%s --help: status %d, output %q, %q, want 0, what it does and its flags", c.name, code, out, says)
		}
	}
	if code, out, says := try(t, t.Context(), "version"); code != 0 || out != "loyalty-mcp "+version+"\n" || says != "" {
		t.Errorf("version: status %d, %q, %q", code, out, says)
	}
}

// must runs a command line that should work.
func must(t *testing.T, args ...string) string {
	t.Helper()
	code, out, says := try(t, t.Context(), args...)
	if code != 0 || says != "" {
		t.Fatalf("%v: status %d, standard error %q, want 0 and nothing", args, code, says)
	}
	return out
}

// validate checks a result against its tool's whole schema.
func validate(t *testing.T, name string, raw string) map[string]any {
	t.Helper()
	schema, ok := testdesk.Schemas(t).Get(name + ".output")
	if !ok {
		t.Fatalf("%s has no schema", name)
	}
	value, err := schemas.Decode([]byte(raw))
	if err != nil {
		t.Fatalf("%s: %v in %.300q", name, err, raw)
	}
	if found := schema.Validate(value); len(found) != 0 {
		t.Errorf("%s breaks its schema: %+v", name, found)
	}
	var result map[string]any
	if err := json.Unmarshal([]byte(raw), &result); err != nil {
		t.Fatal(err)
	}
	return result
}

func TestMonitorWritesAPlan(t *testing.T) {
	h := newHouse(t)
	out := must(t, h.flags("monitor", "--dimensions", "tier,region", "--alert-threshold", "redemption_rate<0.99")...)
	for _, part := range []string{"Harbor Rewards", "redemption", h.plans} {
		if !strings.Contains(out, part) {
			t.Errorf("the report lacks %q:\n%s", part, out)
		}
	}
	files := plansIn(t, h.plans)
	if len(files) != 1 || !strings.HasPrefix(filepath.Base(files[0]), "plan-") || filepath.Ext(files[0]) != ".json" {
		t.Fatalf("in the folder of the plans: %v, want one plan", files)
	}
	_, page, _ := strings.Cut(out, "Dashboard: ")
	page, _, _ = strings.Cut(page, "\n")
	if text, err := os.ReadFile(page); err != nil || filepath.Dir(page) != h.plans || !strings.HasPrefix(string(text), "<!DOCTYPE html>") {
		t.Errorf("no dashboard is at %q: %v", page, err)
	}
	if out := must(t, "plan", files[0]); !strings.Contains(out, "is valid: Harbor Rewards") || !strings.Contains(out, "as of 2026-07-01") {
		t.Errorf("plan says %q, want that it is valid, as of 2026-07-01", out)
	}
	// A plan spoilt by hand is found out.
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	spoilt := put(t, filepath.Base(files[0]), strings.Replace(string(text), `"as_of"`, `"as_off"`, 1))
	if code, _, says := try(t, t.Context(), "plan", spoilt); code != 1 || !strings.Contains(says, "as_of") {
		t.Errorf("a spoilt plan: status %d, %q, want 1 and as_of named", code, says)
	}
	if files := temporary(append(left(t, h.plans), left(t, h.state)...)); len(files) != 0 {
		t.Errorf("left over: %v", files)
	}
	// Another run writes another plan and leaves the first as it was.
	must(t, h.flags("monitor", "--window", "7d")...)
	if again := plansIn(t, h.plans); len(again) != 2 {
		t.Errorf("after another run: %v, want two plans", again)
	}
	if now, err := os.ReadFile(files[0]); err != nil || !bytes.Equal(now, text) {
		t.Errorf("the first plan changed (%v)", err)
	}
}

func TestMonitorAsJSON(t *testing.T) {
	h := newHouse(t)
	printed := validate(t, "monitor_loyalty", must(t, h.flags("monitor", "--json", "--window", "7d")...))
	called := validate(t, "monitor_loyalty", must(t, h.flags("call", "monitor_loyalty", `{"window":"7d"}`)...))
	for _, result := range []map[string]any{printed, called} {
		plan, ok := result["plan"].(map[string]any)
		if !ok {
			t.Fatalf("no plan in %v", result)
		}
		path, _ := plan["path"].(string)
		if _, err := os.Stat(path); err != nil {
			t.Errorf("the plan: %v", err)
		}
	}
	// The same data and question give the same answer, but for its name.
	for _, key := range []string{"kpis", "health", "segments", "experiments", "alerts", "window", "as_of", "caveats"} {
		a, _ := json.Marshal(printed[key])
		b, _ := json.Marshal(called[key])
		if !bytes.Equal(a, b) {
			t.Errorf("%s differs:\nmonitor %s\ncall    %s", key, a, b)
		}
	}
}

// Each call is a process of its own; the run is what they share.
func TestCallsShareARun(t *testing.T) {
	h := newHouse(t)
	first := validate(t, "pull_metrics", must(t, h.flags("call", "pull_metrics", `{"window":"2026-05-01..2026-06-01"}`)...))
	id, _ := first["run_id"].(string)
	if id == "" {
		t.Fatalf("no run_id in %v", first)
	}
	arguments := `{"run_id":"` + id + `"}`
	for _, tool := range []string{"diagnose_health", "surface_insights", "review_experiments"} {
		result := validate(t, tool, must(t, h.flags("call", tool, arguments)...))
		if result["run_id"] != id || result["as_of"] != "2026-06-01" {
			t.Errorf("%s is of run %v as of %v, want %s, 2026-06-01", tool, result["run_id"], result["as_of"], id)
		}
	}
	// A stage asked again answers with the same bytes.
	if a, b := must(t, h.flags("call", "diagnose_health", arguments)...), must(t, h.flags("call", "diagnose_health", arguments)...); a != b {
		t.Errorf("diagnose_health answered differently:\n%s\n%s", a, b)
	}
	validate(t, "write_plan", must(t, h.flags("call", "write_plan", arguments)...))
	if files := plansIn(t, h.plans); len(files) != 1 {
		t.Errorf("plans: %v, want one", files)
	}
	// Another state folder knows nothing of the run.
	h.state = t.TempDir()
	if code, _, says := try(t, t.Context(), h.flags("call", "diagnose_health", arguments)...); code != 1 || !strings.Contains(says, id) {
		t.Errorf("with another state: status %d, %q, want 1 and the id named", code, says)
	}
}

func TestCheck(t *testing.T) {
	h := newHouse(t)
	if out := must(t, h.flags("check")...); !strings.Contains(out, "orders") || !strings.Contains(out, "members") {
		t.Errorf("check says %q, want the feeds", out)
	}
	printed := must(t, h.flags("check", "--json")...)
	validate(t, "check_feeds", printed)
	if called := must(t, h.flags("call", "check_feeds")...); called != printed {
		t.Errorf("call check_feeds prints\n%s\ncheck --json\n%s", called, printed)
	}
	if files := plansIn(t, h.plans); len(files) != 0 {
		t.Errorf("checking wrote %v", files)
	}
}

// The arguments may stand before or behind the flags.
func TestCallTakesFlagsAnywhere(t *testing.T) {
	h := newHouse(t)
	behind := append([]string{"call", "--config", h.config, "--state", h.state, "--plans", h.plans}, "check_feeds", "{}")
	between := append([]string{"call", "check_feeds", "--config", h.config, "--state", h.state, "--plans", h.plans}, "{}")
	want := must(t, h.flags("call", "check_feeds", "{}")...)
	for _, args := range [][]string{behind, between} {
		if got := must(t, args...); got != want {
			t.Errorf("%v prints something else", args)
		}
	}
}

func TestInterrupted(t *testing.T) {
	h := newHouse(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	code, out, says := try(t, ctx, h.flags("monitor")...)
	if code != 1 || out != "" || says != "loyalty-mcp: The call was cancelled.\n" {
		t.Errorf("status %d, output %q, %q, want 1, nothing, and that it was cancelled", code, out, says)
	}
	if files := plansIn(t, h.plans); len(files) != 0 {
		t.Errorf("plans: %v, want none", files)
	}
	// A demo that was interrupted leaves a folder that can be named again.
	folder := filepath.Join(t.TempDir(), "demo")
	if code, _, says := try(t, ctx, "demo", "--out", folder, "--members", "100"); code != 1 || !strings.Contains(says, "cancelled") {
		t.Errorf("an interrupted demo: status %d, %q, want 1 and that it was cancelled", code, says)
	}
}

// plansIn returns the plans in a folder, and fails for anything else there but their
// history.
func plansIn(t *testing.T, dir string) []string {
	t.Helper()
	var plans []string
	for _, file := range left(t, dir) {
		if filepath.Base(filepath.Dir(file)) != "history" && filepath.Ext(file) != ".html" {
			plans = append(plans, file)
		}
	}
	return plans
}

// What people see of the plans: a list, one with its history, a revision, the schema.
func TestPlans(t *testing.T) {
	h := newHouse(t)
	if got := must(t, "plans", "--plans", h.plans); !strings.Contains(got, "There is no plan in "+h.plans) {
		t.Errorf("without plans: %s", got)
	}
	var written struct {
		Plan struct {
			ID string `json:"plan_id"`
		} `json:"plan"`
	}
	if err := json.Unmarshal([]byte(must(t, h.flags("monitor", "--json")...)), &written); err != nil {
		t.Fatal(err)
	}
	id := written.Plan.ID
	must(t, h.flags("call", "write_plan", fmt.Sprintf(`{"plan_id": %q, "revision": 1, "by": "me", "items": [{"id": "B01", "drop": true, "reason": "Not now"}]}`, id))...)
	if err := os.WriteFile(filepath.Join(h.plans, "plan-20260101-000000.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	list := must(t, "plans", "--plans", h.plans)
	for _, want := range []string{id, "draft, not for distribution", "plan-20260101-000000", "no valid plan"} {
		if !strings.Contains(list, want) {
			t.Errorf("the list lacks %q:\n%s", want, list)
		}
	}
	shown := must(t, "plans", id, "--plans", h.plans)
	for _, want := range []string{id + ", revision 2", "Checklist: not for distribution", "[OPEN] approvals: Waits for Loyalty Strategist and Finance", "Dropped B01", "B01 dropped: Not now (me)", "Revisions that can be shown by --revision: 1 2"} {
		if !strings.Contains(strings.Join(strings.Fields(shown), " "), strings.Join(strings.Fields(want), " ")) {
			t.Errorf("the plan as shown lacks %q:\n%s", want, shown)
		}
	}
	if first := must(t, "plans", id, "--revision", "1", "--plans", h.plans); strings.Contains(first, "Dropped B01") || !strings.Contains(first, "revision 1") {
		t.Errorf("revision 1 as shown:\n%s", first)
	}
	var plan map[string]any
	if err := json.Unmarshal([]byte(must(t, "plans", id, "--json", "--plans", h.plans)), &plan); err != nil || plan["revision"] != 2.0 {
		t.Errorf("as JSON: %v, %v", plan["revision"], err)
	}
	var schema map[string]any
	if err := json.Unmarshal([]byte(must(t, "plans", "--schema")), &schema); err != nil || schema["$schema"] == nil {
		t.Errorf("the schema: %v, %v", schema["$schema"], err)
	}
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"no such plan":     {[]string{"plans", "plan-20200101-000000", "--plans", h.plans}, "there is no plan plan-20200101-000000; valid: "},
		"no id":            {[]string{"plans", "mine", "--plans", h.plans}, `"mine" is no plan id`},
		"no such revision": {[]string{"plans", id, "--revision", "9", "--plans", h.plans}, "has no revision 9"},
		"revision of none": {[]string{"plans", "--revision", "1", "--plans", h.plans}, "name a plan to show"},
	} {
		if code, _, says := try(t, t.Context(), c.args...); code != 1 || !strings.Contains(says, c.want) {
			t.Errorf("%s: status %d, %s; want %q", name, code, says, c.want)
		}
	}
}
