package pullmetrics

import (
	"fmt"
	"strings"

	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
)

// Result is what pull_metrics finds.
type Result struct {
	run.Head
	Previous   run.HeadSpan `json:"previous_window"`
	YearAgo    run.HeadSpan `json:"year_ago_window"`
	Verdict    string       `json:"verdict"`
	Alerts     []Alert      `json:"alerts"`
	KPIs       []KPI        `json:"kpis"`
	Others     []Short      `json:"other_kpis,omitempty"` // those that a cut result has only in short
	Drivers    []Driver     `json:"drivers"`
	Breakdowns []Breakdown  `json:"breakdowns"`
	Series     []Series     `json:"series,omitempty"` // of the headline KPIs
	// Changed is what makes figures of this run no trend with those of the
	// newest plan; nil where nothing does.
	Changed *Changed `json:"changed_since_last_plan,omitempty"`
	// Restated are figures of this window, or the previous one, that an earlier
	// run or plan recorded otherwise by the same definitions: rows came in late.
	Restated  []Restated     `json:"restated,omitempty"`
	Caveats   []string       `json:"caveats"`
	Truncated *run.Truncated `json:"truncated,omitempty"`
	Next      string         `json:"next"`

	cuts int // steps of Trim that are done
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
	Trend       *Trend      `json:"trend,omitempty"`
	Definition  string      `json:"definition"`              // id@hash
	Variant     string      `json:"variant,omitempty"`       // of the definition; "" for the catalogue's own
	Horizon     int         `json:"horizon_days,omitempty"`  // of a cohort: those whose so many days end in the window
	Lookback    int         `json:"lookback_days,omitempty"` // looked at instead of the window
	Feeds       []string    `json:"feeds"`
	Headline    bool        `json:"headline,omitempty"`

	history *history // nil where it isn't followed from day to day
}

// Changed is what changed since a plan in that by which figures are computed.
type Changed struct {
	Plan          string   `json:"plan"`
	Changes       []string `json:"changes"`
	NotComparable []string `json:"not_comparable"` // KPIs
}

// Restated is a figure that was computed before and is another now.
type Restated struct {
	KPI    string  `json:"kpi"`
	Window string  `json:"window"`
	Before float64 `json:"before"`
	Now    float64 `json:"now"`
	From   string  `json:"from"` // run or plan that recorded it
}

// Short is a KPI in short.
type Short struct {
	ID       string      `json:"id"`
	Unit     metric.Unit `json:"unit"`
	Value    *float64    `json:"value"`
	Previous *float64    `json:"previous"`
	Reason   string      `json:"reason,omitempty"`
}

// Breakdown is one KPI by one dimension.
type Breakdown struct {
	KPI       string      `json:"kpi"`
	Dimension string      `json:"dimension"` // or two, as tier,region
	Unit      metric.Unit `json:"unit"`
	Cells     []Cell      `json:"cells"`
	Omitted   int         `json:"omitted,omitempty"` // cells cut to fit
}

// Cell is one cell of a breakdown.
type Cell struct {
	Cell       string   `json:"cell"`
	Second     string   `json:"second,omitempty"` // of two dimensions: the value of the second
	Value      *float64 `json:"value"`            // null when suppressed or empty
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
	Gap       float64     `json:"gap"`                 // value, or change, less threshold
	Windows   int         `json:"consecutive_windows"` // in the band, this one and those before it in a row, as far as the data tell
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
		if k.Trend != nil {
			add(id+"/expected", k.Trend.Expected, k.Unit)
			add(id+"/score", k.Trend.Score, metric.Score)
		}
	}
	for _, d := range r.Drivers {
		for _, c := range d.Cells {
			add(fmt.Sprintf("metrics/%s/driver{%s}", d.KPI, d.place(c)), &c.Total, r.unit(d.KPI))
		}
	}
	for _, b := range r.Breakdowns {
		for _, c := range b.Cells {
			add(b.Point(c), c.Value, b.Unit)
		}
	}
	return out
}

// Point returns the id of a cell's data point.
func (b Breakdown) Point(c Cell) string {
	return fmt.Sprintf("metrics/%s{%s}", b.KPI, located(b.Dimension, c.Cell, c.Second))
}

// unit returns the unit of a KPI.
func (r *Result) unit(kpi string) metric.Unit {
	if k := r.KPI(kpi); k != nil {
		return k.Unit
	}
	return metric.Score
}

// place writes where an effect is: tier=Gold.
func (d Driver) place(c Effect) string { return located(d.Dimension, c.Cell, c.Second) }

// located writes a cell of one dimension, or of two.
func located(dimension, cell, second string) string {
	one, two, both := strings.Cut(dimension, ",")
	if !both {
		return one + "=" + cell
	}
	return one + "=" + cell + "," + two + "=" + second
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

// Anomalies says of each KPI that is unlike its own past how.
func (r *Result) Anomalies() (lines []string) {
	for _, k := range r.KPIs {
		if t := k.Trend; t.odd() {
			lines = append(lines, k.Label+": "+t.text(k.Unit, r.Currency))
		}
	}
	return lines
}

// Movements says of the KPIs that moved what drove them, the leading ones
// first; at most a few.
func (r *Result) Movements() (lines []string) {
	for _, d := range r.Drivers {
		if k := r.KPI(d.KPI); k != nil && len(lines) < mostDrivers && (d.Best || d.Simpson != "" || d.Dimension == "factors") {
			lines = append(lines, d.text(k, r.Currency))
		}
	}
	return lines
}

// Caveat implements run.Stage.
func (r *Result) Caveat(text string) { r.Caveats = append(r.Caveats, text) }

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
	for _, line := range r.Anomalies() {
		fmt.Fprintf(&b, "\n- **anomaly** %s", run.Cell(line))
	}
	for _, line := range r.Movements() {
		fmt.Fprintf(&b, "\n- %s", run.Cell(line))
	}
	for _, c := range r.Caveats {
		fmt.Fprintf(&b, "\n- %s", c)
	}
	fmt.Fprintf(&b, "\n\nRun `%s`. %s\n", r.RunID, r.Next)
	return b.String()
}
