package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"

	"loyaltymcp/internal/fault"
	"loyaltymcp/warehouse"
	"loyaltymcp/warehouse/postgres"
)

const shop = members + `;
	CREATE TABLE orders AS SELECT i AS order_id, i AS member_id, TIMESTAMP '2026-06-01' AS ordered_at, 5.0 AS net, 'anna@example.org' AS note FROM generate_series(1, 100) AS g(i);
	CREATE VIEW forever AS SELECT o.order_id, o.member_id, o.ordered_at, o.net FROM orders AS o WHERE o.net > (SELECT 0 FROM pg_sleep(60))`

// both reads two feeds, so that an error must say which it is about.
var both = warehouse.MustParseQueries("test", fstest.MapFS{
	"both.sql": {Data: []byte(`SELECT count(*) FROM {{feed "members"}} AS m JOIN {{feed "orders"}} AS o ON o.member_id = m.member_id`)},
})

// What is wrong with a feed is found when the mapping is checked, and the error
// names the feed and the next step, and quotes no value.
func TestFeedsThatCannotBeRead(t *testing.T) {
	target := database(t)
	exec(t, target, shop+`; DROP ROLE IF EXISTS loyalty_blind; CREATE ROLE loyalty_blind LOGIN; GRANT SELECT ON members TO loyalty_blind`)
	t.Cleanup(func() {
		conn, err := pgx.Connect(context.Background(), target)
		if err == nil {
			_, _ = conn.Exec(context.Background(), "DROP OWNED BY loyalty_blind; DROP ROLE loyalty_blind", pgx.QueryExecModeSimpleProtocol)
			conn.Close(context.Background())
		}
	})
	for name, c := range map[string]struct {
		orders warehouse.Mapped
		user   string
		want   []string
	}{
		"no SELECT":        {warehouse.Mapped{Table: "orders"}, "loyalty_blind", []string{"permission denied for table orders", "Grant SELECT"}},
		"no such table":    {warehouse.Mapped{Table: "ordres"}, "", []string{`relation "ordres" does not exist`, "table or sql"}},
		"no such schema":   {warehouse.Mapped{Table: "shop.orders"}, "", []string{"shop", "table or sql"}},
		"syntax error":     {warehouse.Mapped{SQL: "SELEC order_id FROM orders"}, "", []string{"syntax error", "one SELECT"}},
		"a write":          {warehouse.Mapped{SQL: "DELETE FROM orders RETURNING order_id, ordered_at, net"}, "", []string{"syntax error", "one SELECT"}},
		"a hidden write":   {warehouse.Mapped{SQL: "WITH gone AS (DELETE FROM orders RETURNING *) SELECT * FROM gone"}, "", []string{"WITH clause containing a data-modifying statement must be at the top level", "table or sql"}},
		"a semicolon":      {warehouse.Mapped{SQL: "SELECT 1; DROP TABLE orders"}, "", []string{"more than one statement", "one SELECT"}},
		"no such function": {warehouse.Mapped{SQL: "SELECT order_id, strptime('x', 'y') AS ordered_at, net FROM orders"}, "", []string{"strptime"}},
		"a wrong type":     {warehouse.Mapped{SQL: "SELECT order_id, ordered_at, note AS net FROM orders"}, "", []string{"feeds.orders.net", "needs a number", "CAST"}},
		"a failing cast":   {warehouse.Mapped{SQL: "SELECT order_id, ordered_at, CAST(note AS numeric) AS net FROM orders WHERE CAST(note AS numeric) > 0"}, "", []string{"a value does not fit its type", "cast"}},
		"a division":       {warehouse.Mapped{SQL: "SELECT order_id, ordered_at, net / (order_id - order_id) AS net FROM orders WHERE net / (order_id - order_id) > 0"}, "", []string{"a division by zero", "NULLIF"}},
		"forever":          {warehouse.Mapped{Table: "forever"}, "", []string{"longer than one query may", "raise engine.statement_timeout_seconds in"}},
	} {
		url := target
		if c.user != "" {
			url = strings.Replace(target, "tester@", c.user+"@", 1)
		}
		p := newPull(t, postgres.Options{URL: url, MaxConns: 2, StatementTimeout: 500 * time.Millisecond}, warehouse.Mapping{"members": {Table: "members"}, "orders": c.orders})
		_, err := p.source.Snapshot(p.ctx)
		if err == nil {
			t.Errorf("%s: the mapping passed", name)
			continue
		}
		if kind := fault.KindOf(err); kind != fault.Config && kind != fault.Unavailable {
			t.Errorf("%s: an error of kind %s: %v", name, kind, err)
		}
		for _, want := range append(c.want, "feeds.orders") {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q in it", name, err, want)
			}
		}
		if strings.Contains(err.Error(), "anna") || strings.Contains(err.Error(), "feeds.members") {
			t.Errorf("%s: %v holds a value, or names the wrong feed", name, err)
		}
		p.retried()
	}
	exec(t, target, "DO $$ BEGIN IF (SELECT count(*) FROM orders) <> 100 THEN RAISE 'orders are gone'; END IF; END $$")
}

// What breaks later, under a query, is laid at the door of the feed at fault.
func TestFeedsThatBreakUnderAQuery(t *testing.T) {
	target := database(t)
	exec(t, target, shop)
	late := "SELECT order_id, member_id, ordered_at, net FROM orders"
	for name, c := range map[string]struct {
		sql, before string
		feeds, want string
	}{
		"a value":   {"SELECT order_id, member_id, ordered_at, CASE WHEN order_id > 50 THEN CAST(note AS numeric) ELSE net END AS net FROM orders", "", "feeds.members, feeds.orders", "does not fit its type"},
		"a ratio":   {"SELECT order_id, member_id, ordered_at, net / (order_id - 50) AS net FROM orders", "", "feeds.members, feeds.orders", "a division by zero"},
		"slow rows": {"SELECT order_id, CASE WHEN order_id > 1 THEN (SELECT order_id FROM pg_sleep(order_id)) ELSE 1 END AS member_id, ordered_at, net FROM orders", "", "feeds.members, feeds.orders", "longer than one query may"},
		// A grant is looked up anew by each statement.
		"a grant taken away": {late, "REVOKE SELECT ON orders FROM loyalty_late", "feeds.orders", "permission denied for table orders"},
	} {
		exec(t, target, "DROP ROLE IF EXISTS loyalty_late; CREATE ROLE loyalty_late LOGIN; GRANT SELECT ON members, orders TO loyalty_late")
		url := strings.Replace(target, "tester@", "loyalty_late@", 1)
		p := newPull(t, postgres.Options{URL: url, MaxConns: 2, StatementTimeout: time.Second}, warehouse.Mapping{"members": {Table: "members"}, "orders": {SQL: c.sql}})
		s := p.open()
		if c.before != "" {
			exec(t, target, c.before)
		}
		sum := warehouse.MustParseQueries("test", fstest.MapFS{
			"both.sql": {Data: []byte(`SELECT {{exact "sum(o.net)"}} FROM {{feed "members"}} AS m JOIN {{feed "orders"}} AS o ON o.member_id = m.member_id`)},
		})
		err := s.Query(p.ctx, sum, "both", nil, func(warehouse.Row) error { return nil })
		if err == nil || !strings.HasPrefix(err.Error(), c.feeds+":") || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "anna") {
			t.Errorf("%s: %v; want it about %s, with %q", name, err, c.feeds, c.want)
		}
		if n, err := p.ask(s, "count", nil); err != nil || n != 100 {
			t.Errorf("%s: count = %d, %v; want a snapshot that goes on", name, n, err)
		}
		p.retried()
		s.Close()
		exec(t, target, "DROP OWNED BY loyalty_late; DROP ROLE loyalty_late")
	}
}

// A table can't be dropped, emptied or replaced under a snapshot that reads it;
// once it is gone, the next snapshot says so.
func TestATableThatVanishes(t *testing.T) {
	target := database(t)
	exec(t, target, shop)
	p := newPull(t, postgres.Options{URL: target, MaxConns: 2}, warehouse.Mapping{"members": {Table: "members"}, "orders": {Table: "orders"}})
	s := p.open()
	gone := make(chan error, 1)
	go func() {
		conn, err := pgx.Connect(context.Background(), target)
		if err == nil {
			defer conn.Close(context.Background())
			_, err = conn.Exec(context.Background(), "DROP TABLE orders CASCADE")
		}
		gone <- err
	}()
	watch, err := pgx.Connect(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	defer watch.Close(context.Background())
	for waiting := 0; waiting == 0; {
		if err := watch.QueryRow(p.ctx, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'DROP TABLE orders%' AND wait_event_type = 'Lock'").Scan(&waiting); err != nil {
			t.Fatal(err)
		}
	}
	var n int64
	if err := s.One(p.ctx, both, "both", nil, &n); err != nil || n != 100 {
		t.Errorf("count = %d, %v; want all 100 while the snapshot is open", n, err)
	}
	s.Close()
	if err := <-gone; err != nil {
		t.Errorf("the drop: %v, want it done when the snapshot closed", err)
	}
	if _, err := p.source.Snapshot(p.ctx); !fault.Is(err, fault.Config) || !strings.HasPrefix(err.Error(), "feeds.orders:") {
		t.Errorf("%v, want feeds.orders named", err)
	}
}

// The caller's deadline ends a view that takes forever, and names its feed.
func TestADeadlineNamesTheFeed(t *testing.T) {
	target := database(t)
	exec(t, target, shop)
	p := newPull(t, postgres.Options{URL: target, MaxConns: 2}, warehouse.Mapping{"members": {Table: "members"}, "orders": {Table: "forever"}})
	ctx, cancel := context.WithTimeout(p.ctx, 500*time.Millisecond)
	defer cancel()
	started := time.Now()
	_, err := p.source.Snapshot(ctx)
	if took := time.Since(started); took > 5*time.Second || !errors.Is(err, context.DeadlineExceeded) || !strings.HasPrefix(err.Error(), "feeds.orders:") {
		t.Errorf("%v after %v; want feeds.orders named at the deadline", err, took)
	}
	// A look at columns that a query does not read costs it a part of its time at most,
	// and only once.
	exec(t, target, "CREATE FUNCTION slowly(x numeric) RETURNS numeric STABLE LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1); RETURN x; END'")
	slow := newPull(t, postgres.Options{URL: target, MaxConns: 2}, warehouse.Mapping{"members": {Table: "members"},
		"orders": {SQL: "SELECT order_id, member_id, ordered_at, slowly(net) AS net FROM orders"}})
	ctx, cancel = context.WithTimeout(slow.ctx, 4*time.Second)
	defer cancel()
	looks := 0
	ctx = warehouse.Observe(ctx, func(e warehouse.Event) {
		if e.Query == warehouse.Looking+"orders" && !e.Done {
			looks++
		}
	})
	for range 2 {
		s, n := slow.open(), int64(0)
		if err := s.One(ctx, both, "both", nil, &n); err != nil || n != 100 {
			t.Errorf("count = %d, %v; want all 100", n, err)
		}
		s.Close()
	}
	if looks != 1 {
		t.Errorf("the columns were looked at %d times, want once", looks)
	}
	// Another snapshot is not held up by it.
	hold := newPull(t, postgres.Options{URL: target, MaxConns: 2}, nil)
	if n, err := hold.ask(hold.open(), "count", nil); err != nil || n != 100 {
		t.Errorf("count = %d, %v", n, err)
	}
}
