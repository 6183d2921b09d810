package renderdashboard

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"loyaltymcp/internal/fault"
	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
)

func TestTool(t *testing.T) {
	f := demoRun(t)
	tool, err := Tool(testdesk.Schemas(t), func(context.Context) (*run.Desk, error) { return f.desk, nil })
	if err != nil {
		t.Fatal(err)
	}
	result, err := tool.Call(context.Background(), json.RawMessage(`{"run_id": "`+f.run.ID+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	if n := tools.Tokens(result.JSON); n > tools.SummaryTokens {
		t.Errorf("the result costs %d tokens, want at most %d", n, tools.SummaryTokens)
	}
	if links := result.Attached.Links; len(links) != 1 || links[0].URI != "run://"+f.run.ID+"/dashboard" {
		t.Errorf("attached are the links %v, want the page", links)
	}
	var got Result
	if err := json.Unmarshal(result.JSON, &got); err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(f.desk.Plans, "dashboard-"+f.run.ID+".html"); got.Path != want {
		t.Errorf("path = %s, want %s", got.Path, want)
	}
	text, err := os.ReadFile(got.Path)
	if err != nil || len(text) != got.Bytes {
		t.Errorf("%d bytes are written (%v), want %d", len(text), err, got.Bytes)
	}
	if !strings.Contains(got.Verdict, "13 of 13") || !strings.Contains(got.Verdict, "Not for distribution") {
		t.Errorf("verdict = %q", got.Verdict)
	}
	ids, err := os.ReadDir(f.desk.Plans)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range ids {
		if strings.HasPrefix(e.Name(), temporary) {
			t.Errorf("%s was left", e.Name())
		}
	}
}

func TestUnknownRun(t *testing.T) {
	f := demoRun(t)
	for id, want := range map[string]fault.Kind{"run-000000000000": fault.NotFound, "../../etc": fault.Invalid} {
		if _, err := Do(f.desk, testdesk.Schemas(t), id); !fault.Is(err, want) {
			t.Errorf("%s: %v, want a fault of kind %v", id, err, want)
		}
	}
}

func TestWriteReplacesWhole(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "plans")
	for _, text := range []string{"a first page that is longer", "a second"} {
		path, err := write(dir, "dashboard-x.html", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := os.ReadFile(path); string(got) != text {
			t.Errorf("written is %q, want %q", got, text)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("%d files are in the folder (%v), want 1", len(entries), err)
	}
}

func TestWriteRefusesLinks(t *testing.T) {
	base := t.TempDir()
	elsewhere := filepath.Join(base, "elsewhere")
	if err := os.Mkdir(elsewhere, 0o755); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(base, "plans")
	if err := os.Symlink(elsewhere, link); err != nil {
		t.Skip(err)
	}
	if _, err := write(link, "dashboard-x.html", []byte("x")); !fault.Is(err, fault.Config) {
		t.Errorf("a folder that is a link: %v, want it refused", err)
	}
	dir, victim := filepath.Join(base, "real"), filepath.Join(elsewhere, "victim")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(victim, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(victim, filepath.Join(dir, "dashboard-x.html")); err != nil {
		t.Fatal(err)
	}
	if _, err := write(dir, "dashboard-x.html", []byte("x")); !fault.Is(err, fault.Config) {
		t.Errorf("a name that is a link: %v, want it refused", err)
	}
	if got, _ := os.ReadFile(victim); string(got) != "mine" {
		t.Errorf("the file that the link leads to is now %q", got)
	}
}

func TestBrokenPlanIsSaid(t *testing.T) {
	f := demoRun(t)
	desk := *f.desk
	desk.Plans = t.TempDir()
	if err := os.WriteFile(filepath.Join(desk.Plans, "plan-20260702-090000.json"), []byte(`{"run": {"run_id": "`+f.run.ID+`"}}`), 0o644); err != nil {
		t.Fatal(err)
	}
	g, err := load(&desk, testdesk.Schemas(t), f.run.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got := statusOf(t, g, "backlog"); got.Status != "missing" || !strings.Contains(got.Reason, "plan-20260702-090000 can't be read") {
		t.Errorf("the backlog is %+v, want it missing because the plan can't be read", got)
	}
}

func TestScale(t *testing.T) {
	for _, c := range []struct {
		values []float64
		about  int
		want   string
		unit   string
	}{
		{[]float64{0, 1_234_567}, 4, "0 0.5M 1.0M 1.5M", "points"},
		{[]float64{0, 0.0123}, 3, "0 % 0.5 % 1.0 % 1.5 %", "ratio"},
		{[]float64{5, 5}, 2, "4.5 5.0 5.5", "count"},
		{[]float64{0, 0}, 2, "", "count"},
		{[]float64{-4000, 4000}, 4, "-4,000 -2,000 0 2,000 4,000", "money"},
	} {
		s := newScale(c.values, 0, 100, c.about)
		var got []string
		for _, x := range s.ticks {
			got = append(got, s.tick(x, metric.Unit(c.unit)))
		}
		if line := strings.Join(got, " "); c.want != "" && line != c.want {
			t.Errorf("%v: ticks %q, want %q", c.values, line, c.want)
		}
		for _, v := range c.values {
			if x := s.at(v); !(x >= 0 && x <= 100) {
				t.Errorf("%v: %v is at %v", c.values, v, x)
			}
		}
	}
}

// BenchmarkRender measures how long the page of the demo program takes and how
// large it is.
func BenchmarkRender(b *testing.B) {
	f := demoRun(b)
	var size int
	for b.Loop() {
		text, _, err := render(f)
		if err != nil {
			b.Fatal(err)
		}
		size = len(text)
	}
	b.ReportMetric(float64(size), "bytes/page")
}
