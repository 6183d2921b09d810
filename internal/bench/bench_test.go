package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/monitor"
	"loyaltymcp/tools/reviewexperiments"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
	"loyaltymcp/warehouse/demo"
	"loyaltymcp/warehouse/duckdb"
	"loyaltymcp/warehouse/open"
)

// BenchmarkPairs runs each of our queries and its hand-written partner in
// turns. It reports the medians, and ours over theirs.
func BenchmarkPairs(b *testing.B) {
	p := demand(b)
	r, costs := p.run(b)
	pairs, reader := p.pairs(b, r, costs), p.reader(b)
	used := p.processor(b, reader)
	for _, pair := range pairs {
		b.Run(pair.name, func(b *testing.B) {
			inTurns(b, used, func() int { return replay(b, reader, pair.ours) }, func() int { return replay(b, reader, pair.theirs) })
		})
	}
}

// BenchmarkStages runs the queries of each stage and, in turns, the
// hand-written ones for all of its figures.
func BenchmarkStages(b *testing.B) {
	p := demand(b)
	r, costs := p.run(b)
	pairs, reader := p.pairs(b, r, costs), p.reader(b)
	used := p.processor(b, reader)
	b.Run("look", func(b *testing.B) {
		for b.Loop() {
			replay(b, reader, looks(costs))
		}
	})
	for _, stage := range stages {
		var ours, theirs []query
		for _, pair := range pairs {
			if pair.own && pair.stage == stage {
				ours, theirs = append(ours, pair.ours...), append(theirs, pair.theirs...)
			}
		}
		b.Run(stage, func(b *testing.B) {
			inTurns(b, used, func() int { return replay(b, reader, ours) }, func() int { return replay(b, reader, theirs) })
		})
	}
}

// looks returns the queries by which a run finds out that columns may be read bare,
// each once as in a run whose stages share a snapshot. Nobody who writes by hand for
// data that they know has any such.
func looks(costs map[string]stageCost) []query {
	var out []query
	for _, stage := range stages {
		for _, q := range costs[stage].queries {
			if strings.HasPrefix(q.name, warehouse.Looking) && !slices.ContainsFunc(out, func(o query) bool { return o.name == q.name }) {
				out = append(out, q)
			}
		}
	}
	return out
}

// BenchmarkReview reviews an experiment to which every member is assigned, with
// three arms, five metrics and two dimensions beside where members are in their
// life. What it takes without the queries is the judging.
func BenchmarkReview(b *testing.B) {
	text := strings.Replace(string(demo.Config()), "  assignments: {table: assignments}\n",
		"  assignments: {sql: \"SELECT 'all' AS experiment_id, member_id AS unit_id, CASE member_id % 3 WHEN 0 THEN 'control' WHEN 1 THEN 'one' ELSE 'two' END AS arm, TIMESTAMP '2026-03-01 00:00:00' AS assigned_at FROM members WHERE enrolled_at < TIMESTAMP '2026-03-01 00:00:00'\"}\n", 1)
	text += `
experiments:
  - {id: all, control_arm: control, started_at: 2026-03-01, ended_at: 2026-05-01, primary_metric: revenue_per_member, guardrails: [redeemed_rate within 5%, -refund_rate within 1pp], secondary_metrics: [conversion, points_earned_per_member]}
`
	p := demandWith(b, []byte(text))
	var took, queries []float64
	for b.Loop() {
		var result *reviewexperiments.Result
		// Opening the data is the run's, not the review's.
		err := p.desk.Hold(p.engine.observe(b.Context()), run.ReviewExperiments, func(ctx context.Context) error {
			r, err := p.desk.Open(ctx, run.Request{Experiments: []string{"all"}, Dimensions: []string{"tier", "region"}})
			if err != nil {
				return err
			}
			p.engine.take()
			started := time.Now()
			result, err = reviewexperiments.Compute(ctx, p.desk, r)
			took = append(took, time.Since(started).Seconds())
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
		_, inQueries := p.engine.take()
		queries = append(queries, inQueries.Seconds())
		if x := result.Experiments[0]; len(x.Results) != 10 || len(x.Who) == 0 {
			b.Fatalf("%d comparisons, %d traits", len(x.Results), len(x.Who))
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(took)*1000, "ms")
	b.ReportMetric((median(took)-median(queries))*1000, "judging-ms")
}

// inTurns times ours and theirs in turns, each first as often as second. Where
// the processor's time is known it also compares that of both, which a busy
// machine disturbs less.
func inTurns(b *testing.B, used processor, ours, theirs func() int) {
	b.Helper()
	var took [2][]float64
	var spent [2]float64
	rows := ours()
	theirs()
	for i := 0; b.Loop(); i++ {
		for k := range 2 {
			which := (i + k) % 2
			started, before := time.Now(), used.read()
			if which == 0 {
				ours()
			} else {
				theirs()
			}
			took[which] = append(took[which], time.Since(started).Seconds())
			spent[which] += used.read() - before
		}
	}
	b.ReportMetric(0, "ns/op") // the sum of both says nothing
	b.ReportMetric(median(took[0])*1000, "ours-ms")
	b.ReportMetric(median(took[1])*1000, "theirs-ms")
	b.ReportMetric(median(took[0])/median(took[1]), "ratio")
	if spent[1] > 0 {
		b.ReportMetric(spent[0]*1000/float64(len(took[0])), "ours-cpu-ms")
		b.ReportMetric(spent[0]/spent[1], "cpu-ratio")
	}
	b.ReportMetric(float64(rows), "rows")
}

func replay(b *testing.B, reader warehouse.Reader, queries []query) int {
	_, rows, err := timed(b.Context(), reader, queries)
	if err != nil {
		b.Fatal(err)
	}
	return rows
}

func median(x []float64) float64 {
	x = slices.Clone(x)
	slices.Sort(x)
	return (x[(len(x)-1)/2] + x[len(x)/2]) / 2
}

// BenchmarkRun runs all stages as they are, one after the other. It reports
// what each took, by the clock and of the engine's processor time, what of all
// that was not spent in queries, and the most memory that the process held.
func BenchmarkRun(b *testing.B) {
	p := demand(b)
	p.used = p.processor(b, p.reader(b))
	resetPeak()
	took, spent, outside := map[string][]float64{}, map[string][]float64{}, []float64{}
	for b.Loop() {
		_, costs := p.run(b)
		rest := 0.0
		for stage, cost := range costs {
			took[stage] = append(took[stage], cost.wall.Seconds())
			spent[stage] = append(spent[stage], cost.spent)
			rest += (cost.wall - cost.inQueries).Seconds()
		}
		outside = append(outside, rest)
	}
	for _, stage := range stages {
		b.ReportMetric(median(took[stage])*1000, stage+"-ms")
		if p.used != nil {
			b.ReportMetric(median(spent[stage])*1000, stage+"-cpu-ms")
		}
	}
	b.ReportMetric(median(outside)*1000, "outside-queries-ms")
	reportMemory(b)
}

// BenchmarkMonitor runs the whole pipeline as monitor_loyalty does: stages side
// by side, the check of the feeds, and the plan.
func BenchmarkMonitor(b *testing.B) {
	p := demand(b)
	set := testdesk.Schemas(b)
	resetPeak()
	for b.Loop() {
		report, err := monitor.Run(b.Context(), p.desk, set, monitor.Args{Request: run.Request{Dimensions: []string{"tier", "region"}}}, nil)
		if err != nil {
			b.Fatal(err)
		}
		for _, s := range report.Stages {
			if s.Err != nil {
				b.Fatalf("%s: %v", s.Stage, s.Err)
			}
		}
	}
	reportMemory(b)
}

// BenchmarkGenerate generates the program anew.
func BenchmarkGenerate(b *testing.B) {
	o, rows := demo.Options{Members: *members, Seed: 1}, 0
	counted := counter{&rows}
	if _, err := demo.Generate(b.Context(), o, counted); err != nil {
		b.Fatal(err)
	}
	resetPeak()
	for b.Loop() {
		var err error
		if *database != "" {
			_, err = open.CreateDemo(b.Context(), *database, o)
		} else {
			path := filepath.Join(b.TempDir(), "demo.duckdb")
			_, err = duckdb.CreateDemo(b.Context(), path, o)
			os.Remove(path)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(rows), "rows")
	reportMemory(b)
}

// counter is a sink that counts rows.
type counter struct{ rows *int }

func (c counter) Append(string, ...any) error { *c.rows++; return nil }

// resetPeak forgets how much memory the process held so far, where the system
// can.
func resetPeak() {
	runtime.GC()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // Linux only; elsewhere nothing is reported
}

// reportMemory reports the most memory that the process held since resetPeak,
// and what the Go heap and its stacks ever took from the system; the rest is
// the embedded engine's and the program's own text.
func reportMemory(b *testing.B) {
	b.Helper()
	if peak, err := peakMB(); err == nil {
		b.ReportMetric(peak, "peak-MB")
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.Sys)/(1<<20), "go-MB")
}

func peakMB() (float64, error) {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 64)
			return kb / 1024, err
		}
	}
	return 0, fmt.Errorf("the system tells no peak of memory")
}
