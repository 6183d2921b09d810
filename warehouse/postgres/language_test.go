package postgres_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"loyaltymcp/warehouse"
	"loyaltymcp/warehouse/postgres"
	"loyaltymcp/warehouse/postgres/pgtest"
)

// What a server says is sorted by code, time and statement: the same errors in
// another language mean the same.
func TestServersOfOtherLanguages(t *testing.T) {
	for _, language := range []string{"en", "de"} {
		t.Run(language, func(t *testing.T) {
			t.Setenv("LANGUAGE", language)
			c := pgtest.Start(t)
			c.Exec("postgres", members)
			if text := message(t, c.URL("postgres")); (language == "en") != strings.Contains(text, "canceling") {
				t.Skipf("the server speaks no %s here: %s", language, text)
			}
			limited := newPull(t, postgres.Options{URL: c.URL("postgres"), MaxConns: 2, StatementTimeout: 300 * time.Millisecond}, nil)
			if _, err := limited.ask(limited.open(), "slow", 5.0); err == nil || !strings.Contains(err.Error(), "took longer than one query may") {
				t.Errorf("%v, want that the query took too long", err)
			}
			limited.retried()
			patient := newPull(t, postgres.Options{URL: c.URL("postgres"), MaxConns: 2}, nil)
			s, answer := patient.open(), make(chan error, 1)
			go func() {
				_, err := patient.ask(s, "slow", 20.0)
				answer <- err
			}()
			c.Await("postgres", "SELECT count(*) "+ours+" AND state = 'active' AND query LIKE '%pg_sleep%'")
			c.Exec("postgres", "SELECT pg_cancel_backend(pid) "+ours+" AND state = 'active'")
			if err := <-answer; err == nil || !strings.Contains(err.Error(), "was cancelled on the server") || warehouse.Lost(err) {
				t.Errorf("%v, want that the query was cancelled", err)
			}
			if n, err := patient.ask(s, "count", nil); err != nil || n != 100 {
				t.Errorf("count = %d, %v; want 100 in the same snapshot", n, err)
			}
			patient.retried()
		})
	}
}

// message returns the server's own words for a query that took too long.
func message(t *testing.T, url string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	_, err = conn.Exec(t.Context(), "SET statement_timeout = 10; SELECT pg_sleep(1)", pgx.QueryExecModeSimpleProtocol)
	if err == nil {
		t.Fatal("the query passed")
	}
	return err.Error()
}
