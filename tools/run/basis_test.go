package run_test

import (
	"slices"
	"testing"
	"time"

	"loyaltymcp/internal/testdesk"
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
