// Package pullmetrics is the first stage: the KPIs of the window against the
// previous one and a year ago, by the definitions of the metric catalogue,
// with alert states and breakdowns.
package pullmetrics

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"loyaltymcp/stats/proportion"
	"loyaltymcp/tools/breakdown"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

// The indexes of the windows that a query computes.
const (
	current = iota
	previous
	yearAgo
)

// Compute returns the stage's result, from the run's store if it is there.
func Compute(ctx context.Context, d *run.Desk, r *run.Run) (*Result, error) {
	return run.Do(ctx, d, r, run.PullMetrics, func(ctx context.Context, s *warehouse.Snapshot) (*Result, error) {
		return compute(ctx, d, r, s)
	})
}

func compute(ctx context.Context, d *run.Desk, r *run.Run, s *warehouse.Snapshot) (*Result, error) {
	windows := []run.Window{current: r.Window, previous: r.Window.Previous(), yearAgo: r.Window.YearAgo()}
	data := breakdown.Query{Activity: d.Config.Definitions.ActiveEvents}
	for i, w := range windows {
		data.Periods = append(data.Periods, breakdown.Period{Index: i, Start: w.Start, End: w.End})
	}
	data.Groupings = breakdown.Groupings(s.Catalog, r.Dimensions)
	active := breakdown.ActivityFeeds(s.Catalog, data.Activity)
	found, err := measure(ctx, s, data, groups(s.Catalog, active))
	if err != nil {
		return nil, err
	}
	order, err := breakdown.TierOrder(ctx, s, queries)
	if err != nil {
		return nil, err
	}
	e := evaluator{tiers: order, found: found, windows: windows, reasons: reasons{run: r, catalog: s.Catalog, active: active}}
	result := &Result{Head: r.Head(), Next: "Next: diagnose_health, surface_insights and review_experiments with this run_id, side by side; then write_plan."}
	for _, definition := range d.Metrics {
		k := e.kpi(definition)
		if target, ok := d.Config.Targets[definition.ID]; ok {
			k.Target = &target
		}
		result.KPIs = append(result.KPIs, k)
	}
	for _, dimension := range r.Dimensions {
		for _, definition := range d.Metrics {
			if b, ok := e.breakdown(definition, dimension, d.Config.Privacy.MinMembers, d.Config.Privacy.MinMembersForRates); ok {
				result.Breakdowns = append(result.Breakdowns, b)
			}
		}
	}
	result.Alerts = alerts(result, r.Bands)
	result.Caveats = caveats(r, s.Catalog, result, d.Now())
	result.Verdict = verdict(result)
	return result, nil
}

// evaluator turns measures into values.
type evaluator struct {
	tiers   map[string]float64 // rank by tier
	found   measures
	windows []run.Window
	reasons reasons
}

// unmapped says which feed or column the definition lacks.
func (e evaluator) unmapped(d metric.Definition) string {
	for _, requirement := range d.Requires {
		feed, column, _ := strings.Cut(requirement, ".")
		if feed == "points" { // the point feed may be the monthly one
			continue
		}
		if reason := e.reasons.catalog.Missing(feed, column); reason != "" {
			return reason
		}
	}
	for _, measure := range d.Measures() {
		if reason := e.reasons.missing(measure); reason != "" {
			return reason
		}
	}
	return ""
}

// unknown says why the definition has no value in the window.
func (e evaluator) unknown(d metric.Definition, period int) string {
	if reason := e.unmapped(d); reason != "" {
		return reason
	}
	for _, measure := range d.Measures() {
		if reason := e.reasons.uncovered(measure, e.windows[period]); reason != "" {
			return reason
		}
	}
	return ""
}

// value returns a definition's value in one place, nil when its denominator is
// zero.
func (e evaluator) value(d metric.Definition, k key) (value *float64, numerator, denominator warehouse.Exact) {
	m := e.found[k]
	numerator = m[d.Numerator]
	if d.Kind != metric.Ratio {
		f := numerator.Float()
		return &f, numerator, 0
	}
	denominator = m[d.Denominator]
	if denominator == 0 {
		return nil, numerator, 0
	}
	return run.Round(numerator.Float() / denominator.Float()), numerator, denominator
}

func (e evaluator) kpi(d metric.Definition) KPI {
	k := KPI{ID: d.ID, Label: d.Label, Kind: d.Kind, Unit: d.Unit, Better: d.Better, Definition: d.Ref(), Feeds: e.feeds(d), Headline: d.Headline}
	if k.Reason = e.unknown(d, current); k.Reason != "" {
		return k
	}
	value, numerator, denominator := e.value(d, key{period: current})
	k.Value = value
	n := int64(math.Round(e.found[key{period: current}][d.N].Float()))
	k.N = &n
	if d.Kind == metric.Ratio {
		a, b := numerator.Float(), denominator.Float()
		k.Numerator, k.Denominator = &a, &b
		if value == nil {
			k.Reason = "nothing to divide by: " + d.Denominator + " is 0 in the window"
		}
	}
	if value != nil {
		k.Interval = e.interval(d, numerator, denominator)
	}
	if e.unknown(d, previous) == "" {
		k.Previous, _, _ = e.value(d, key{period: previous})
	}
	if e.unknown(d, yearAgo) == "" {
		k.YearAgo, _, _ = e.value(d, key{period: yearAgo})
	}
	if k.Value != nil && k.Previous != nil && *k.Previous != 0 {
		k.Change = run.Round((*k.Value - *k.Previous) / math.Abs(*k.Previous))
	}
	return k
}

// interval returns the interval that the definition asks for, nil where it
// asks for none.
func (e evaluator) interval(d metric.Definition, numerator, denominator warehouse.Exact) *[2]float64 {
	switch d.Interval {
	case "wilson":
		count := proportion.Count{Successes: int64(numerator / warehouse.ExactOne), N: int64(denominator / warehouse.ExactOne)}
		if i, err := proportion.Wilson(count, run.Confidence); err == nil {
			return &[2]float64{*run.Round(i.Low), *run.Round(i.High)}
		}
	case "nps":
		m := e.found[key{period: current}]
		promoters, detractors := int64(m["surveys.nps_promoters"]/warehouse.ExactOne), int64(m["surveys.nps_detractors"]/warehouse.ExactOne)
		passives := int64(denominator/warehouse.ExactOne) - promoters - detractors
		if i, err := proportion.NPS(promoters, passives, detractors, run.Confidence); err == nil {
			return &[2]float64{*run.Round(i.Low / 100), *run.Round(i.High / 100)}
		}
	}
	return nil
}

// feeds returns the feeds that the definition's value was made of.
func (e evaluator) feeds(d metric.Definition) []string {
	var out []string
	for _, measure := range d.Measures() {
		for _, feed := range e.reasons.sources(measure) {
			if !slices.Contains(out, feed) {
				out = append(out, feed)
			}
		}
	}
	return out
}

// breakdown splits a KPI by a dimension; ok is false when it can't be.
func (e evaluator) breakdown(d metric.Definition, dimension string, minimum, minimumForRates int) (Breakdown, bool) {
	if !d.ByMember() || e.unknown(d, current) != "" {
		return Breakdown{}, false
	}
	names := map[string]bool{}
	for k := range e.found {
		if k.dimension == dimension && k.period == current {
			names[k.cell] = true
		}
	}
	hasPrevious := e.unknown(d, previous) == ""
	b := Breakdown{KPI: d.ID, Dimension: dimension, Unit: d.Unit}
	sizes := []breakdown.Cell{}
	for name := range names {
		here := key{current, dimension, name}
		if value, numerator, _ := e.value(d, here); (value == nil || numerator == 0) && e.found[here][d.N] == 0 {
			continue // a cell of other measures of the query
		}
		b.Cells = append(b.Cells, Cell{Cell: name})
	}
	slices.SortFunc(b.Cells, func(x, y Cell) int {
		if dimension == "tier" && e.tiers[x.Cell] != e.tiers[y.Cell] {
			return cmp.Compare(e.tiers[x.Cell], e.tiers[y.Cell])
		}
		return cmp.Compare(x.Cell, y.Cell)
	})
	previousSizes := []breakdown.Cell{}
	for i := range b.Cells {
		c := &b.Cells[i]
		here, before := key{current, dimension, c.Cell}, key{previous, dimension, c.Cell}
		c.Value, _, _ = e.value(d, here)
		if hasPrevious {
			c.Previous, _, _ = e.value(d, before)
		}
		n := e.found[here][d.N].Float()
		whole := int64(math.Round(n))
		c.N = &whole
		c.Cell = run.Label(c.Cell)
		sizes = append(sizes, breakdown.Cell{N: n})
		previousSizes = append(previousSizes, breakdown.Cell{N: e.found[before][d.N].Float()})
	}
	least := float64(minimum)
	if d.Kind == metric.Ratio {
		least = float64(minimumForRates)
	}
	hidden, hiddenBefore := breakdown.Suppress(sizes, least), breakdown.Suppress(previousSizes, least)
	for i := range b.Cells {
		if hidden[i] {
			b.Cells[i] = Cell{Cell: b.Cells[i].Cell, Suppressed: true}
		} else if hiddenBefore[i] {
			b.Cells[i].Previous = nil
		}
	}
	return b, len(b.Cells) > 0
}

// alerts returns the bands that the KPIs are in; where a KPI is in both its
// warning and its critical band, the critical one.
func alerts(r *Result, bands []run.Band) []Alert {
	out := []Alert{}
	for _, b := range bands {
		k := r.KPI(b.KPI)
		if k == nil || !b.Breached(k.Value, k.Change) {
			continue
		}
		a := Alert{KPI: b.KPI, Severity: b.Severity, Band: b.String(), Value: k.Value, Change: k.Change,
			Threshold: b.Limit, Unit: k.Unit, Source: b.Source, Point: "metrics/" + b.KPI}
		if b.Op == "change" {
			a.Point += "/change"
		}
		if i := slices.IndexFunc(out, func(o Alert) bool { return o.KPI == a.KPI && o.Source == a.Source }); i >= 0 {
			out[i] = a // bands come warning first
			continue
		}
		out = append(out, a)
	}
	return out
}

// staleDays is how old the last complete day may be before a run says so.
const staleDays = 7

func caveats(r *run.Run, c *warehouse.Catalog, result *Result, now time.Time) []string {
	out := []string{}
	if age := int(now.Sub(r.AsOf).Hours() / 24); age > staleDays && r.Request.AsOf == "" && !run.IsRange(r.Request.Window) {
		out = append(out, fmt.Sprintf("The data end %d days ago, on %s.", age, run.Day(r.AsOf.AddDate(0, 0, -1))))
	}
	if slices.Contains(r.Dimensions, "tier") {
		out = append(out, "By tier: "+breakdown.TierBasis(c)+".")
	}
	if r.Window.Days() <= 14 {
		out = append(out, "The repeat purchase rate of so short a window is near zero by nature; use 90d or quarter for it.")
	}
	unknown := 0
	for _, k := range result.KPIs {
		if k.Value == nil {
			unknown++
		}
	}
	if unknown > 0 {
		out = append(out, fmt.Sprintf("%d of %d KPIs are unknown in this window, each with its reason.", unknown, len(result.KPIs)))
	}
	for _, f := range r.Feeds {
		if f.Future > 0 {
			out = append(out, fmt.Sprintf("The %s feed has %d rows dated in the future; they count nowhere.", f.Name, f.Future))
		}
	}
	return out
}

// verdict is the one sentence to read first.
func verdict(r *Result) string {
	worse, better := 0, 0
	for _, k := range r.KPIs {
		switch {
		case !k.Headline || k.Better == "neutral" || k.Change == nil || math.Abs(*k.Change) < 0.005:
		case (*k.Change > 0) == (k.Better == "higher"):
			better++
		default:
			worse++
		}
	}
	text := fmt.Sprintf("%d headline KPIs better and %d worse than in the previous window", better, worse)
	switch len(r.Alerts) {
	case 0:
		return text + "; no alert."
	case 1:
		return text + "; 1 alert."
	}
	return fmt.Sprintf("%s; %d alerts.", text, len(r.Alerts))
}
