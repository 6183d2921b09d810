package postgres_test

import (
	"errors"
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
