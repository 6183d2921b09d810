package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"loyaltymcp/warehouse"
	"loyaltymcp/warehouse/postgres"
	"loyaltymcp/warehouse/postgres/pgtest"
)

// Through PgBouncer in transaction mode a session has a server connection for
// as long as its transaction lasts, which is as long as a snapshot does.
func TestThroughPgBouncer(t *testing.T) {
	c := pgtest.Start(t)
	c.Exec("postgres", members)
	url := c.Bouncer(t, "postgres", 4)
	p := newPull(t, postgres.Options{URL: url, MaxConns: 3}, nil)
	s := p.open()
	c.Exec("postgres", "INSERT INTO members SELECT i, DATE '2026-01-01' FROM generate_series(101, 150) AS g(i)")
	answers := p.two(c, s) // both at once, each on its own server connection
	for range 2 {
		if err := <-answers; err != nil {
			t.Error(err)
		}
	}
	ctx, cancel := context.WithTimeout(p.ctx, 300*time.Millisecond)
	defer cancel()
	started := time.Now()
	err := s.One(ctx, questions, "slow", 30.0, new(int64))
	if took := time.Since(started); !errors.Is(err, context.DeadlineExceeded) || took > 5*time.Second {
		t.Errorf("%v after %v, want the deadline after 0.3 s", err, took)
	}
	c.Await("postgres", "SELECT CASE WHEN count(*) = 0 THEN 1 ELSE 0 END "+ours+" AND state = 'active'")
	if n, err := p.ask(s, "count", nil); err != nil || n != 100 {
		t.Errorf("count = %d, %v; want 100 in the same snapshot after a cancelled query", n, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	c.Await("postgres", "SELECT CASE WHEN count(*) = 0 THEN 1 ELSE 0 END "+ours+" AND xact_start IS NOT NULL")
	p.retried()
}

// A pool too small for helpers makes queries take turns in the leader; they do
// not wait for connections that never come.
func TestAPoolOfOne(t *testing.T) {
	c := pgtest.Start(t)
	c.Exec("postgres", members)
	p := newPull(t, postgres.Options{URL: c.Bouncer(t, "postgres", 1), MaxConns: 3}, nil)
	s := p.open()
	started := time.Now()
	done := make(chan error, 4)
	for range 4 {
		go func() {
			n, err := p.ask(s, "slow", 0.05)
			if err == nil && n != 100 {
				err = errors.New("a wrong count")
			}
			done <- err
		}()
	}
	for range 4 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if took := time.Since(started); took > 10*time.Second {
		t.Errorf("four short queries took %v", took)
	}
	if err := s.Close(); err != nil || warehouse.Lost(err) {
		t.Error(err)
	}
	p.retried()
}
