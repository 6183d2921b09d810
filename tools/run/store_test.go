package run_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"loyaltymcp/internal/fault"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
)

// clock is a clock that tests set.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

const storedID = "run-0123456789ab"

func newStore(t *testing.T) (*run.Store, *clock, string) {
	t.Helper()
	// Files carry the machine's time, so the clock starts from it.
	c, dir := &clock{time.Now()}, filepath.Join(t.TempDir(), "runs")
	return run.NewStore(dir, c.now), c, dir
}

func create(t *testing.T, s *run.Store, id string, at time.Time) *run.Run {
	t.Helper()
	r := &run.Run{ID: id, CreatedAt: at.UTC(), Program: "Small", Window: run.Window{Label: "30d", Start: at, End: at.AddDate(0, 0, 30)},
		Dimensions: []string{"tier"}, Bands: []run.Band{{KPI: "csat", Op: "<", Limit: 0.7}}, Feeds: []run.FeedState{{Name: "orders", Rows: 3, First: &at}}}
	if err := s.Create(r); err != nil {
		t.Fatal(err)
	}
	return r
}

type found struct {
	Says   string  `json:"says"`
	Amount float64 `json:"amount"`
}

func TestStoreRoundTrip(t *testing.T) {
	s, c, _ := newStore(t)
	want := create(t, s, storedID, c.at)
	got, err := s.Load(storedID)
	if err != nil {
		t.Fatal(err)
	}
	if got.Program != want.Program || !got.CreatedAt.Equal(want.CreatedAt) || !got.Window.End.Equal(want.Window.End) ||
		!slices.Equal(got.Dimensions, want.Dimensions) || !slices.Equal(got.Bands, want.Bands) || got.Feed("orders").Rows != 3 || got.Feed("points") != nil {
		t.Errorf("loaded %+v, want %+v", got, want)
	}

	if kept, err := s.Stage(storedID, run.PullMetrics); kept != nil || err != nil {
		t.Errorf("a stage that has not run = %v, %v, want nil", kept, err)
	}
	var into found
	if ok, err := s.Into(storedID, run.PullMetrics, &into); ok || err != nil {
		t.Errorf("a stage that has not run = %v, %v, want false", ok, err)
	}
	points := []run.Point{{ID: "metrics/csat", Value: 0.75, Unit: metric.Share}}
	started := c.at
	c.at = c.at.Add(time.Minute)
	if err := s.PutStage(storedID, run.PullMetrics, found{"fine", 1.5}, points, started); err != nil {
		t.Fatal(err)
	}
	if err := s.PutStage(storedID, run.DiagnoseHealth, found{"well", 2}, []run.Point{{ID: "health/x", Value: 1}}, started); err != nil {
		t.Fatal(err)
	}
	if ok, err := s.Into(storedID, run.PullMetrics, &into); !ok || err != nil || into != (found{"fine", 1.5}) {
		t.Errorf("the stage = %+v, %v, %v, want the one put", into, ok, err)
	}
	kept, err := s.Stage(storedID, run.PullMetrics)
	if err != nil || !kept.Started.Equal(started) || !kept.Finished.Equal(c.at) {
		t.Errorf("the stage ran %v to %v (%v), want %v to %v", kept.Started, kept.Finished, err, started, c.at)
	}
	all, err := s.Points(storedID)
	if err != nil || len(all) != 2 || all["metrics/csat"] != points[0] || all["health/x"].Value != 1 {
		t.Errorf("points = %v, %v, want those of both stages", all, err)
	}
}

// Runs hold a business's figures: nobody but their owner reads them.
func TestStoreIsPrivate(t *testing.T) {
	s, c, dir := newStore(t)
	create(t, s, storedID, c.at)
	for path, want := range map[string]os.FileMode{dir: 0o700, filepath.Join(dir, storedID): 0o700, filepath.Join(dir, storedID, "run.json"): 0o600} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("mode of %s = %o, want %o", path, got, want)
		}
	}
}

func TestStoreRefusesIDs(t *testing.T) {
	s, c, dir := newStore(t)
	create(t, s, storedID, c.at)
	if err := os.WriteFile(filepath.Join(dir, "run.json"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"", "run-", ".", "..", "../runs/" + storedID, storedID + "/", "run-0123456789AB", "run-0123456789abc", "run-0123456789a", storedID + "\n", "plan-0123456789ab"} {
		if r, err := s.Load(id); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q = %v, %v, want an error of kind invalid", id, r, err)
		}
	}
	_, err := s.Load("run-0123456789ac")
	if !fault.Is(err, fault.NotFound) || !strings.Contains(err.Error(), storedID) || !strings.Contains(err.Error(), "pull_metrics") {
		t.Errorf("an unknown id: error %v, want one of kind not_found that offers %s and pull_metrics", err, storedID)
	}
	empty, _, _ := newStore(t)
	if _, err := empty.Load(storedID); !fault.Is(err, fault.NotFound) {
		t.Errorf("an id in an empty store: error %v, want one of kind not_found", err)
	}
}

func TestRunsExpire(t *testing.T) {
	s, c, dir := newStore(t)
	opened := c.at
	create(t, s, storedID, opened)
	c.at = opened.Add(run.Lifetime - time.Minute)
	if _, err := s.Load(storedID); err != nil {
		t.Errorf("just before its end: %v", err)
	}
	c.at = opened.Add(run.Lifetime + time.Minute)
	if _, err := s.Load(storedID); !fault.Is(err, fault.NotFound) || !strings.Contains(err.Error(), "7 days") {
		t.Errorf("after its end: error %v, want one of kind not_found that says 7 days", err)
	}
	// The next run clears it away.
	create(t, s, "run-aaaaaaaaaaaa", c.at)
	if _, err := os.Stat(filepath.Join(dir, storedID)); !os.IsNotExist(err) {
		t.Errorf("the expired run's folder: %v, want it gone", err)
	}
	if _, err := s.Load("run-aaaaaaaaaaaa"); err != nil {
		t.Errorf("the new run: %v", err)
	}
}

// An expired run is not offered in place of another.
func TestExpiredRunsAreNotOffered(t *testing.T) {
	s, c, _ := newStore(t)
	create(t, s, storedID, c.at)
	c.at = c.at.Add(run.Lifetime + time.Minute)
	_, err := s.Load("run-aaaaaaaaaaaa")
	if err == nil || strings.Contains(err.Error(), storedID) {
		t.Errorf("error %v, want one that does not offer the expired %s", err, storedID)
	}
}

func TestRecent(t *testing.T) {
	s, c, dir := newStore(t)
	if got := s.Recent(5); got != nil {
		t.Errorf("recent of an empty store = %v, want none", got)
	}
	var want []string
	for i := range 4 {
		id := fmt.Sprintf("run-%012x", i)
		create(t, s, id, c.at.Add(time.Duration(i)*time.Second))
		want = append([]string{id}, want...)
	}
	if err := os.Mkdir(filepath.Join(dir, "other"), 0o700); err != nil {
		t.Fatal(err)
	}
	if got := s.Recent(3); !slices.Equal(got, want[:3]) {
		t.Errorf("recent = %v, want %v", got, want[:3])
	}
}

// Stages run side by side, and a reader never sees half a file.
func TestStagesSideBySide(t *testing.T) {
	s, c, dir := newStore(t)
	create(t, s, storedID, c.at)
	long := strings.Repeat("x", 1<<16)
	var group sync.WaitGroup
	for i := range 8 {
		for _, stage := range run.Stages() {
			group.Go(func() {
				if err := s.PutStage(storedID, stage, found{long, float64(i)}, []run.Point{{ID: stage, Value: float64(i)}}, c.at); err != nil {
					t.Error(err)
				}
			})
			group.Go(func() {
				var into found
				if ok, err := s.Into(storedID, stage, &into); err != nil || ok && len(into.Says) != len(long) {
					t.Errorf("reading %s meanwhile: %v, %d letters", stage, err, len(into.Says))
				}
			})
		}
	}
	group.Wait()
	points, err := s.Points(storedID)
	if err != nil || len(points) != len(run.Stages()) {
		t.Errorf("points = %v, %v, want one a stage", points, err)
	}
	left, err := filepath.Glob(filepath.Join(dir, storedID, "*.tmp"))
	if err != nil || len(left) != 0 {
		t.Errorf("left over: %v, %v", left, err)
	}
}

// A run whose file was damaged is an error, never an empty run.
func TestDamagedRun(t *testing.T) {
	s, c, dir := newStore(t)
	create(t, s, storedID, c.at)
	if err := os.WriteFile(filepath.Join(dir, storedID, "run.json"), []byte(`{"run_id":`), 0o600); err != nil {
		t.Fatal(err)
	}
	if r, err := s.Load(storedID); err == nil {
		t.Errorf("a damaged run = %+v, want an error", r)
	}
}
