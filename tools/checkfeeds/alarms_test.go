package checkfeeds

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
	"loyaltymcp/warehouse/demo"
)

// small returns a demo program of another seed, in files.
func small(t *testing.T, seed uint64) *run.Desk {
	t.Helper()
	dir := t.TempDir()
	sink, err := demo.NewCSV(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := demo.Generate(context.Background(), demo.Options{Members: 2000, Seed: seed}, sink); err != nil {
		t.Fatal(err)
	}
	if err := sink.Close(); err != nil {
		t.Fatal(err)
	}
	return testdesk.Config(t, string(demo.Config()), dir, "")
}

// inspect checks a program and returns the inspector with what it scanned.
func inspect(t *testing.T, d *run.Desk) *inspector {
	t.Helper()
	ctx := context.Background()
	s, err := d.Source.Snapshot(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	i := newInspector(d, s)
	if err := i.references(ctx, d); err != nil {
		t.Fatal(err)
	}
	for _, f := range warehouse.Feeds() {
		if s.Has(f.Name) {
			if err := i.feed(ctx, f); err != nil {
				t.Fatal(err)
			}
		}
	}
	return i
}

// A clean program raises no alarm, whatever the seed and whatever the day of
// its two years on which it is looked at.
func TestNoFalseAlarms(t *testing.T) {
	judged, alarms := 0, 0
	for seed := uint64(11); seed < 16; seed++ {
		i := inspect(t, small(t, seed))
		i.clocks()
		i.redemptions()
		i.lateLedger()
		i.calendar()
		for _, f := range i.findings {
			t.Errorf("seed %d: unexpected finding %s/%s: %s", seed, f.Feed, f.ID, f.Says)
		}
		last := i.lastDay()
		for end := last - 600; end < last; end += 4 {
			judged++
			now := i.moment(end + 1)
			at := &inspector{snapshot: i.snapshot, now: now, zone: i.zone, salt: i.salt, scans: map[string]*scanned{}}
			for name, s := range i.scans {
				cut := &scanned{days: map[int]int64{}}
				for day, n := range s.days {
					if day <= end {
						cut.days[day] = n
					}
				}
				at.scans[name] = cut
			}
			at.calendar()
			if len(at.findings) > 0 {
				alarms++
			}
			for _, f := range at.findings[:min(1, len(at.findings))] {
				t.Logf("seed %d on %s: %s/%s: %s", seed, dateOf(end), f.Feed, f.ID, f.Says)
			}
		}
	}
	t.Logf("%d alarms on %d days", alarms, judged)
	if alarms > judged/300 {
		t.Errorf("%d false alarms on %d days, want 1 in 300 at most", alarms, judged)
	}
}

// A real shop's orders: dense in the first quarter, sparse later, dates only.
func TestSparseDaysAreNoGaps(t *testing.T) {
	folder := filepath.Join(testdesk.Root(t), "..", "shared", "data", "cdnow")
	if _, err := os.Stat(folder); err != nil {
		t.Skipf("the CDNOW data are not at %s", folder)
	}
	for _, every := range []int{1, 10, 100, 1000} {
		t.Run(fmt.Sprint("one member in ", every), func(t *testing.T) {
			d := testdesk.Config(t, fmt.Sprintf(`
program: {name: CDNOW, currency: USD}
feeds:
  members: {sql: "SELECT customer_id AS member_id, min(order_date) AS enrolled_at FROM orders WHERE customer_id %% %[1]d = 0 GROUP BY customer_id"}
  orders: {sql: "SELECT row_number() OVER () AS order_id, customer_id AS member_id, order_date AS ordered_at, amount_usd AS net FROM orders WHERE customer_id %% %[1]d = 0"}
`, every), t.TempDir(), "duckdb:"+folder)
			r, err := Check(context.Background(), d)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range r.Findings {
				t.Errorf("unexpected finding %s/%s (%d): %s", f.Feed, f.ID, f.Count, f.Says)
			}
		})
	}
}
