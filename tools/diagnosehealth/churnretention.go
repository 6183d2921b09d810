package diagnosehealth

import (
	"context"
	"fmt"
	"math"
	"slices"

	"loyaltymcp/stats/survival"
	"loyaltymcp/tools/breakdown"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

// retentionDays are the times since enrolment at which retention is told.
var retentionDays = []int{90, 180, 365, 730}

// everyone is the name of all cohorts together.
const everyone = "all"

// tenure is one row of retention.sql.
type tenure struct {
	cohort                string
	days, closed, members int64
}

// retention estimates by Kaplan and Meier how many members have not cancelled by
// the time since they enrolled, by cohort, and tests by log-rank whether cohorts
// differ. It returns why it can't be told, "" when it can.
func (d *doctor) retention(ctx context.Context) (reason string, err error) {
	if reason := d.snapshot.Missing("members", "cancelled_at"); reason != "" {
		return reason, nil
	}
	if reason := run.CutsMonth(d.snapshot.Catalog, "members", d.run.Window.End); reason != "" {
		return reason, nil
	}
	members, end := d.run.Feed("members"), d.run.Window.End
	if members == nil || members.First == nil {
		return "the members feed has no dated row", nil
	}
	// By quarter while there are few of them.
	data := historySpan{Query: breakdown.Query{}, Until: end, End: end, ByYear: run.DayNumber(end)-run.DayNumber(*members.First) > 2*366}
	rows, err := warehouse.Collect(ctx, d.snapshot, queries, "retention", data, func(row warehouse.Row) (t tenure, err error) {
		err = row.Scan(&t.cohort, &t.days, &t.closed, &t.members)
		return t, err
	})
	if err != nil {
		return "", err
	}
	r := &Retention{Basis: "Kaplan-Meier by day since enrolment; cancelling is the event, open members count up to the end of the window"}
	if d.snapshot.Grain("members") == warehouse.GrainMonth {
		r.Basis += "; enrolment and cancellation are known by month"
	}
	total, events := 0.0, 0.0
	for _, t := range rows {
		total += float64(t.members)
		events += float64(t.members * t.closed)
	}
	if total == 0 || events == 0 {
		return "no member has cancelled up to " + run.Day(end), nil
	}
	r.Cohorts = append(r.Cohorts, d.retained(everyone, rows))
	var names []string
	by := map[string][]tenure{}
	for _, t := range rows {
		if by[t.cohort] == nil {
			names = append(names, t.cohort)
		}
		by[t.cohort] = append(by[t.cohort], t)
	}
	slices.Sort(names)
	if len(names) > 1 {
		sizes := make([]breakdown.Cell, len(names))
		for i, name := range names {
			c := d.retained(name, by[name])
			r.Cohorts = append(r.Cohorts, c)
			sizes[i].N = float64(c.Members)
		}
		for i, hidden := range breakdown.Suppress(sizes, float64(d.desk.Config.Privacy.MinMembersForRates)) {
			if hidden {
				r.Cohorts[i+1] = CohortRetention{Cohort: names[i], At: []RetentionAt{}, Suppressed: true}
			}
		}
		r.LogRank = logRank(rows, names)
	}
	d.result.Churn.Retention = r
	return "", nil
}

// survivalData returns the rows as the estimators read them.
func survivalData(rows []tenure) survival.Data {
	var data survival.Data
	for _, t := range rows {
		data.Stop = append(data.Stop, float64(t.days))
		data.Event = append(data.Event, int(t.closed))
		data.Weight = append(data.Weight, float64(t.members))
	}
	return data
}

// retained estimates the retention of one cohort, unknown at times after which
// too few are still observed.
func (d *doctor) retained(name string, rows []tenure) CohortRetention {
	c := CohortRetention{Cohort: name, At: []RetentionAt{}}
	for _, t := range rows {
		c.Members += t.members
		c.Cancelled += t.members * t.closed
	}
	curve, err := survival.KaplanMeier(survivalData(rows))
	for _, days := range retentionDays {
		at := RetentionAt{Days: days}
		under := 0.0 // observed for longer
		for _, t := range rows {
			if t.days >= int64(days) {
				under += float64(t.members)
			}
		}
		switch {
		case under < float64(d.desk.Config.Privacy.MinMembersForRates):
			at.Reason = fmt.Sprintf("fewer than %d members have been observed for so long", d.desk.Config.Privacy.MinMembersForRates)
		case err != nil || curve.At(float64(days)).Value == 1:
			// Nobody has cancelled by then, of those observed for so long.
			f := run.Proportion("", "", int64(under), int64(under))
			at.Value, at.Interval = f.Value, f.Interval
		default:
			e := curve.At(float64(days))
			at.Value = run.Round(e.Value)
			if low, high := e.Interval(run.Confidence, survival.LogLog); !math.IsNaN(low) && !math.IsNaN(high) {
				at.Interval = &[2]float64{*run.Round(low), *run.Round(high)}
			}
		}
		c.At = append(c.At, at)
	}
	return c
}

// logRank tests whether the cohorts cancel alike, nil where they can't be
// compared.
func logRank(rows []tenure, names []string) *LogRank {
	group := make([]int, len(rows))
	for i, t := range rows {
		group[i], _ = slices.BinarySearch(names, t.cohort)
	}
	test, err := survival.LogRank(survivalData(rows), group, 0)
	if err != nil {
		return nil
	}
	chi, p := run.Round(test.ChiSquare), run.Significant(test.P)
	if chi == nil || p == nil {
		return nil
	}
	return &LogRank{ChiSquare: *chi, DF: test.DF, P: *p}
}
