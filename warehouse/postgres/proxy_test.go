package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"loyaltymcp/warehouse"
	"loyaltymcp/warehouse/postgres"
	"loyaltymcp/warehouse/postgres/pgtest"
)

func TestABrokenNetwork(t *testing.T) {
	c := pgtest.Start(t)
	c.Exec("postgres", members)
	through := func(t *testing.T, o postgres.Options) (*pgtest.Proxy, *pull) {
		proxy := c.Proxy()
		o.URL = proxy.URL(c.URL("postgres"))
		return proxy, newPull(t, o, nil)
	}
	t.Run("cut in mid-query", func(t *testing.T) {
		proxy, p := through(t, postgres.Options{MaxConns: 2})
		answers := p.two(c, p.open())
		proxy.Cut()
		for range 2 {
			if err := <-answers; !warehouse.Lost(err) {
				t.Errorf("%v, want the snapshot lost: the leader's connection is cut", err)
			}
		}
		if n, err := p.ask(p.open(), "count", nil); err != nil || n != 100 {
			t.Errorf("count = %d, %v; want 100 afterwards", n, err)
		}
		p.retried()
	})
	t.Run("cut in mid-result", func(t *testing.T) {
		proxy, p := through(t, postgres.Options{MaxConns: 2})
		s := p.open()
		proxy.CutAfter(100_000)
		rows := 0
		err := s.Query(p.ctx, questions, "long", nil, func(warehouse.Row) error { rows++; return nil })
		if rows == 0 || rows == 2_000_000 || !warehouse.Lost(err) {
			t.Errorf("%d rows, %v; want some, and that all is to be read again", rows, err)
		}
		p.retried()
	})
	t.Run("cut while the snapshot opens", func(t *testing.T) {
		proxy, p := through(t, postgres.Options{MaxConns: 2})
		proxy.CutAfter(600)
		if n, err := p.ask(p.open(), "count", nil); err != nil || n != 100 {
			t.Errorf("count = %d, %v; want 100 at the second try", n, err)
		}
		p.retried("connection")
	})
	t.Run("refused", func(t *testing.T) {
		proxy, p := through(t, postgres.Options{MaxConns: 2})
		proxy.Refuse()
		p.between = proxy.Flow
		if n, err := p.ask(p.open(), "count", nil); err != nil || n != 100 {
			t.Errorf("count = %d, %v; want 100 at the second try", n, err)
		}
		p.retried("connection")
	})
	t.Run("stalled, with a deadline", func(t *testing.T) {
		proxy, p := through(t, postgres.Options{MaxConns: 2})
		s := p.open()
		proxy.Stall()
		ctx, cancel := context.WithTimeout(p.ctx, time.Second)
		defer cancel()
		started := time.Now()
		err := s.One(ctx, questions, "count", nil, new(int64))
		if took := time.Since(started); !errors.Is(err, context.DeadlineExceeded) || took > 5*time.Second {
			t.Errorf("%v after %v, want the deadline after 1 s", err, took)
		}
	})
	t.Run("stalled, without one", func(t *testing.T) {
		proxy, p := through(t, postgres.Options{MaxConns: 1, StatementTimeout: time.Second})
		s := p.open()
		answer := make(chan error, 1)
		go func() {
			_, err := p.ask(s, "slow", 0.5)
			answer <- err
		}()
		c.Await("postgres", "SELECT count(*) "+ours+" AND state = 'active' AND query LIKE '%pg_sleep%'")
		proxy.Stall()
		select {
		case err := <-answer:
			if !warehouse.Lost(err) || !strings.Contains(err.Error(), "stopped answering") {
				t.Errorf("%v, want that the server stopped answering", err)
			}
		case <-time.After(20 * time.Second):
			t.Error("the query hangs")
		}
	})
}
