// Package diagnosehealth is the second stage: the four diagnoses of a
// program's health. Tier mix with its moves and who is reviewed next; churn risk
// by the program's own lapse definition, by a model of purchases (churnmodel) and
// by who cancelled; the points outstanding with a roll-forward that closes to the
// last point and what they are worth (liabilitymodel); and breakage.
//
// Each diagnosis has a file that computes it and one that holds its part of the
// result; larger parts have a pair of their own. They begin with the Diagnosis that
// says healthy, watch, act or unknown, by which rule.
package diagnosehealth

import (
	"context"
	"embed"
	"fmt"
	"strings"
	"time"

	"loyaltymcp/schemas"
	"loyaltymcp/tools"
	"loyaltymcp/tools/breakdown"
	"loyaltymcp/tools/diagnosehealth/liabilitymodel"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

//go:embed sql/*.sql
var sqlFiles embed.FS

// HistorySQL are the blocks of members' purchase histories, for queries of other
// stages.
//
//go:embed sql/histories.sql
var HistorySQL embed.FS

//go:embed description.md
var description string

var queries = warehouse.MustParseQueries(run.DiagnoseHealth, breakdown.SQL, sqlFiles)

// Tool returns the diagnose_health tool.
func Tool(set *schemas.Set, open run.Opener) (tools.Tool, error) {
	return run.Tool(set, open, tools.Spec{Name: run.DiagnoseHealth, Title: "Diagnose program health", Description: description}, Compute)
}

// Compute returns the stage's result, from the run's store if it is there.
func Compute(ctx context.Context, d *run.Desk, r *run.Run) (*Result, error) {
	return run.Do(ctx, d, r, run.DiagnoseHealth, func(ctx context.Context, s *warehouse.Snapshot) (*Result, error) {
		return diagnose(ctx, d, r, s)
	})
}

// doctor is one diagnosis under way.
type doctor struct {
	desk     *run.Desk
	run      *run.Run
	snapshot *warehouse.Snapshot
	result   *Result
	lots     *liabilitymodel.Estimate // what is expected of the outstanding points; nil where that is unknown

	qualification breakdown.Qualification
	above         struct { // members above the lowest tier
		now, before warehouse.Exact
		known       bool
	}
}

// span is what the templates of single windows read.
type span struct {
	breakdown.Query
	Start, End                    time.Time
	LineStart, LineEnd            time.Time // lapse lines at the start and at the end
	Days0, Days30, Days60, Days90 time.Time
}

func diagnose(ctx context.Context, d *run.Desk, r *run.Run, s *warehouse.Snapshot) (*Result, error) {
	doc := &doctor{desk: d, run: r, snapshot: s, result: &Result{Head: r.Head(), Caveats: r.Caveats(),
		Next: "Next: write_plan with this run_id, after surface_insights and review_experiments. Any liability is told with \"management estimate, not an accounting opinion\", the roll-forward before the total (sop://liability)."}}
	for _, diagnosis := range []func(context.Context) error{doc.tierMix, doc.churn, doc.liability, doc.breakage} {
		if err := diagnosis(ctx); err != nil {
			return nil, err
		}
	}
	doc.result.own(d.Config.Owners)
	doc.result.Verdict = doc.verdict()
	return doc.result, nil
}

// span returns the window as templates read it, split by the groupings.
func (d *doctor) span(groupings []breakdown.Grouping) span {
	w, lapse := d.run.Window, d.desk.Config.Definitions.LapseDays
	return span{
		Query: breakdown.Query{Groupings: groupings, Activity: d.desk.Config.Definitions.ActiveEvents,
			Periods: []breakdown.Period{{Index: 0, Start: w.Start, End: w.End}, {Index: 1, Start: w.Previous().Start, End: w.Start}}},
		Start: w.Start, End: w.End, LineStart: w.Start.AddDate(0, 0, -lapse), LineEnd: w.End.AddDate(0, 0, -lapse),
		Days0: w.End, Days30: w.End.AddDate(0, 0, 30), Days60: w.End.AddDate(0, 0, 60), Days90: w.End.AddDate(0, 0, 90),
	}
}

// groupings returns no split and the run's dimensions.
func (d *doctor) groupings() []breakdown.Grouping {
	return breakdown.Groupings(d.snapshot.Catalog, d.run.Dimensions)
}

// hide suppresses the small cells of a breakdown.
func (d *doctor) hide(b *Breakdown, rate bool) {
	least := d.desk.Config.Privacy.MinMembers
	if rate {
		least = d.desk.Config.Privacy.MinMembersForRates
	}
	sizes := make([]breakdown.Cell, len(b.Cells))
	for i, c := range b.Cells {
		sizes[i].N = float64(*c.N)
	}
	for i, hidden := range breakdown.Suppress(sizes, float64(least)) {
		if hidden {
			b.Cells[i] = Cell{Cell: b.Cells[i].Cell, Suppressed: true}
		}
	}
}

func (d *doctor) verdict() string {
	var parts []string
	switch n := len(d.result.DataAlarms); n {
	case 0:
		if d.result.Liability.Status == ok {
			parts = append(parts, "the point ledger reconciles")
		}
	case 1:
		parts = append(parts, "1 data alarm: "+strings.TrimSuffix(d.result.DataAlarms[0].Says, "."))
	default:
		parts = append(parts, fmt.Sprintf("%d data alarms", n))
	}
	if f := d.result.Figure(PointLapseRate); f != nil && f.Value != nil {
		parts = append(parts, fmt.Sprintf("%s of members have lapsed (%d days)", run.Show(f.Value, f.Unit, ""), d.result.Churn.LapseDays))
	}
	if f := d.result.Figure(PointGross); f != nil && f.Value != nil {
		text := "gross liability " + run.Show(f.Value, f.Unit, d.run.Currency)
		if c := d.result.Figure(PointExpectedCost); c != nil && c.Value != nil {
			text += ", expected cost " + run.Show(c.Value, c.Unit, d.run.Currency)
		}
		parts = append(parts, text)
	}
	if f := d.result.Figure(PointExpiredShare); f != nil && f.Value != nil {
		parts = append(parts, run.Show(f.Value, f.Unit, "")+" of matured points expired unused")
	}
	if len(parts) == 0 {
		return "The mapped feeds allow no diagnosis; each section says why."
	}
	text := strings.Join(parts, "; ") + "."
	return strings.ToUpper(text[:1]) + text[1:]
}
