package warehouse_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"loyaltymcp/internal/testdesk"
)

// A source that takes forever ends at the caller's deadline, and the error
// names its feed, on the embedded engine too.
func TestASourceThatTakesForever(t *testing.T) {
	const forever = `  orders: {sql: "SELECT 1 AS order_id, DATE '2026-01-01' AS ordered_at, 1 AS net FROM (SELECT sum(hash(g.i)) AS s FROM range(1000000000000) AS g(i)) AS x WHERE x.s = 5"}`
	d := testdesk.Config(t, head+"feeds:\n"+someMembers+forever+"\n", t.TempDir(), "")
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	started := time.Now()
	_, err := d.Source.Snapshot(ctx)
	if took := time.Since(started); took > 5*time.Second || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v after %v, want the deadline after 0.3 s", err, took)
	}
	if !strings.HasPrefix(err.Error(), "feeds.orders:") || !strings.Contains(err.Error(), "index") {
		t.Errorf("%v, want feeds.orders and what to do", err)
	}
}
