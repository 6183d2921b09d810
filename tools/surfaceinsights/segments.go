package surfaceinsights

import (
	"fmt"
	"time"

	"loyaltymcp/tools/breakdown"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

// The plays.
const (
	nudge   = "nudge"
	upgrade = "upgrade"
	winBack = "win_back"
	protect = "protect"
)

// definition is a segment: who is in it, why now, what to do and what its
// value is. The query of the same name counts it.
type definition struct {
	id, label, play, urgency, owner string
	trigger, action                 string
	unit                            metric.Unit
	basis                           string
	perPoint                        *float64 // turns a value in points into money
	missing                         string   // why it can't be told
}

// subject is what the templates read.
type subject struct {
	breakdown.Query
	Tier                           breakdown.Grouping
	AsOf, YearAgo                  time.Time
	PeriodStart                    time.Time // of tier qualification
	Basis                          string    // spend, orders or earned
	Near                           float64   // share of the threshold from which on a tier is near
	Expiring                       time.Time
	Lapsed, HalfLapsed, LongLapsed time.Time
	Newcomer, Recent               time.Time
}

// newcomerDays and recentDays bound the newcomers with one order: enrolled
// within the first, quiet for the second.
const newcomerDays, recentDays = 120, 30

// definitions returns the segments for a program; those that can't be told
// carry the reason.
func definitions(d *run.Desk, c *warehouse.Catalog, q breakdown.Qualification, s subject) []definition {
	owners, lapse := d.Config.Owners, d.Config.Definitions.LapseDays
	value := d.Config.Program.PointValue
	pointUnit, pointBasis := metric.Money, "their redemption value at program.point_value"
	if value == nil {
		pointUnit, pointBasis = metric.Points, "in points, as program.point_value is not set"
	}
	salesUnit, salesBasis := metric.Money, "net sales"
	if !c.Has("orders", "member_id") {
		salesUnit, salesBasis = metric.Points, "points earned"
	}
	lapsing := ""
	if len(breakdown.ActivityFeeds(c, d.Config.Definitions.ActiveEvents)) == 0 {
		lapsing = "no mapped feed holds a qualifying event"
	}
	for _, feed := range append([]string{"members"}, breakdown.ActivityFeeds(c, d.Config.Definitions.ActiveEvents)...) {
		lapsing = first(lapsing, run.CutsMonth(c, feed, s.AsOf))
	}
	gapUnit := map[string]metric.Unit{"spend": metric.Money, "orders": metric.Count, "earned": metric.Points}[q.Basis]
	return []definition{
		{id: "slipping", label: "High tiers slipping", play: protect, urgency: "high", owner: owners.Journey,
			trigger: fmt.Sprintf("Above the lowest tier, and no qualifying event for more than %d of the %d days after which a member has lapsed.", lapse/2, lapse),
			action:  "Reach out personally before they lapse; ask what is missing.",
			unit:    salesUnit, basis: salesBasis + " of these members in the 12 months to as_of", missing: first(lapsing, c.Missing("tiers"), tierMissing(c))},
		{id: "win_back", label: "Lapsed, worth winning back", play: winBack, urgency: "medium", owner: owners.Journey,
			trigger: fmt.Sprintf("Last qualifying event %d to %d days ago, after at least two purchases (or earning dates) in the year before it.", lapse, 2*lapse),
			action:  "Send a win-back offer to all but a random holdout, and read its lift.",
			unit:    salesUnit, basis: salesBasis + " of these members in the 12 months to their last event", missing: lapsing},
		{id: "points_expiring", label: "Points about to expire", play: nudge, urgency: "high", owner: owners.Messaging,
			trigger: fmt.Sprintf("Holding points that expire before %s.", run.Day(s.Expiring)),
			action:  "Remind them of the date and of rewards they can afford.",
			unit:    pointUnit, perPoint: value, basis: "points that expire within the term, " + pointBasis, missing: c.Missing("points", "expires_at")},
		{id: "near_next_tier", label: "Near the next tier", play: upgrade, urgency: "medium", owner: owners.Journey,
			trigger: fmt.Sprintf("Within %.0f %% of the next tier's threshold over the last %d months.", 100*d.Config.Definitions.NearTierShare, q.Months),
			action:  "Show the distance to the next tier and what it brings.",
			unit:    gapUnit, basis: "what they lack to the threshold together, by the tier's basis (" + q.Basis + ")", missing: first(c.Missing("tiers", "qualify_threshold"), q.Missing, tierMissing(c))},
		{id: "first_redemption", label: "First redemption not made", play: nudge, urgency: "low", owner: owners.Rewards,
			trigger: "Never redeemed, and holding enough for the cheapest reward on offer.",
			action:  "Offer one simple reward in one step.",
			unit:    pointUnit, perPoint: value, basis: "their balances, " + pointBasis, missing: first(c.Missing("points"), c.Missing("rewards"))},
		{id: "one_and_done", label: "One order and none since", play: nudge, urgency: "medium", owner: owners.Messaging,
			trigger: fmt.Sprintf("Enrolled within %d days, one order, none for %d days.", newcomerDays, recentDays),
			action:  "Send the second-order journey with a reason to come back.",
			unit:    metric.Money, basis: "net of their one order", missing: c.Missing("orders", "member_id")},
	}
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
