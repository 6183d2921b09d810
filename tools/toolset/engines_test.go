package toolset_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools"
	"loyaltymcp/tools/run"
	"loyaltymcp/tools/toolset"
	"loyaltymcp/warehouse"
)

// asked is what agents ask of each program: windows of every form, further
// dimensions, both lengths, thresholds. The short form of the comparison asks of
// the demo program two of PostgreSQL and one of the others, and of the airline one of
// PostgreSQL; the long form asks all, and the whole pipeline once more:
//
//	LOYALTY_LONG=1 go test ./tools/toolset -run EnginesAgree -v
var asked = map[string][]string{
	"demo": {
		`{"window": "30d", "dimensions": ["tier", "region", "cohort"], "detail": "full"}`,
		`{"window": "quarter", "dimensions": ["channel", "age_band"], "alert_threshold": "redemption_rate<0.9, churn_explicit>0.1%, revenue:-1%"}`,
		`{"window": "2025-11-10..2026-01-20", "dimensions": ["tier"], "detail": "full", "experiments": ["spring-double-points"]}`,
		`{"window": "7d", "as_of": "2025-12-01"}`,
	},
	"airline": {
		`{"window": "2018-10-01..2019-01-01", "dimensions": ["tier", "region", "education"], "detail": "full"}`,
		`{"window": "quarter", "dimensions": ["channel", "gender", "cohort"], "alert_threshold": "redemption_rate<0.9"}`,
	},
}

// long asks for the long form.
var long = os.Getenv("LOYALTY_LONG") != ""

// answers calls every tool as an agent does, and returns what came back by
// call. The first request goes on to the plan, which counts as an answer too, and,
// in the long form, through the whole pipeline in one call.
func answers(t *testing.T, d *run.Desk, requests []string) map[string]any {
	t.Helper()
	set, err := toolset.New(testdesk.Schemas(t), func(context.Context) (*run.Desk, error) { return d, nil })
	if err != nil {
		t.Fatal(err)
	}
	// All desks hash the samples' keys alike.
	if err := os.WriteFile(d.Store.SaltFile(), []byte(strings.Repeat("salt", 16)), 0o600); err != nil {
		t.Fatal(err)
	}
	out := map[string]any{}
	call := func(key, tool, arguments string) any {
		i := slices.IndexFunc(set, func(s tools.Tool) bool { return s.Name == tool })
		result, err := set[i].Call(t.Context(), json.RawMessage(arguments))
		if err != nil {
			t.Fatalf("%s %s: %v", tool, arguments, err)
		}
		out[key+"/"+tool], out[key+"/"+tool+" as text"] = decode(t, result.JSON), scrub(result.Text)
		var opened struct {
			RunID string `json:"run_id"`
		}
		if err := json.Unmarshal(result.JSON, &opened); err != nil {
			t.Fatal(err)
		}
		return opened.RunID
	}
	call("", "check_feeds", "{}")
	for i, request := range requests {
		id := call(request, "pull_metrics", request)
		for _, detail := range []string{"summary", "full"} {
			for _, tool := range []string{"diagnose_health", "surface_insights", "review_experiments"} {
				call(request+" "+detail, tool, fmt.Sprintf(`{"run_id": %q, "detail": %q}`, id, detail))
			}
		}
		if i > 0 {
			continue
		}
		call(request, "write_plan", fmt.Sprintf(`{"run_id": %q}`, id))
		if long {
			call(request, "monitor_loyalty", request) // the same queries once more
		}
	}
	plans, err := filepath.Glob(filepath.Join(d.Plans, "plan-*.json"))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(plans)
	for i, file := range plans {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		out[fmt.Sprintf("plan %d", i)] = decode(t, text)
	}
	return out
}

func decode(t *testing.T, text []byte) any {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

var incidental = regexp.MustCompile(`run-[0-9a-f]{12}|[^ "]*/plan-[^ "]*\.json|plan-\d{8}-\d{6}[-\w]*|took [0-9.]+ s|\b(duckdb|postgres)\b`)

// scrub takes out of a text what no two runs share.
func scrub(text string) string { return incidental.ReplaceAllString(text, "*") }

// apart is what two engines may answer differently: clocks and the state of the
// data, and the seal on all of a plan.
var apart = []string{"seconds", "data_generation", "seal"}

// differences lists where got is not want: counts, texts and their order must
// be equal, floats to nine digits.
func differences(at string, want, got any) []string {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return []string{fmt.Sprintf("%s: %v is no object", at, got)}
		}
		var out []string
		for key := range g {
			if _, ok := w[key]; !ok {
				out = append(out, fmt.Sprintf("%s has %q", at, key))
			}
		}
		for key := range w {
			if !slices.Contains(apart, key) {
				out = append(out, differences(at+"."+key, w[key], g[key])...)
			}
		}
		return out
	case []any:
		g, ok := got.([]any)
		if w, g = unmarked(w), unmarked(g); !ok && len(w) > 0 || len(w) != len(g) {
			return []string{fmt.Sprintf("%s: %v, want %v", at, got, want)}
		}
		var out []string
		for i := range w {
			out = append(out, differences(fmt.Sprintf("%s[%d]", at, i), w[i], g[i])...)
		}
		return out
	case string:
		if g, ok := got.(string); ok && scrub(w) == scrub(g) {
			return nil
		}
	case json.Number:
		if g, ok := got.(json.Number); ok && same(w, g) {
			return nil
		}
	default:
		if want == got {
			return nil
		}
	}
	return []string{fmt.Sprintf("%s: %v, want %v", at, got, want)}
}

// unmarked leaves out the column by which a cluster marks rows of nobody.
func unmarked(list []any) []any {
	return slices.DeleteFunc(slices.Clone(list), func(v any) bool { return v == "guest" })
}

func same(want, got json.Number) bool {
	w, err := want.Float64()
	g, err2 := got.Float64()
	if err != nil || err2 != nil {
		return false
	}
	if w == math.Trunc(w) && !strings.ContainsAny(want.String(), "eE") {
		return w == g
	}
	return math.Abs(w-g) <= 1e-9*math.Abs(w)
}

// nodes is an engine whose data pass for those of a cluster.
type nodes struct{ warehouse.Engine }

func (n nodes) Begin(ctx context.Context) (warehouse.Reader, error) {
	r, err := n.Engine.Begin(ctx)
	return onNodes{r}, err
}

type onNodes struct{ warehouse.Reader }

func (onNodes) Scattered(context.Context, []string) (bool, error) { return true, nil }

// Same data, same questions, same answers, whatever holds the data.
func TestEnginesAgree(t *testing.T) {
	for name, program := range map[string]func(testing.TB) testdesk.Program{"demo": testdesk.DemoProgram, "airline": testdesk.AirlineProgram} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // what waits for a server leaves a processor free
			p := program(t)
			most, some := len(asked[name]), 1+len(asked[name])/3
			if !long {
				most, some = 2, 1
				if name != "demo" {
					most = 1
				}
			}
			here := answers(t, p.On(t, "duckdb:"+p.Files), asked[name][:most])
			// A cluster says that its snapshot may be torn, and so must the engine
			// that it is compared with: what fits in a result hangs on it.
			torn := func(ask int) func() map[string]any {
				return func() map[string]any {
					return answers(t, testdesk.Wrapped(t, p.Config, p.Folder, "duckdb:"+p.Files, func(e warehouse.Engine) warehouse.Engine { return nodes{e} }), asked[name][:ask])
				}
			}
			for _, engine := range []struct {
				name string
				url  func(testing.TB) string
				ask  int // how many of the requests: the stand-in for a cluster is slow
				want func() map[string]any
			}{
				{"file", p.File, some, func() map[string]any { return here }},
				{"postgres", p.Postgres, most, func() map[string]any { return here }},
				{"foreign shards", p.Foreign, some, torn(some)},
				{"citus", p.Citus, most, torn(most)},
			} {
				t.Run(engine.name, func(t *testing.T) {
					if !long && name != "demo" && engine.name != "postgres" && engine.name != "citus" {
						t.Skip("a second program on these is for the long form: LOYALTY_LONG=1")
					}
					at := engine.url(t)
					want := engine.want()
					got := answers(t, p.On(t, at), asked[name][:engine.ask])
					if least := len(want) * engine.ask / most; len(got) < least {
						t.Errorf("%d answers, want %d at least", len(got), least)
					}
					for call := range got {
						for i, d := range differences(call, want[call], got[call]) {
							if i == 5 {
								t.Errorf("%s: and more", call)
								break
							}
							t.Error(d)
						}
					}
				})
			}
		})
	}
}

// The comparison sees what it is there for.
func TestDifferencesAreSeen(t *testing.T) {
	want := `{"a": [1, 2.5, "x"], "b": null, "seconds": 1}`
	for _, bad := range []string{
		`{"a": [1, 2.5, "y"], "b": null}`, `{"a": [1, "x", 2.5], "b": null}`, `{"a": [1, 2.50000001, "x"], "b": null}`,
		`{"a": [1, 2.5, "x"], "b": 0}`, `{"a": [1, 2.5], "b": null}`, `{"a": [1, 2.5, "x"], "b": null, "c": 1}`, `{"a": [2, 2.5, "x"]}`,
	} {
		if len(differences("", decode(t, []byte(want)), decode(t, []byte(bad)))) == 0 {
			t.Errorf("%s counts as equal to %s", bad, want)
		}
	}
	good := `{"a": [1, 2.5000000000001, "x"], "b": null, "seconds": 7}`
	if found := differences("", decode(t, []byte(want)), decode(t, []byte(good))); len(found) > 0 {
		t.Errorf("%q in %s", found, good)
	}
}
