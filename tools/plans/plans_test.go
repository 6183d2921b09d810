package plans_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"loyaltymcp/internal/fault"
	"loyaltymcp/tools/plans"
)

func put(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func plan(id, program, run string, at time.Time) string {
	return fmt.Sprintf(`{"plan_id":%q,"program":%q,"created_at":%q,"run":{"run_id":%q,"engine":"duckdb","config_hash":"c","version":"1"},"definitions":{"revenue":"b0"}}`,
		id, program, at.Format(time.RFC3339), run)
}

func TestNewestPlans(t *testing.T) {
	dir, noon := t.TempDir(), time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	for i, id := range []string{"plan-20260630-120000", "plan-20260701-110000", "plan-20260701-110000-2", "plan-20260701-110000-10", "plan-20260701-115000"} {
		put(t, dir, id+".json", plan(id, "Small", fmt.Sprintf("run-%d", i), noon.Add(-time.Hour)))
	}
	put(t, dir, "plan-20260701-115500.json", "{half a plan")
	put(t, dir, "plan-20260701-115600.json", plan("plan-20260701-115600", "Another", "run-9", noon))
	put(t, dir, "plan-20260701-130000.json", plan("plan-20260701-130000", "Small", "run-8", noon.Add(time.Hour)))
	put(t, dir, "notes.json", plan("notes", "Small", "run-7", noon))
	folder := plans.NewFolder(dir)
	ids, err := folder.IDs()
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"plan-20260701-130000", "plan-20260701-115600", "plan-20260701-115500", "plan-20260701-115000", "plan-20260701-110000-10",
		"plan-20260701-110000-2", "plan-20260701-110000", "plan-20260630-120000"}; !slices.Equal(ids, want) {
		t.Errorf("ids %v, want %v", ids, want)
	}
	newest := func(by time.Time, notOf string, most int) (ids []string) {
		t.Helper()
		found, err := folder.Newest("Small", by, notOf, most)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range found {
			ids = append(ids, p.ID)
		}
		return ids
	}
	for _, c := range []struct {
		by    time.Time
		notOf string
		most  int
		want  []string
	}{
		{noon.Add(2 * time.Hour), "", 1, []string{"plan-20260701-130000"}},
		{noon, "", 1, []string{"plan-20260701-115000"}},                                   // not one of the future, of another program, or half a one
		{noon, "run-4", 2, []string{"plan-20260701-110000-10", "plan-20260701-110000-2"}}, // nor of the run itself
		{noon.Add(-2 * time.Hour), "", 5, nil},
	} {
		if got := newest(c.by, c.notOf, c.most); !slices.Equal(got, c.want) {
			t.Errorf("newest %d by %s, not of %q: %v, want %v", c.most, c.by, c.notOf, got, c.want)
		}
	}
	if found, err := plans.NewFolder(filepath.Join(dir, "nowhere")).Newest("Small", noon, "", 1); len(found) != 0 || err != nil {
		t.Errorf("a folder that is not there: %v, %v; want no plan", found, err)
	}
}

// A plan is known by the name of its file, and an older one by the hashes of
// its definitions.
func TestRecordOfAPlan(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "plan-20260701-115000.json", plan("plan-20990101-000000", "Small", "run-1", time.Date(2026, 7, 1, 11, 50, 0, 0, time.UTC)))
	r, err := plans.NewFolder(dir).Read("plan-20260701-115000")
	if err != nil {
		t.Fatal(err)
	}
	if by := r.Basis(); r.ID != "plan-20260701-115000" || by.Whole() || len(by.Definitions) != 1 || by.Definitions[0].Hash != "b0" || by.Engine != "duckdb" {
		t.Errorf("record %+v with basis %+v, want the file's id and a partial basis of revenue", r, by)
	}
	put(t, dir, "plan-20260701-115001.json", "[]")
	for id, kind := range map[string]fault.Kind{"plan-20260701-115001": fault.Invalid, "plan-20260701-115002": fault.NotFound, "../secret": fault.Invalid} {
		if _, err := plans.NewFolder(dir).Read(id); !fault.Is(err, kind) {
			t.Errorf("reading %s: %v, want an error of kind %s", id, err, kind)
		}
	}
}
