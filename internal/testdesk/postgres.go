package testdesk

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse/demo"
	"loyaltymcp/warehouse/postgres"
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

// databases are made once a test binary.
var databases struct {
	sync.Mutex
	demo string
}

// DemoOnPostgres returns a desk of the same small demo program as Demo, in
// PostgreSQL.
func DemoOnPostgres(t testing.TB) *run.Desk {
	t.Helper()
	server := PostgresURL(t)
	databases.Lock()
	defer databases.Unlock()
	if databases.demo == "" {
		target, err := url.Parse(server)
		if err != nil {
			t.Fatal("LOYALTY_TEST_POSTGRES_URL is no URL")
		}
		// One database a test binary, replaced at each run.
		name := "loyalty_" + strings.NewReplacer(".", "_", "-", "_").Replace(filepath.Base(os.Args[0]))
		if err := postgres.CreateDatabase(context.Background(), server, name); err != nil {
			t.Fatal(err)
		}
		target.Path = "/" + name
		if _, err := postgres.CreateDemo(context.Background(), target.String(), demo.Options{Members: demoMembers, Seed: 1}); err != nil {
			t.Fatal(err)
		}
		databases.demo = target.String()
	}
	return Config(t, string(demo.Config()), t.TempDir(), databases.demo)
}
