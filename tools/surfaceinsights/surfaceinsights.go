// Package surfaceinsights is the third stage: the segments of members worth a
// nudge, an upgrade offer, a win-back play or protection. Members are counted
// in the engine; none leaves it.
package surfaceinsights

import (
	"context"
	"embed"
	"fmt"

	"loyaltymcp/schemas"
	"loyaltymcp/tools"
	"loyaltymcp/tools/breakdown"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

//go:embed sql/*.sql
var sqlFiles embed.FS

//go:embed description.md
var description string

var queries = warehouse.MustParseQueries(run.SurfaceInsights, breakdown.SQL, sqlFiles)

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

// counts is what every segment query returns.
type counts struct {
	members, contactable int64
	value                warehouse.Exact
}

func surface(ctx context.Context, d *run.Desk, r *run.Run, s *warehouse.Snapshot) (*Result, error) {
	q, err := breakdown.Qualify(ctx, s, queries)
	if err != nil {
		return nil, err
	}
	lapse, asOf := d.Config.Definitions.LapseDays, r.AsOf
	data := subject{
		Query: breakdown.Query{Activity: d.Config.Definitions.ActiveEvents},
		AsOf:  asOf, YearAgo: asOf.AddDate(-1, 0, 0), PeriodStart: asOf.AddDate(0, -q.Months, 0),
		Basis: q.Basis, Near: 1 - d.Config.Definitions.NearTierShare, Expiring: asOf.AddDate(0, 0, d.Config.Definitions.ExpiringDays),
		Lapsed: asOf.AddDate(0, 0, -lapse), HalfLapsed: asOf.AddDate(0, 0, -lapse/2), LongLapsed: asOf.AddDate(0, 0, -2*lapse),
		Newcomer: asOf.AddDate(0, 0, -newcomerDays), Recent: asOf.AddDate(0, 0, -recentDays),
	}
	if tierMissing(s.Catalog) == "" {
		data.Tier = breakdown.Groupings(s.Catalog, []string{"tier"})[1]
	}
	count := func(query string) (c counts, err error) {
		err = s.One(ctx, queries, query, data, &c.members, &c.contactable, &c.value)
		return c, err
	}
	everyone, err := count("open")
	if err != nil {
		return nil, err
	}
	result := &Result{Head: r.Head(), Next: "Next: write_plan with this run_id, after diagnose_health and review_experiments."}
	for _, definition := range definitions(d, s.Catalog, q, data) {
		if reason := s.Missing("members"); reason != "" {
			definition.missing = reason
		}
		if definition.missing != "" {
			result.Unavailable = append(result.Unavailable, Unavailable{definition.id, definition.missing})
			continue
		}
		c, err := count(definition.id)
		if err != nil {
			return nil, err
		}
		result.Segments = append(result.Segments, segment(definition, c, everyone.members, s.Has("members", "consent_marketing"), d.Config.Privacy.MinMembers))
	}
	result.Caveats = append(r.Caveats(), "Values are what these members did or hold, not what an action would add; only a holdout can show that. A member can be in several segments.")
	if reason := s.Missing("members", "consent_marketing"); reason != "" {
		result.Caveats = append(result.Caveats, "How many can be contacted is unknown: "+reason+".")
	}
	result.Verdict = verdict(result, everyone.members)
	return result, nil
}

func segment(d definition, c counts, everyone int64, consentKnown bool, minimum int) Segment {
	out := Segment{ID: d.id, Label: d.label, Play: d.play, Urgency: d.urgency, Owner: d.owner,
		Trigger: d.trigger, Action: d.action, ValueBasis: d.basis, ValueUnit: d.unit}
	if c.members > 0 && c.members < int64(minimum) {
		out.Suppressed = true
		return out
	}
	share := run.Proportion("", "", c.members, everyone)
	out.Members, out.Share, out.Interval = run.Round(float64(c.members)), share.Value, share.Interval
	if consentKnown && (c.contactable >= int64(minimum) || c.contactable == 0) {
		out.Contactable = run.Round(float64(c.contactable))
	}
	value := c.value.Float()
	if d.perPoint != nil {
		value *= *d.perPoint
	}
	out.Value = run.Round(value)
	return out
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
	text := fmt.Sprintf("%d segments among %d open members", len(r.Segments), everyone)
	if urgent != "" {
		text += fmt.Sprintf("; the largest urgent one is %q with %.0f", urgent, members)
	}
	return text + "."
}
