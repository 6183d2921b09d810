// Package surfaceinsights is the third stage: the segments of members worth an
// action, each with its size, what is at stake, and the play.
//
// A segment is data (segments.yaml; operators add their own): a condition over
// what is known of a member (members.yaml). The engine sees to every member once,
// and returns how many are in which combination of segments; from those come the
// sizes, what overlaps, and each member counted once by priority.
package surfaceinsights

import (
	"context"
	"embed"
	"fmt"
	"math"
	"strings"
	"time"

	"loyaltymcp/schemas"
	"loyaltymcp/tools"
	"loyaltymcp/tools/breakdown"
	"loyaltymcp/tools/config"
	"loyaltymcp/tools/diagnosehealth"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

//go:embed sql/*.sql
var sqlFiles embed.FS

//go:embed description.md
var description string

var queries = warehouse.MustParseQueries(run.SurfaceInsights, breakdown.SQL, diagnosehealth.HistorySQL, sqlFiles)

// Tool returns the surface_insights tool.
func Tool(set *schemas.Set, open run.Opener) (tools.Tool, error) {
	return run.Tool(set, open, tools.Spec{Name: run.SurfaceInsights, Title: "Surface member insights", Description: description}, Compute)
}

// Compute returns the stage's result, from the run's store if it is there.
func Compute(ctx context.Context, d *run.Desk, r *run.Run) (*Result, error) {
	return run.Do(ctx, d, r, run.SurfaceInsights, func(ctx context.Context, s *warehouse.Snapshot) (*Result, error) {
		return surface(ctx, d, r, s)
	})
}

// subject is what the templates read.
type subject struct {
	breakdown.Query
	Tier                 breakdown.Grouping
	AsOf, End            time.Time // the same moment, for blocks shared with windows
	YearAgo, PeriodStart time.Time
	Expiring, Engaged    time.Time
	LapseDays            int
	Basis                string // of qualification: spend, orders or earned
	SinceTier            bool
	PeriodDays, Ahead    int
	Columns              []column // of the profile
	Wheres               []string // conditions of the segments
	Values               []string // columns that are summed
	Places               []int    // of the segments in the mask, 0 for everyone
	// What the block of histories reads.
	Fitted, FromEnrolment bool
	Step                  int
	Until, Since          time.Time
	joins                 map[string]bool
}

// column is a column of the profile.
type column struct{ Name, SQL string }

// Joins reports whether a column comes from the part.
func (s subject) Joins(part string) bool { return s.joins[part] }

const (
	reviewDays  = 90 // how far ahead reviews of tiers are looked at
	engagedDays = 90 // how far back engagement is
	daysInMonth = 365.25 / 12
)

// surveyor is the stage under way.
type surveyor struct {
	desk     *run.Desk
	run      *run.Run
	snapshot *warehouse.Snapshot
	tiers    breakdown.Qualification
	source   metric.Source
	supply   metric.Supply
	data     subject
	result   *Result
}

func surface(ctx context.Context, d *run.Desk, r *run.Run, s *warehouse.Snapshot) (*Result, error) {
	v, err := newSurveyor(ctx, d, r, s)
	if err != nil {
		return nil, err
	}
	all, err := definitions(d.Config, v.source, v.texts())
	if err != nil {
		return nil, err
	}
	var members, contactable int64
	if s.Missing("members") == "" {
		if err := s.One(ctx, queries, "open", v.data, &members, &contactable); err != nil {
			return nil, err
		}
	}
	told := v.tell(all)
	if len(told) > 0 {
		masks, err := v.masks(ctx, told)
		if err != nil {
			return nil, err
		}
		v.segments(told, masks, members)
		if err := v.price(ctx, told); err != nil {
			return nil, err
		}
	}
	if err := v.lifecycle(ctx); err != nil {
		return nil, err
	}
	if err := v.reach(ctx); err != nil {
		return nil, err
	}
	v.result.Caveats = append(r.Caveats(), "Values are what these members did or hold, not what an action would add; only a holdout can show that. A member can be in several segments; unique counts each once, by priority.")
	if reason := s.Missing("members", "consent_marketing"); reason != "" {
		v.result.Caveats = append(v.result.Caveats, "How many can be contacted is unknown: "+reason+".")
	}
	v.result.Verdict = verdict(v.result, members)
	return v.result, nil
}

func newSurveyor(ctx context.Context, d *run.Desk, r *run.Run, s *warehouse.Snapshot) (*surveyor, error) {
	q, err := breakdown.Qualify(ctx, s, queries)
	if err != nil {
		return nil, err
	}
	source, err := memberSource()
	if err != nil {
		return nil, err
	}
	asOf, c := r.AsOf, d.Config
	data := subject{
		Query: breakdown.Query{Activity: c.Definitions.ActiveEvents},
		AsOf:  asOf, End: asOf, YearAgo: asOf.AddDate(-1, 0, 0), PeriodStart: asOf.AddDate(0, -q.Months, 0),
		Expiring: asOf.AddDate(0, 0, c.Definitions.ExpiringDays), Engaged: asOf.AddDate(0, 0, -engagedDays), LapseDays: c.Definitions.LapseDays,
		Basis: q.Basis, SinceTier: c.Definitions.TierReview == config.SinceTier, PeriodDays: int(math.Round(float64(q.Months) * daysInMonth)), Ahead: reviewDays,
		joins: map[string]bool{},
	}
	if tierMissing(s.Catalog) == "" {
		data.Tier = breakdown.Groupings(s.Catalog, []string{"tier"})[1]
	}
	return &surveyor{desk: d, run: r, snapshot: s, tiers: q, source: source, data: data,
		supply: metric.Supply{Catalog: s.Catalog, Sources: metric.Sources{source}, Activity: breakdown.ActivityFeeds(s.Catalog, c.Definitions.ActiveEvents)},
		result: &Result{Head: r.Head(), Next: "Next: write_plan with this run_id, after diagnose_health and review_experiments. An action respects consent and keeps a random holdout (sop://segments)."}}, nil
}

// texts fills in what definitions leave to the program.
func (v *surveyor) texts() *strings.Replacer {
	lapse, near := v.data.LapseDays, v.desk.Config.Definitions.NearTierShare
	return strings.NewReplacer("{lapse_days}", fmt.Sprint(lapse), "{half_lapse}", fmt.Sprint(lapse/2), "{two_lapses}", fmt.Sprint(2*lapse),
		"{expiring_by}", run.Day(v.data.Expiring), "{months}", fmt.Sprint(v.tiers.Months), "{near}", fmt.Sprintf("%.4f", 1-near),
		"{near_percent}", fmt.Sprintf("%.0f", 100*near), "{near_of_percent}", fmt.Sprintf("%.0f", 100*(1-near)))
}

// tell returns the segments that the mapped feeds can tell; of the others it
// notes why not.
func (v *surveyor) tell(all []Definition) []Definition {
	var told []Definition
	for _, d := range all {
		if reason := v.missing(d); reason != "" {
			v.result.Unavailable = append(v.result.Unavailable, Unavailable{d.ID, reason})
			continue
		}
		told = append(told, d)
	}
	return told
}

// missing says what a segment lacks, "" for nothing.
func (v *surveyor) missing(d Definition) string {
	c := v.snapshot.Catalog
	if reason := v.supply.Lacks(metric.Measure{Aggregate: metric.SumColumn, Source: v.source.Name, Column: d.Value, Where: d.condition}); reason != "" {
		return reason
	}
	for _, name := range append(d.condition.Columns(), d.Value) {
		col, _ := v.source.Column(name)
		switch col.Join {
		case "tiers":
			if reason := tierMissing(c); reason != "" {
				return reason
			}
		case "qualified", "reviewed":
			if reason := first(tierMissing(c), v.tiers.Missing); reason != "" {
				return reason
			}
			if col.Join == "reviewed" && v.data.SinceTier && !c.Has("tier_history") {
				return "without a tier_history feed nobody knows since when a member is in a tier"
			}
		case "acts", "to_last":
			for _, feed := range append([]string{"members"}, v.supply.Activity...) {
				if reason := run.CutsMonth(c, feed, v.data.AsOf); reason != "" {
					return reason
				}
			}
		}
	}
	return ""
}

func tierMissing(c *warehouse.Catalog) string {
	if c.Has("tier_history") {
		return ""
	}
	return c.Missing("members", "tier")
}

func first(reasons ...string) string {
	for _, reason := range reasons {
		if reason != "" {
			return reason
		}
	}
	return ""
}

func verdict(r *Result, everyone int64) string {
	if len(r.Segments) == 0 {
		return "The mapped feeds tell no segment; each says why."
	}
	members, urgent := 0.0, ""
	for _, s := range r.Segments {
		if s.Members != nil && *s.Members > members && s.Urgency == "high" {
			members, urgent = *s.Members, s.Label
		}
	}
	text := fmt.Sprintf("%d segments among %s open members", len(r.Segments), run.ShowCount(everyone))
	if urgent != "" {
		text += fmt.Sprintf("; the largest urgent one is %q with %s", urgent, run.Show(&members, metric.Count, ""))
	}
	return text + "."
}
