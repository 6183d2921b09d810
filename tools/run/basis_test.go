package run_test

import (
	"slices"
	"testing"
	"time"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/basis"
	"loyaltymcp/tools/run"
)

// What a request asks for in its answer does not narrow what figures are of.
func TestABasisIsOfTheWholeProgram(t *testing.T) {
	d := testdesk.Config(t, `program: {name: Small, currency: EUR}
feeds: {members: {sql: "SELECT i AS member_id, TIMESTAMP '2026-01-01 00:00:00' + i * INTERVAL '1 day' AS enrolled_at FROM generate_series(0, 170) AS g(i)"}}
`, t.TempDir(), "")
	r, err := d.Open(t.Context(), run.Request{Window: "7d", AsOf: "2026-06-01", Detail: run.Full, Dimensions: []string{"cohort"}, Experiments: []string{"x"}, AlertThreshold: "members_open<5"})
	if err != nil {
		t.Fatal(err)
	}
	by, err := d.Store.Basis(r.ID)
	if err != nil || by == nil {
		t.Fatalf("the basis of an opened run: %v, %v", by, err)
	}
	if scope, ok := by.Choices["request"]; ok {
		t.Errorf("the basis is narrowed to %s, want the whole program", scope)
	}
	if len(by.Definitions) != len(d.Metrics) || len(by.Thresholds) != 1 || by.Thresholds[0].Band != "members_open<5" || by.Config != r.Config {
		t.Errorf("%d definitions, thresholds %+v, config %s; want %d, members_open<5, %s", len(by.Definitions), by.Thresholds, by.Config, len(d.Metrics), r.Config)
	}
}

// A filtered run is of a part of the program: none of its figures makes a trend
// with those of the whole. A preset is told by its name, and makes only those
// figures incomparable whose definitions it changes.
func TestABasisTellsPartAndPreset(t *testing.T) {
	const program = `program: {name: Small, currency: EUR}
feeds: {members: {sql: "SELECT i AS member_id, CASE WHEN i % 2 = 0 THEN 'north' ELSE 'south' END AS region, TIMESTAMP '2026-01-01 00:00:00' + i * INTERVAL '1 day' AS enrolled_at FROM generate_series(0, 170) AS g(i)"}}
`
	by := func(text string, filters run.Filters) *basis.Basis {
		t.Helper()
		d := testdesk.Config(t, text, t.TempDir(), "")
		r, err := d.Open(t.Context(), run.Request{Window: "7d", AsOf: "2026-06-01", Filters: filters})
		if err != nil {
			t.Fatal(err)
		}
		b, err := d.Store.Basis(r.ID)
		if err != nil || b == nil {
			t.Fatalf("the basis of an opened run: %v, %v", b, err)
		}
		return b
	}
	whole := by(program, nil)
	part := basis.Compare(whole, by(program, run.Filters{"region": {"north"}}))
	if len(part) != 1 || part[0].ID != "request" || len(part[0].KPIs) != len(whole.Definitions) {
		t.Errorf("a filtered run differs by %+v, want by the request, in all %d KPIs", part, len(whole.Definitions))
	}
	preset := basis.Compare(whole, by(program+"metrics: {preset: smile}\n", nil))
	named := false
	for _, c := range preset {
		switch c.What {
		case basis.OfChoice:
			named = c.ID == "metrics.preset" && c.After == "smile"
		case basis.OfVariant, basis.OfDefinition:
			if len(c.KPIs) == 0 {
				t.Errorf("%+v makes no KPI incomparable", c)
			}
		default:
			t.Errorf("a preset is told as %+v", c)
		}
	}
	if !named || len(preset) < 2 {
		t.Errorf("a preset is told as %+v, want by its name and by the definitions that it changes", preset)
	}
}

func TestEarlierRuns(t *testing.T) {
	s, c, _ := newStore(t)
	at := c.at
	for i, id := range []string{"run-000000000001", "run-000000000002", "run-000000000003", "run-000000000004"} {
		create(t, s, id, at.Add(time.Duration(i)*time.Hour))
	}
	c.at = at.Add(5 * time.Hour)
	than := &run.Run{ID: "run-000000000003", Program: "Small", CreatedAt: at.Add(2 * time.Hour)}
	ids := func(most int) (out []string) {
		for _, r := range s.Earlier(than, most) {
			out = append(out, r.ID)
		}
		return out
	}
	if got, want := ids(5), []string{"run-000000000002", "run-000000000001"}; !slices.Equal(got, want) {
		t.Errorf("earlier runs %v, want %v", got, want)
	}
	if got, want := ids(1), []string{"run-000000000002"}; !slices.Equal(got, want) {
		t.Errorf("the newest earlier run is %v, want %v", got, want)
	}
	if than.Program = "Another"; ids(5) != nil {
		t.Errorf("earlier runs of another program: %v", ids(5))
	}
	if by, err := s.Basis("run-000000000001"); by != nil || err != nil {
		t.Errorf("the basis of a run that kept none: %v, %v; want neither", by, err)
	}
}
