package postgres_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"loyaltymcp/warehouse"
	"loyaltymcp/warehouse/postgres"
	"loyaltymcp/warehouse/postgres/pgtest"
)

// A reader that takes part in a deadlock gives up its whole snapshot: the locks
// that it holds are half of the deadlock.
func TestDeadlock(t *testing.T) {
	c := pgtest.Start(t, "deadlock_timeout=200ms")
	c.Exec("postgres", members+"; CREATE TABLE extra AS SELECT 1 AS i")
	p := newPull(t, postgres.Options{URL: c.URL("postgres"), MaxConns: 1}, nil)
	s := p.open() // it keeps the form of members
	other, err := pgx.Connect(t.Context(), c.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close(context.Background())
	if _, err := other.Exec(t.Context(), "BEGIN; LOCK TABLE extra IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	altered := make(chan error, 1)
	go func() {
		_, err := other.Exec(t.Context(), "ALTER TABLE members ADD COLUMN note text; COMMIT")
		altered <- err
	}()
	c.Await("postgres", "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
	time.Sleep(400 * time.Millisecond) // past its own search for deadlocks, so that the reader is the victim
	err = s.One(p.ctx, extra(t), "extra", nil, new(int64))
	if !warehouse.Lost(err) || !strings.Contains(err.Error(), "40P01") {
		t.Errorf("%v, want the snapshot lost to a deadlock", err)
	}
	s.Close()
	if err := <-altered; err != nil {
		t.Errorf("the other side: %v, want it to go on", err)
	}
	if n, err := p.ask(p.open(), "count", nil); err != nil || n != 100 {
		t.Errorf("count = %d, %v; want 100 in a new snapshot", n, err)
	}
}

// The primary removes rows that a standby's snapshot still needs: the standby
// ends the reader's work, and the reader must not go on in that snapshot.
func TestConflictWithRecovery(t *testing.T) {
	primary := pgtest.Start(t, "wal_level=replica", "max_wal_senders=4")
	primary.Exec("postgres", members)
	standby := primary.Standby("max_standby_streaming_delay=100ms", "hot_standby_feedback=off")
	p := newPull(t, postgres.Options{URL: standby.URL("postgres"), MaxConns: 3}, nil)
	s := p.open()
	answers := p.two(standby, s) // the exported snapshot is shared on a standby too
	for range 2 {
		if err := <-answers; err != nil {
			t.Fatal(err)
		}
	}
	primary.Exec("postgres", "DELETE FROM members WHERE member_id > 40")
	primary.Exec("postgres", "VACUUM members")
	standby.Await("postgres", "SELECT CASE WHEN count(*) = 40 THEN 1 ELSE 0 END FROM members")
	// A reader at rest is cut off as soon as it stands in the way.
	standby.Await("postgres", "SELECT CASE WHEN count(*) < 2 THEN 1 ELSE 0 END "+ours)
	n, err := p.ask(s, "count", nil)
	for err == nil && n == 100 { // a session that was spared still sees the old state
		n, err = p.ask(s, "count", nil)
	}
	if !warehouse.Lost(err) {
		t.Errorf("count = %d, %v; want the snapshot lost", n, err)
	}
	if n, err := p.ask(p.open(), "count", nil); err != nil || n != 40 {
		t.Errorf("count = %d, %v; want 40 in a new snapshot", n, err)
	}
}

// Whatever raises a serialization failure (here a function of the operator's
// view), the snapshot that met it is not asked again.
func TestSerializationFailure(t *testing.T) {
	target := database(t)
	exec(t, target, members+`;
		CREATE TABLE state AS SELECT true AS broken;
		CREATE FUNCTION meet() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
			IF (SELECT broken FROM state) THEN RAISE EXCEPTION 'could not serialize access' USING ERRCODE = '40001'; END IF;
			RETURN true; END $$;
		CREATE VIEW watched AS SELECT 1 AS i WHERE meet()`)
	p := newPull(t, postgres.Options{URL: target, MaxConns: 2}, nil)
	s := p.open()
	err := s.One(p.ctx, extra(t), "watched", nil, new(int64))
	if !warehouse.Lost(err) || !strings.Contains(err.Error(), "40001") {
		t.Errorf("%v, want the snapshot lost", err)
	}
	if _, err := p.ask(s, "count", nil); !warehouse.Lost(err) {
		t.Errorf("%v, want no further answer from that snapshot", err)
	}
	p.retried()
}
