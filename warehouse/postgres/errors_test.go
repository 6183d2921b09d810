package postgres_test

import (
	"errors"
	"io"
	"net/url"
	"strings"
	"testing"

	"loyaltymcp/internal/fault"
	"loyaltymcp/warehouse"
	"loyaltymcp/warehouse/postgres"
)

// Errors name what to mend and hold no secret and no value.
func TestErrorsTeach(t *testing.T) {
	target := database(t)
	wrong, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	wrong.User = url.UserPassword("tester_of_nothing", "hunter2")
	elsewhere := *wrong
	elsewhere.Host = "127.0.0.1:1"
	for name, bad := range map[string]string{"password": wrong.String(), "port": elsewhere.String(), "form": "postgres://u:hunter2@h:x/db"} {
		e, err := postgres.Open(t.Context(), postgres.Options{URL: bad})
		if err == nil {
			e.Close()
			t.Errorf("%s: opened", name)
			continue
		}
		if !fault.Is(err, fault.Config) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v, want a config fault without the password", name, err)
		}
	}
	r := begin(t, target, 2)
	_, err = count(t.Context(), r, "SELECT CAST('anna@example.org' || i AS integer) FROM t")
	var value *warehouse.ValueError
	if !errors.As(err, &value) || strings.Contains(err.Error(), "anna") {
		t.Errorf("a failing cast gives %v, want a value error that does not quote it", err)
	}
	if _, err := r.Describe(t.Context(), "nowhere"); err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("a missing table gives %v, want its name", err)
	}
}

// An export that fails says so as a query does, and its snapshot goes on.
func TestErrorsOfAnExport(t *testing.T) {
	r := begin(t, database(t), 2)
	exporter, ok := r.(warehouse.Exporter)
	if !ok {
		t.Fatal("the reader exports nothing")
	}
	var value *warehouse.ValueError
	var source *warehouse.SourceError
	if _, err := exporter.Export(t.Context(), "SELECT CAST('anna' || i AS integer) FROM t", io.Discard); !errors.As(err, &value) || strings.Contains(err.Error(), "anna") {
		t.Errorf("a failing cast gives %v, want a value error that does not quote it", err)
	}
	if _, err := exporter.Export(t.Context(), "SELECT i / (i - 50) FROM t", io.Discard); !errors.As(err, &source) || !strings.Contains(err.Error(), "division by zero") {
		t.Errorf("a division gives %v, want that it is one by zero", err)
	}
	if n, err := count(t.Context(), r, "SELECT count(*) FROM t"); err != nil || n != 100 {
		t.Errorf("count = %d, %v; want 100 in the same snapshot", n, err)
	}
}
