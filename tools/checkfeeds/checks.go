package checkfeeds

import (
	"context"
	"fmt"
	"slices"
	"time"

	"loyaltymcp/warehouse"
)

// inspector runs the checks and gathers what they find.
type inspector struct {
	snapshot *warehouse.Snapshot
	now      time.Time
	findings []Finding
}

// subject is what the templates read.
type subject struct {
	Feed, When, Acts string
	Key, Required    []string
	Now              time.Time
	Monthly          bool
}

func (i *inspector) add(id, feed, severity string, count int64, endangers, says string, args ...any) {
	if count > 0 {
		i.findings = append(i.findings, Finding{ID: id, Feed: feed, Severity: severity, Count: count,
			Says: fmt.Sprintf(says, args...), Endangers: endangers})
	}
}

// feed checks what holds for every feed: keys, required columns, members and
// time.
func (i *inspector) feed(ctx context.Context, f warehouse.Feed) error {
	s := subject{Feed: f.Name, When: f.When, Key: f.Key, Now: i.now}
	for _, c := range f.Columns {
		if c.Required {
			s.Required = append(s.Required, c.Name)
		}
	}
	if len(f.Key) > 0 {
		var keys, excess, ids int64
		if err := i.snapshot.One(ctx, queries, "duplicates", s, &keys, &excess, &ids); err != nil {
			return err
		}
		if f.Name == "points_monthly" {
			i.add("colliding_ids", f.Name, "warning", ids, "everything counted by member: redeemers, active members, segments. Sums over the program hold",
				"%d member ids carry several rows for one month (%d member-months, %d rows in excess): different members under one id, or rows loaded twice. Every row is summed.", ids, keys, excess)
		} else {
			i.add("duplicate_keys", f.Name, "error", keys, "every sum and count over the feed",
				"%d values of (%s) stand in several rows, %d rows in excess. Every row is summed.", keys, join(f.Key), excess)
		}
	}
	var n int64
	if err := i.snapshot.One(ctx, queries, "nulls", s, &n); err != nil {
		return err
	}
	i.add("nulls", f.Name, "error", n, "these rows, which count partly or not at all", "%d rows have no value in a required column (%s).", n, join(s.Required))
	if f.When == "" || !i.snapshot.Has(f.Name, f.When, "member_id") || f.Name == "members" {
		return nil
	}
	if f.Name == "points_monthly" {
		// A row of zeros before enrollment is padding, not an event.
		s.Acts = " AND (f.earned <> 0 OR f.redeemed <> 0)"
	}
	var orphans, early, late, future int64
	if err := i.snapshot.One(ctx, queries, "members", s, &orphans, &early, &late, &future); err != nil {
		return err
	}
	i.add("orphans", f.Name, "warning", orphans, "breakdowns by what members are, where these rows are unknown", "%d rows belong to no member of the members feed.", orphans)
	if f.Name != "tier_history" {
		i.add("before_enrollment", f.Name, "warning", early, "cohort figures and balances", "%d rows are dated before their member enrolled.", early)
		i.add("after_cancellation", f.Name, "warning", late, "churn and balances", "%d rows are dated after their member cancelled.", late)
	}
	i.add("future", f.Name, "warning", future, "nothing: they count nowhere until their day has come", "%d rows are dated in the future.", future)
	return nil
}

// members checks the members feed itself.
func (i *inspector) members(ctx context.Context) error {
	var backwards, undated, firsts, months, n int64
	if err := i.snapshot.One(ctx, queries, "lifespan", nil, &backwards, &undated, &firsts, &months, &n); err != nil {
		return err
	}
	i.add("cancelled_before_enrolling", "members", "error", backwards, "open members and churn", "%d members cancelled before they enrolled.", backwards)
	i.add("undated_cancellation", "members", "warning", undated, "open members and churn: they count as open", "%d members have the status cancelled, but no cancelled_at.", undated)
	if n >= 100 && months >= 3 && firsts == n && i.snapshot.Grain("members") == warehouse.GrainDay {
		i.add("monthly_dates", "members", "warning", n, "enrolments and churn of windows that cut a month",
			"Every enrolled_at is the first of a month: only months are known. Declare grain: month for the feed.")
	}
	if i.snapshot.Has("tier_history", "effective_to") {
		if err := i.snapshot.One(ctx, queries, "overlaps", nil, &n); err != nil {
			return err
		}
		i.add("overlapping_tiers", "tier_history", "warning", n, "figures by tier: a spell is cut where the next one starts", "%d spells reach into the member's next spell.", n)
	}
	if i.snapshot.Has("tiers") && i.snapshot.Has("members", "tier") {
		if err := i.snapshot.One(ctx, queries, "tiers", nil, &n); err != nil {
			return err
		}
		i.add("unknown_tiers", "members", "warning", n, "tier figures", "%d members have a tier that the tiers feed does not list.", n)
	}
	return nil
}

// points checks the ledger, or the months in its place.
func (i *inspector) points(ctx context.Context) error {
	feed := "points"
	var kind, sign, fraction, unmonthly, negative int64
	switch {
	case i.snapshot.Has("points"):
		if err := i.snapshot.One(ctx, queries, "ledger", nil, &kind, &sign, &fraction); err != nil {
			return err
		}
	case i.snapshot.Has("points_monthly"):
		feed = "points_monthly"
		if err := i.snapshot.One(ctx, queries, "monthly", nil, &sign, &fraction, &unmonthly); err != nil {
			return err
		}
	default:
		return nil
	}
	if err := i.snapshot.One(ctx, queries, "negative", subject{Monthly: feed == "points_monthly"}, &negative); err != nil {
		return err
	}
	i.add("unknown_kinds", feed, "error", kind, "the roll-forward, which shows them as unexplained", "%d lines have a kind that the contract does not know.", kind)
	i.add("wrong_signs", feed, "error", sign, "points issued, redeemed and outstanding", "%d lines have the wrong sign for their kind.", sign)
	i.add("fractional_points", feed, "info", fraction, "nothing: sums are exact to four decimals", "%d lines hold fractions of points.", fraction)
	i.add("unmonthly_dates", feed, "warning", unmonthly, "windows of whole months", "%d rows are not dated on the first of a month.", unmonthly)
	why := "More was taken than the ledger ever gave them: lines are missing, or opening balances are."
	if feed == "points_monthly" {
		why = "They redeemed more than they earned in the data: balances from before its first month are missing."
	}
	i.add("negative_balances", feed, "warning", negative, "outstanding points and liability", "%d members have a negative balance. %s", negative, why)
	return nil
}

// rest checks orders and assignments.
func (i *inspector) rest(ctx context.Context) error {
	if i.snapshot.Has("orders") {
		var negative, above int64
		if err := i.snapshot.One(ctx, queries, "money", nil, &negative, &above); err != nil {
			return err
		}
		i.add("negative_orders", "orders", "info", negative, "nothing, if they are returns", "%d orders have a negative net.", negative)
		i.add("net_above_gross", "orders", "warning", above, "revenue", "%d orders have a net above their gross.", above)
	}
	if i.snapshot.Has("assignments") {
		var n int64
		if err := i.snapshot.One(ctx, queries, "arms", nil, &n); err != nil {
			return err
		}
		i.add("two_arms", "assignments", "warning", n, "the experiments they are in", "%d units are in more than one arm of an experiment.", n)
	}
	return nil
}

func join(names []string) string {
	out := ""
	for n, name := range names {
		if n > 0 {
			out += ", "
		}
		out += name
	}
	return out
}

// bySeverity puts errors first.
func bySeverity(findings []Finding) {
	rank := map[string]int{"error": 0, "warning": 1, "info": 2}
	slices.SortStableFunc(findings, func(a, b Finding) int { return rank[a.Severity] - rank[b.Severity] })
}
