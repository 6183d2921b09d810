package testdesk

import (
	"os"
	"testing"

	"loyaltymcp/tools/run"
)

// PostgresURL returns the URL of a PostgreSQL server on which tests may create
// databases. Without one tests skip; in CI, which installs one, they fail.
func PostgresURL(t testing.TB) string {
	t.Helper()
	server := os.Getenv("LOYALTY_TEST_POSTGRES_URL")
	if server == "" && os.Getenv("CI") != "" {
		t.Fatal("LOYALTY_TEST_POSTGRES_URL is not set in CI")
	}
	if server == "" {
		t.Skip("LOYALTY_TEST_POSTGRES_URL is not set: no PostgreSQL to test on")
	}
	return server
}

// DemoOnPostgres returns a desk of the same small demo program as Demo, in
// PostgreSQL.
func DemoOnPostgres(t testing.TB) *run.Desk {
	t.Helper()
	p := DemoProgram(t)
	return p.On(t, p.Postgres(t))
}
