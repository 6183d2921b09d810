package bench

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools"
	"loyaltymcp/tools/pullmetrics"
	"loyaltymcp/tools/run"
)

// BenchmarkPullMetrics runs pull_metrics by itself, split by two dimensions. It
// reports what it took, how large the result is before it is trimmed and as an
// agent gets it, in tokens, and the most memory that the process held while the
// stage ran.
func BenchmarkPullMetrics(b *testing.B) {
	p := demand(b)
	used := p.processor(b, p.reader(b))
	split := run.Request{Dimensions: []string{"tier", "region"}}
	resetPeak()
	var took, spent []float64
	var last *pullmetrics.Result
	for b.Loop() {
		r, err := p.desk.Open(b.Context(), split)
		if err != nil {
			b.Fatal(err)
		}
		started, before := time.Now(), used.read()
		if last, err = pullmetrics.Compute(b.Context(), p.desk, r); err != nil {
			b.Fatal(err)
		}
		took, spent = append(took, time.Since(started).Seconds()), append(spent, used.read()-before)
	}
	reportMemory(b)
	b.ReportMetric(0, "ns/op") // opening the run is in it
	b.ReportMetric(median(took)*1000, "stage-ms")
	if used != nil {
		b.ReportMetric(median(spent)*1000, "stage-cpu-ms")
	}
	raw, err := json.Marshal(last)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(tools.Tokens(raw)), "untrimmed-tokens")
	tool, err := pullmetrics.Tool(testdesk.Schemas(b), func(context.Context) (*run.Desk, error) { return p.desk, nil })
	if err != nil {
		b.Fatal(err)
	}
	for _, detail := range []string{"summary", "full"} {
		arguments, err := json.Marshal(map[string]any{"dimensions": split.Dimensions, "detail": detail})
		if err != nil {
			b.Fatal(err)
		}
		result, err := tool.Call(b.Context(), arguments)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(tools.Tokens(result.JSON)), detail+"-tokens")
	}
}
