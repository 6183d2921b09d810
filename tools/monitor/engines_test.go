package monitor_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/monitor"
)

// Runs that fill every connection still end: none waits for a connection that
// another part of it holds.
func TestManyRunsShareFewConnections(t *testing.T) {
	d := testdesk.DemoOnPostgres(t)
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			if _, err := monitor.Run(ctx, d, testdesk.Schemas(t), monitor.Args{}, nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
