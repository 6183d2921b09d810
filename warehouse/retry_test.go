package warehouse_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"loyaltymcp/internal/fault"
	"loyaltymcp/warehouse"
)

// flaky is an engine whose calls fail as told: one error a call, nil for
// success, success when the list is through.
type flaky struct {
	begins, queries []error
	begun, asked    int
	rows            int // handed out before a query's error
	hints           []warehouse.Hint
}

func (f *flaky) Name() string { return "postgres" }
func (f *flaky) Close() error { return nil }

func (f *flaky) Begin(context.Context) (warehouse.Reader, error) {
	f.begun++
	return f, at(f.begins, f.begun)
}

func at(errs []error, n int) error {
	if n > len(errs) {
		return nil
	}
	return errs[n-1]
}

func (f *flaky) Generation() string { return "" }
func (f *flaky) Relation(feed string, _ warehouse.Mapped) (string, error) {
	return feed, nil
}

func (f *flaky) Describe(_ context.Context, relation string) ([]warehouse.Physical, error) {
	return []warehouse.Physical{{Name: "member_id", Type: warehouse.IntegerType}, {Name: "enrolled_at", Type: warehouse.DateType}}, nil
}

func (f *flaky) Query(_ context.Context, sql string, _ []any, scan func(warehouse.Row) error) error {
	if !strings.Contains(sql, "probe") { // what the mapping's check asks
		return scan(row{})
	}
	f.asked++
	err := at(f.queries, f.asked)
	for range f.rows {
		if err := scan(row{}); err != nil {
			return err
		}
	}
	return err
}

func (f *flaky) QueryHinted(ctx context.Context, hints []warehouse.Hint, sql string, args []any, scan func(warehouse.Row) error) error {
	f.hints = hints
	return f.Query(ctx, sql, args, scan)
}

type row struct{}

func (row) Scan(...any) error { return nil }

var probes = warehouse.MustParseQueries("test", fstest.MapFS{
	"probe.sql":  {Data: []byte("-- A number.\nSELECT 1 AS probe FROM {{feed \"members\"}} AS m")},
	"hinted.sql": {Data: []byte("-- A number.\n-- postgres: enable_nestloop=off, max_parallel_workers_per_gather=0\nSELECT 1 AS probe")},
})

func passing(class string, lost bool) error {
	return &warehouse.Transient{Class: class, Lost: lost, Fault: fault.New(fault.Unavailable, "warehouse", "it broke").Then("Call again")}
}

// clock is a back-off that never sleeps and draws the same lot each time.
type clock struct{ slept []time.Duration }

func (c *clock) patience() *warehouse.Patience {
	return warehouse.NewPatience(warehouse.Backoff{Jitter: func() float64 { return 0.5 },
		Sleep: func(ctx context.Context, d time.Duration) error {
			c.slept = append(c.slept, d)
			return ctx.Err()
		}})
}

func sourceOf(f *flaky) *warehouse.Source {
	return warehouse.NewSource(f, warehouse.Mapping{"members": {Table: "members"}}, time.UTC, nil)
}

func TestOpeningIsTriedAgain(t *testing.T) {
	full, final := passing("53300 too many connections", false), fault.New(fault.Config, "warehouse", "the password is wrong")
	for name, c := range map[string]struct {
		fails []error
		calls int
		ok    bool
	}{
		"at once":          {nil, 1, true},
		"at the second":    {[]error{full}, 2, true},
		"at the third":     {[]error{full, full}, 3, true},
		"never":            {[]error{full, full, full}, 3, false},
		"final":            {[]error{final}, 1, false},
		"passing to final": {[]error{full, final}, 2, false},
	} {
		f, w := &flaky{begins: c.fails}, &clock{}
		p := w.patience()
		s, err := sourceOf(f).Snapshot(warehouse.WithPatience(t.Context(), p))
		if (err == nil) != c.ok || f.begun != c.calls || (s != nil) != c.ok {
			t.Errorf("%s: %d calls, %v; want %d, ok %v", name, f.begun, err, c.calls, c.ok)
		}
		if len(p.Retries()) != c.calls-1 {
			t.Errorf("%s: %v recorded, want %d", name, p.Retries(), c.calls-1)
		}
		if name != "never" {
			continue
		}
		if !slices.Equal(w.slept, []time.Duration{750 * time.Millisecond, 3 * time.Second}) {
			t.Errorf("waits %v, want 0.75 s and 3 s", w.slept)
		}
		if want := (warehouse.Retry{What: "opening the data", Class: "53300 too many connections", Attempt: 2, WaitMS: 3000}); p.Retries()[1] != want {
			t.Errorf("recorded %+v, want %+v", p.Retries()[1], want)
		}
		if !strings.Contains(err.Error(), "after two retries. Call again.") {
			t.Errorf("error %q, want how often it was tried and what to do", err)
		}
	}
}

func TestQueryIsTriedAgain(t *testing.T) {
	broken, gone := passing("57P01 admin shutdown", false), passing("57P02 crash shutdown", true)
	for name, c := range map[string]struct {
		fails []error
		rows  int
		calls int
		ok    bool
		lost  bool
	}{
		"a session broke":        {[]error{broken}, 0, 2, true, false},
		"three broke":            {[]error{broken, broken, broken}, 0, 3, false, false},
		"rows were handed on":    {[]error{broken}, 1, 1, false, true},
		"the snapshot is gone":   {[]error{gone}, 0, 1, false, true},
		"then the snapshot went": {[]error{broken, gone}, 0, 2, false, true},
		"a wrong statement":      {[]error{&warehouse.SourceError{Kind: fault.Config, Problem: "no such table", Next: "Mend it"}}, 0, 1, false, false},
		"cancelled":              {[]error{context.Canceled}, 0, 1, false, false},
	} {
		f, w := &flaky{queries: c.fails, rows: c.rows}, &clock{}
		ctx := warehouse.WithPatience(t.Context(), w.patience())
		s, err := sourceOf(f).Snapshot(ctx)
		if err != nil {
			t.Fatal(err)
		}
		err = s.Query(ctx, probes, "probe", nil, func(warehouse.Row) error { return nil })
		if (err == nil) != c.ok || f.asked != c.calls || warehouse.Lost(err) != c.lost {
			t.Errorf("%s: %d calls, %v (lost %v); want %d, ok %v, lost %v", name, f.asked, err, warehouse.Lost(err), c.calls, c.ok, c.lost)
		}
		if name == "a wrong statement" && (!fault.Is(err, fault.Config) || err.Error() != "feeds.members: no such table. Mend it.") {
			t.Errorf("error %v, want the feed named", err)
		}
	}
}

// All of a pull draws on the same two retries, whatever part of it breaks.
func TestAPullHasTwoRetries(t *testing.T) {
	broken := passing("connection lost", false)
	f, w := &flaky{begins: []error{broken}, queries: []error{broken, broken}}, &clock{}
	p := w.patience()
	ctx := warehouse.WithPatience(t.Context(), p)
	s, err := sourceOf(f).Snapshot(ctx)
	if err != nil {
		t.Fatal(err)
	}
	part := p.Part()
	err = s.Query(warehouse.WithPatience(ctx, part), probes, "probe", nil, func(warehouse.Row) error { return nil })
	if err == nil || f.begun != 2 || f.asked != 2 {
		t.Errorf("%d openings, %d queries, %v; want two of each and the error", f.begun, f.asked, err)
	}
	if len(p.Retries()) != 2 || len(part.Retries()) != 1 || part.Retries()[0] != p.Retries()[1] {
		t.Errorf("the pull recorded %v, the part %v; want two, of which the part made the last", p.Retries(), part.Retries())
	}
}

func TestRetriesKeepTheDeadline(t *testing.T) {
	broken := passing("connection lost", false)
	f, w := &flaky{begins: []error{broken}}, &clock{}
	ctx, cancel := context.WithTimeout(warehouse.WithPatience(t.Context(), w.patience()), 500*time.Millisecond)
	defer cancel()
	if _, err := sourceOf(f).Snapshot(ctx); err == nil || errors.Is(err, context.DeadlineExceeded) || len(w.slept) > 0 {
		t.Errorf("%v after waiting %v; want the server's own error at once: the wait of 0.75 s has no room", err, w.slept)
	}
	done, stop := context.WithCancel(warehouse.WithPatience(t.Context(), w.patience()))
	stop()
	f = &flaky{begins: []error{broken}}
	if _, err := sourceOf(f).Snapshot(done); !errors.Is(err, context.Canceled) || f.begun != 1 {
		t.Errorf("%d calls, %v; want one and the cancellation", f.begun, err)
	}
}

func TestHintsGoWithTheirQuery(t *testing.T) {
	f := &flaky{}
	s, err := sourceOf(f).Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Query(t.Context(), probes, "probe", nil, func(warehouse.Row) error { return nil }); err != nil || f.hints != nil {
		t.Errorf("hints %v, %v; want none", f.hints, err)
	}
	want := []warehouse.Hint{{Setting: "enable_nestloop", Value: "off"}, {Setting: "max_parallel_workers_per_gather", Value: "0"}}
	if err := s.Query(t.Context(), probes, "hinted", nil, func(warehouse.Row) error { return nil }); err != nil || !slices.Equal(f.hints, want) {
		t.Errorf("hints %v, %v; want %v", f.hints, err, want)
	}
}

func TestHintsAreFromTheList(t *testing.T) {
	for _, bad := range []string{"enable_nestloop=maybe", "work_mem=1GB", "enable_nestloop", "enable_hashagg=off; DROP TABLE t", "session_authorization=root"} {
		_, err := warehouse.ParseQueries("test", fstest.MapFS{"q.sql": {Data: []byte("-- x\n-- postgres: " + bad + "\nSELECT 1")}})
		if err == nil || !strings.Contains(err.Error(), "q.sql") {
			t.Errorf("%s: %v, want an error that names the file", bad, err)
		}
	}
}
