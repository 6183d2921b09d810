package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"

	"loyaltymcp/internal/fault"
	"loyaltymcp/warehouse"
	"loyaltymcp/warehouse/postgres"
	"loyaltymcp/warehouse/postgres/pgtest"
)

// questions are what the fault tests ask a feed of 100 members.
var questions = warehouse.MustParseQueries("test", fstest.MapFS{
	"count.sql": {Data: []byte(`SELECT count(*) FROM {{feed "members"}} AS m`)},
	"slow.sql":  {Data: []byte(`SELECT count(*) FROM {{feed "members"}} AS m CROSS JOIN (SELECT pg_sleep({{arg .}})) AS s`)},
	"long.sql":  {Data: []byte(`SELECT g.i FROM {{feed "members"}} AS m CROSS JOIN generate_series(1, 20000) AS g(i)`)},
})

// members makes the table that the tests' one feed reads.
const members = "CREATE TABLE members AS SELECT i AS member_id, DATE '2026-01-01' AS enrolled_at FROM generate_series(1, 100) AS g(i)"

// pull is one pull of data from a source of members, which doesn't wait long
// between tries.
type pull struct {
	t        *testing.T
	source   *warehouse.Source
	ctx      context.Context
	patience *warehouse.Patience
	between  func() // called before each retry
}

func newPull(t *testing.T, o postgres.Options, mapping warehouse.Mapping) *pull {
	t.Helper()
	p := &pull{t: t, between: func() {}}
	p.patience = warehouse.NewPatience(warehouse.Backoff{Sleep: func(ctx context.Context, _ time.Duration) error {
		p.between()
		return ctx.Err()
	}})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	p.ctx = warehouse.WithPatience(ctx, p.patience)
	engine, err := postgres.Open(p.ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	if mapping == nil {
		mapping = warehouse.Mapping{"members": {Table: "members"}}
	}
	p.source = warehouse.NewSource(engine, mapping, time.UTC, nil)
	t.Cleanup(func() { p.source.Close() })
	return p
}

func (p *pull) open() *warehouse.Snapshot {
	p.t.Helper()
	s, err := p.source.Snapshot(p.ctx)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { s.Close() })
	return s
}

func (p *pull) ask(s *warehouse.Snapshot, query string, data any) (n int64, err error) {
	err = s.One(p.ctx, questions, query, data, &n)
	return n, err
}

// retried checks which classes of error the pull's retries were for.
func (p *pull) retried(classes ...string) {
	p.t.Helper()
	made := p.patience.Retries()
	ok := len(made) == len(classes)
	for i := 0; ok && i < len(made); i++ {
		ok = strings.HasPrefix(made[i].Class, classes[i])
	}
	if !ok {
		p.t.Errorf("retries %+v, want for %q", made, classes)
	}
}

const ours = "FROM pg_stat_activity WHERE application_name = 'loyalty-mcp'"

// terminate ends the oldest of our sessions, the leader, or the youngest.
func terminate(c *pgtest.Cluster, database, order string) {
	c.Exec(database, "SELECT pg_terminate_backend(pid) FROM (SELECT pid "+ours+" ORDER BY backend_start "+order+" LIMIT 1) AS s")
}

// two runs two slow queries side by side, so that there is a helper, and
// returns when both are at work. Their answers come from the channel.
func (p *pull) two(c *pgtest.Cluster, s *warehouse.Snapshot) <-chan error {
	answers := make(chan error, 2)
	for range 2 {
		go func() {
			n, err := p.ask(s, "slow", 1.0)
			if err == nil && n != 100 {
				err = fmt.Errorf("count = %d, want 100", n)
			}
			answers <- err
		}()
	}
	c.Await("postgres", "SELECT CASE WHEN count(*) = 2 THEN 1 ELSE 0 END "+ours+" AND state = 'active' AND query LIKE '%pg_sleep%'")
	return answers
}

func TestABrokenSessionIsReplaced(t *testing.T) {
	c := pgtest.Start(t)
	c.Exec("postgres", members)
	t.Run("a helper", func(t *testing.T) {
		p := newPull(t, postgres.Options{URL: c.URL("postgres"), MaxConns: 3}, nil)
		s := p.open()
		c.Exec("postgres", "INSERT INTO members SELECT i, DATE '2026-01-01' FROM generate_series(101, 150) AS g(i)")
		answers := p.two(c, s)
		terminate(c, "postgres", "DESC")
		for range 2 {
			if err := <-answers; err != nil {
				t.Errorf("%v; want the count of the first snapshot, from another session", err)
			}
		}
		p.retried("57P01")
	})
	c.Exec("postgres", "DELETE FROM members WHERE member_id > 100")
	t.Run("the leader", func(t *testing.T) {
		p := newPull(t, postgres.Options{URL: c.URL("postgres"), MaxConns: 3}, nil)
		s := p.open()
		answers := p.two(c, s)
		c.Exec("postgres", "INSERT INTO members SELECT i, DATE '2026-01-01' FROM generate_series(101, 150) AS g(i)")
		terminate(c, "postgres", "ASC")
		failed := 0
		for range 2 {
			if err := <-answers; err != nil {
				failed++
				if !warehouse.Lost(err) || !strings.Contains(err.Error(), "57P01") {
					t.Errorf("%v, want the snapshot lost by 57P01", err)
				}
			}
		}
		if failed != 1 {
			t.Errorf("%d queries failed, want the leader's; the helper's snapshot is as good as before", failed)
		}
		if _, err := p.ask(s, "count", nil); !warehouse.Lost(err) {
			t.Errorf("%v, want the snapshot lost: no session joins it any more", err)
		}
		if n, err := p.ask(p.open(), "count", nil); err != nil || n != 150 {
			t.Errorf("count = %d, %v; want 150 in a new snapshot", n, err)
		}
		p.retried()
	})
}

func TestAKilledServer(t *testing.T) {
	c := pgtest.Start(t)
	c.Exec("postgres", members)
	p := newPull(t, postgres.Options{URL: c.URL("postgres"), MaxConns: 3}, nil)
	answers := p.two(c, p.open())
	c.Kill()
	for range 2 {
		if err := <-answers; !warehouse.Lost(err) {
			t.Errorf("%v, want the snapshot lost", err)
		}
	}
	p.retried()
	started := time.Now()
	if _, err := p.source.Snapshot(p.ctx); !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), "after two retries") || !strings.Contains(err.Error(), "whether the server runs") {
		t.Errorf("%v, want that the server can't be reached, tried twice more", err)
	}
	if took := time.Since(started); took > 5*time.Second {
		t.Errorf("that took %v", took)
	}
	p.retried("connection refused", "connection refused")

	again := &pull{t: t, source: p.source}
	again.patience = warehouse.NewPatience(warehouse.Backoff{Sleep: func(context.Context, time.Duration) error {
		if len(again.patience.Retries()) == 2 {
			c.Run() // it is back at the second retry
		}
		return nil
	}})
	again.ctx = warehouse.WithPatience(t.Context(), again.patience)
	if n, err := again.ask(again.open(), "count", nil); err != nil || n != 100 {
		t.Errorf("count = %d, %v; want 100 when the server is back", n, err)
	}
	again.retried("connection refused", "connection refused")
}

// A server that does not answer holds nobody beyond the caller's deadline.
func TestAPausedServer(t *testing.T) {
	c := pgtest.Start(t)
	c.Exec("postgres", members)
	p := newPull(t, postgres.Options{URL: c.URL("postgres"), MaxConns: 3}, nil)
	s := p.open()
	answers := p.two(c, s)
	for range 2 {
		if err := <-answers; err != nil {
			t.Fatal(err)
		}
	}
	c.Pause()
	defer c.Resume()
	for name, call := range map[string]func(context.Context) error{
		"a query":    func(ctx context.Context) error { return s.One(ctx, questions, "count", nil, new(int64)) },
		"a snapshot": func(ctx context.Context) error { _, err := p.source.Snapshot(ctx); return err },
		"opening": func(ctx context.Context) error {
			_, err := postgres.Open(ctx, postgres.Options{URL: c.URL("postgres")})
			return err
		},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		started := time.Now()
		err := call(ctx)
		cancel()
		if took := time.Since(started); took > 5*time.Second || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s ended after %v with %v, want the deadline after 1 s", name, took, err)
		}
		if name == "a query" && !strings.Contains(err.Error(), "feeds.members") {
			t.Errorf("%v, want the feed named", err)
		}
	}
	started := time.Now()
	if err := s.Close(); err != nil || time.Since(started) > 5*time.Second {
		t.Errorf("closing took %v, %v", time.Since(started), err)
	}
	c.Resume()
	if n, err := p.ask(p.open(), "count", nil); err != nil || n != 100 {
		t.Errorf("count = %d, %v; want 100 when the server goes on", n, err)
	}
}

func TestTooManyConnections(t *testing.T) {
	c := pgtest.Start(t, "max_connections=6", "superuser_reserved_connections=3")
	c.Exec("postgres", members+"; CREATE ROLE reader LOGIN; GRANT SELECT ON members TO reader")
	url := strings.Replace(c.URL("postgres"), "tester", "reader", 1)
	p := newPull(t, postgres.Options{URL: url, MaxConns: 4}, nil)
	var others []*pgx.Conn
	for range 3 {
		conn, err := pgx.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(context.Background())
		others = append(others, conn)
	}
	if _, err := postgres.Open(warehouse.WithPatience(t.Context(), warehouse.NewPatience(warehouse.Backoff{Waits: []time.Duration{}})), postgres.Options{URL: url}); err == nil || !strings.Contains(err.Error(), "53300") {
		t.Errorf("%v, want the server's word that it is full", err)
	}
	p.between = func() {
		others[0].Close(context.Background())
		// Asked by one that stays: a connection of the question's own would take
		// the place that is to be free.
		for left := 0; left != 2; {
			err := others[1].QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'").Scan(&left)
			if err != nil {
				t.Error(err)
				return
			}
		}
	}
	s := p.open()
	p.retried("53300")
	// There is a connection for the leader and none for helpers: the queries
	// share it, and none fails.
	var group sync.WaitGroup
	for range 5 {
		group.Go(func() {
			if n, err := p.ask(s, "slow", 0.05); err != nil || n != 100 {
				t.Errorf("count = %d, %v; want 100", n, err)
			}
		})
	}
	group.Wait()
	p.retried("53300")
}
