package pullmetrics

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
)

// Result is what pull_metrics finds.
type Result struct {
	run.Head
	Previous   run.HeadSpan   `json:"previous_window"`
	YearAgo    run.HeadSpan   `json:"year_ago_window"`
	Verdict    string         `json:"verdict"`
	Alerts     []Alert        `json:"alerts"`
	KPIs       []KPI          `json:"kpis"`
	Breakdowns []Breakdown    `json:"breakdowns"`
	Caveats    []string       `json:"caveats"`
	Truncated  *run.Truncated `json:"truncated,omitempty"`
	Next       string         `json:"next"`
}

// KPI is one self-describing value.
type KPI struct {
	ID          string      `json:"id"`
	Label       string      `json:"label"`
	Kind        metric.Kind `json:"kind"`
	Unit        metric.Unit `json:"unit"`
	Better      string      `json:"better"`
	Value       *float64    `json:"value"`            // null when unknown
	Reason      string      `json:"reason,omitempty"` // why it is
	Numerator   *float64    `json:"numerator,omitempty"`
	Denominator *float64    `json:"denominator,omitempty"`
	N           *int64      `json:"n,omitempty"`        // units behind the value
	Interval    *[2]float64 `json:"interval,omitempty"` // 95 %
	Previous    *float64    `json:"previous"`
	Change      *float64    `json:"change"` // relative to the previous window, also for shares
	YearAgo     *float64    `json:"year_ago"`
	Target      *float64    `json:"target,omitempty"`
	Definition  string      `json:"definition"`              // id@hash
	Variant     string      `json:"variant,omitempty"`       // of the definition; "" for the catalogue's own
	Horizon     int         `json:"horizon_days,omitempty"`  // of a cohort: those whose so many days end in the window
	Lookback    int         `json:"lookback_days,omitempty"` // looked at instead of the window
	Feeds       []string    `json:"feeds"`
	Headline    bool        `json:"headline,omitempty"`
}

// Breakdown is one KPI by one dimension.
type Breakdown struct {
	KPI       string      `json:"kpi"`
	Dimension string      `json:"dimension"`
	Unit      metric.Unit `json:"unit"`
	Cells     []Cell      `json:"cells"`
	Omitted   int         `json:"omitted,omitempty"` // cells cut to fit
}

// Cell is one cell of a breakdown.
type Cell struct {
	Cell       string   `json:"cell"`
	Value      *float64 `json:"value"` // null when suppressed or empty
	N          *int64   `json:"n,omitempty"`
	Previous   *float64 `json:"previous"`
	Suppressed bool     `json:"suppressed,omitempty"` // too few members to show
}

// Alert is a KPI inside one of its bands.
type Alert struct {
	KPI       string      `json:"kpi"`
	Severity  string      `json:"severity"`
	Band      string      `json:"band"`
	Value     *float64    `json:"value"`
	Change    *float64    `json:"change"`
	Threshold float64     `json:"threshold"`
	Unit      metric.Unit `json:"unit"`
	Source    string      `json:"source"`
	Windows   int         `json:"consecutive_windows"` // 2 when the previous window is in the band too
	Point     string      `json:"point"`               // the data point to cite
}

// Points implements run.Figures.
func (r *Result) Points() []run.Point {
	var out []run.Point
	add := func(id string, value *float64, unit metric.Unit) {
		if value != nil {
			out = append(out, run.Point{ID: id, Value: *value, Unit: unit})
		}
	}
	for _, k := range r.KPIs {
		id := "metrics/" + k.ID
		add(id, k.Value, k.Unit)
		add(id+"/previous", k.Previous, k.Unit)
		add(id+"/change", k.Change, metric.Share)
		add(id+"/year_ago", k.YearAgo, k.Unit)
	}
	for _, b := range r.Breakdowns {
		for _, c := range b.Cells {
			add(fmt.Sprintf("metrics/%s{%s=%s}", b.KPI, b.Dimension, c.Cell), c.Value, b.Unit)
		}
	}
	return out
}

// KPI returns the value with the id, or nil.
func (r *Result) KPI(id string) *KPI {
	for i := range r.KPIs {
		if r.KPIs[i].ID == id {
			return &r.KPIs[i]
		}
	}
	return nil
}

// mostCells is how many cells a breakdown keeps when a result is cut.
const mostCells = 20

// Caveat implements run.Stage.
func (r *Result) Caveat(text string) { r.Caveats = append(r.Caveats, text) }

// Trim implements tools.Trimmer: first breakdowns are cut to their largest
// cells, then those of KPIs that are neither headline nor in alert go, then
// those KPIs, then the other breakdowns.
func (r *Result) Trim() bool {
	if r.Truncated == nil {
		r.Truncated = &run.Truncated{What: "breakdowns and KPIs",
			How: "fewer dimensions, or resource run://" + r.RunID + "/pull_metrics for all"}
	}
	for i := range r.Breakdowns {
		if b := &r.Breakdowns[i]; len(b.Cells) > mostCells {
			b.cut()
			r.Truncated.Dropped++
			return true
		}
	}
	for i := len(r.Breakdowns) - 1; i >= 0; i-- {
		if !r.leading(r.Breakdowns[i].KPI) {
			r.Breakdowns = slices.Delete(slices.Clone(r.Breakdowns), i, i+1)
			r.Truncated.Dropped++
			return true
		}
	}
	for i := len(r.KPIs) - 1; i >= 0; i-- {
		if !r.leading(r.KPIs[i].ID) {
			r.KPIs = slices.Delete(slices.Clone(r.KPIs), i, i+1)
			r.Truncated.Dropped++
			return true
		}
	}
	if n := len(r.Breakdowns); n > 0 {
		r.Breakdowns = r.Breakdowns[:n-1]
		r.Truncated.Dropped++
		return true
	}
	return false
}

// cut keeps the cells with the most units.
func (b *Breakdown) cut() {
	sizes := make([]int64, 0, len(b.Cells))
	for _, c := range b.Cells {
		if c.N != nil {
			sizes = append(sizes, *c.N)
		}
	}
	slices.Sort(sizes)
	least := int64(math.MaxInt64)
	if len(sizes) > 0 {
		least = sizes[max(0, len(sizes)-mostCells)]
	}
	before := len(b.Cells)
	kept := slices.DeleteFunc(slices.Clone(b.Cells), func(c Cell) bool { return c.N == nil || *c.N < least })
	b.Cells = kept[:min(mostCells, len(kept))]
	b.Omitted += before - len(b.Cells)
}

// leading reports whether the KPI is a headline or in alert.
func (r *Result) leading(kpi string) bool {
	k := r.KPI(kpi)
	return k != nil && k.Headline || r.alerted(kpi)
}

func (r *Result) alerted(kpi string) bool {
	for _, a := range r.Alerts {
		if a.KPI == kpi {
			return true
		}
	}
	return false
}

// Markdown implements tools.View.
func (r *Result) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**, %s..%s (as of %s). %s\n\n| KPI | value | previous | change |\n|---|---|---|---|\n",
		run.Cell(r.Program), r.Window.Start, r.Window.End, r.AsOf, r.Verdict)
	for _, k := range r.KPIs {
		value := run.Show(k.Value, k.Unit, r.Currency)
		if k.Value == nil {
			value += " (" + k.Reason + ")"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", run.Cell(k.Label), value, run.Show(k.Previous, k.Unit, r.Currency), run.ShowMove(k.Value, k.Previous, k.Change, k.Unit))
	}
	for _, a := range r.Alerts {
		fmt.Fprintf(&b, "\n- **%s** %s is in the band %s", a.Severity, a.KPI, a.Band)
	}
	for _, c := range r.Caveats {
		fmt.Fprintf(&b, "\n- %s", c)
	}
	fmt.Fprintf(&b, "\n\nRun `%s`. %s\n", r.RunID, r.Next)
	return b.String()
}
