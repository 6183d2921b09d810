package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"loyaltymcp/tools/checkfeeds"
)

const doubled = `
program: {name: Doubled, currency: EUR}
feeds:
  members: {sql: "SELECT 'm1' AS member_id, TIMESTAMP '2026-01-01 10:00:00' AS enrolled_at"}
  orders:
    sql: |
      SELECT 'order-77' AS order_id, 'm1' AS member_id, 5 AS net, TIMESTAMP '2026-01-02 10:00:00' AS ordered_at
      UNION ALL SELECT 'order-77', 'm1', 5, TIMESTAMP '2026-01-02 10:00:00'
`

// Errors in the data end a script; people read what, how much and what to do,
// and the operator alone learns where the salt lies.
func TestCheckTellsErrors(t *testing.T) {
	h := newHouse(t)
	config := filepath.Join(t.TempDir(), "loyalty.yaml")
	if err := os.WriteFile(config, []byte(doubled), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, says := try(t, t.Context(), "check", "--config", config, "--state", h.state)
	if code != 1 || !strings.Contains(says, "the data have an error") {
		t.Errorf("exit status %d: %s", code, says)
	}
	for _, want := range []string{"ERRORS", "orders: duplicate keys (1 key)", "Next: Load each row once", "Hashed order_id: ", "salt", "Not mapped: tiers"} {
		if !strings.Contains(out, want) {
			t.Errorf("the report has no %q:\n%s", want, out)
		}
	}
	for line := range strings.Lines(out) {
		if len(line) > 101 {
			t.Errorf("a line is %d characters long: %s", len(line), line)
		}
	}
	code, out, _ = try(t, t.Context(), "check", "--config", config, "--state", h.state, "--json")
	var r checkfeeds.Result
	if err := json.Unmarshal([]byte(out), &r); err != nil || code != 1 || r.Count(checkfeeds.Error) != 1 {
		t.Errorf("--json: exit status %d, %v: %s", code, err, out)
	}
	if strings.Contains(out, "order-77") || strings.Contains(out, h.state) {
		t.Error("the structured result holds a key or a path")
	}
}
