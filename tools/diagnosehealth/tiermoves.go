package diagnosehealth

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"loyaltymcp/stats/migration"
	"loyaltymcp/stats/proportion"
	"loyaltymcp/tools/breakdown"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

// tierSpan is what the templates about tiers read.
type tierSpan struct {
	breakdown.Query
	Tier       breakdown.Grouping
	Start, End time.Time
	Basis      string // of qualification: spend, orders or earned
	SinceTier  bool
	PeriodDays int
	Ahead      int
}

// The states of tier_moves.sql that are no tier.
const (
	cancelled = "x"
	notYet    = ""
)

// tierMove is one row of tier_moves.sql.
type tierMove struct {
	period                 int64
	before, origin, target string
	members                int64
}

// tierMoves returns how many members moved between states at the ends of periods,
// of which the one with the smallest index is the latest.
func (d *doctor) tierMoves(ctx context.Context, ends []time.Time) ([]tierMove, error) {
	data := tierSpan{Tier: breakdown.Groupings(d.snapshot.Catalog, []string{"tier"})[1]}
	for i, end := range ends {
		data.Periods = append(data.Periods, breakdown.Period{Index: i, End: end})
	}
	return warehouse.Collect(ctx, d.snapshot, queries, "tier_moves", data, func(row warehouse.Row) (m tierMove, err error) {
		err = row.Scan(&m.period, &m.before, &m.origin, &m.target, &m.members)
		return m, err
	})
}

// stateTier returns the tier that a state names.
func stateTier(state string) string { return state[1:] }

// migrations states who moved between tiers in the window, and where the moves of
// the last year lead. It returns why it can't, "" when it can.
func (d *doctor) migrations(ctx context.Context, order map[string]float64) (reason string, err error) {
	mix, w := &d.result.TierMix, d.run.Window
	if !d.snapshot.Has("tier_history") {
		return "moves: without a tier_history feed only today's tiers are known", nil
	}
	if reason := run.CutsMonth(d.snapshot.Catalog, "members", w.Start); reason != "" {
		return "moves: " + reason, nil
	}
	first := d.firstTier()
	if first.IsZero() || !first.Before(w.Start) {
		return "moves: tier_history begins after the window's start", nil
	}
	inWindow, err := d.tierMoves(ctx, []time.Time{w.End, w.Start})
	if err != nil {
		return "", err
	}
	names := tierNames(mix.Tiers)
	if len(names) < 2 {
		return "moves: there is one tier only", nil
	}
	mix.Moves = d.movesOf(inWindow, names, order)
	ends := []time.Time{w.End}
	for k := 1; k <= yearOfMonths; k++ {
		if end := w.End.AddDate(0, -k, 0); !end.Before(first) {
			ends = append(ends, end)
		}
	}
	if len(ends) < leastSteps+1 {
		return fmt.Sprintf("projection: tier_history tells %d months, and it takes %d", len(ends)-1, leastSteps), nil
	}
	monthly, err := d.tierMoves(ctx, ends)
	if err != nil {
		return "", err
	}
	return d.project(monthly, names)
}

// firstTier is when tier_history begins, zero where it is empty.
func (d *doctor) firstTier() time.Time {
	f := d.run.Feed("tier_history")
	if f == nil || f.First == nil {
		return time.Time{}
	}
	return *f.First
}

// The months of moves that a projection is made from, at most and at least.
const (
	yearOfMonths = 12
	leastSteps   = 3
)

// tierNames returns the tiers of the mix as the data name them, in order.
func tierNames(tiers []Tier) []string {
	var out []string
	for _, t := range tiers {
		out = append(out, t.name)
	}
	return out
}

// movesOf returns the migration matrix of the window, with the gross and net moves
// that it comes to. Rows of few members are hidden.
func (d *doctor) movesOf(rows []tierMove, names []string, order map[string]float64) *TierMoves {
	states := append(slices.Clone(names), "") // the last is for cancelled
	index := func(state string) int {
		if state == cancelled {
			return len(names)
		}
		return slices.Index(states[:len(names)], stateTier(state))
	}
	counts := make([][]int64, len(names))
	for i := range counts {
		counts[i] = make([]int64, len(states))
	}
	out := &TierMoves{Matrix: []TierRow{}}
	var total, up, down, left, joined int64
	for _, r := range rows {
		if r.period != 0 || r.origin == cancelled {
			continue
		}
		to := index(r.target)
		if r.origin == notYet {
			if r.target != cancelled {
				joined += r.members
			}
			continue
		}
		from := index(r.origin)
		if from < 0 || to < 0 {
			continue // a tier that is no more
		}
		counts[from][to] += r.members
		total += r.members
		switch {
		case to == len(names):
			left += r.members
		case order[names[to]] > order[names[from]]:
			up += r.members
		case order[names[to]] < order[names[from]]:
			down += r.members
		}
	}
	out.Figures = []run.Figure{
		run.Proportion("health/tier_mix/upgraded", "Rose in tier in the window, of members at its start", up, total),
		run.Proportion("health/tier_mix/downgraded", "Fell in tier in the window, of members at its start", down, total),
		run.Proportion("health/tier_mix/cancelled", "Cancelled in the window, of members at its start", left, total),
		run.Number("health/tier_mix/joined", "Joined in the window and still members", countUnit, float64(joined)),
		run.Number("health/tier_mix/net_moves", "Rose less fell in tier", countUnit, float64(up-down)),
	}
	least := int64(d.desk.Config.Privacy.MinMembersForRates)
	for i, name := range names {
		row := TierRow{From: run.Label(name), To: []TierCell{}}
		for _, n := range counts[i] {
			row.Members += n
		}
		if row.Members < least {
			out.Matrix = append(out.Matrix, TierRow{From: row.From, To: []TierCell{}, Suppressed: true})
			continue
		}
		for j, n := range counts[i] {
			to := leftProgram
			if j < len(names) {
				to = run.Label(names[j])
			}
			cell := TierCell{To: to}
			if iv, err := proportion.Wilson(proportion.Count{Successes: n, N: row.Members}, run.Confidence); err == nil {
				cell.Share, cell.Interval = run.Round(iv.Estimate), interval(iv.Low, iv.High)
			}
			row.To = append(row.To, cell)
		}
		out.Matrix = append(out.Matrix, row)
	}
	return out
}

// leftProgram is the state of those who cancelled.
const leftProgram = "(cancelled)"

// project carries today's mix one period of qualification ahead, by the moves of
// the months so far, and tests whether a Markov chain may do so.
func (d *doctor) project(rows []tierMove, names []string) (reason string, err error) {
	n := len(names) + 1
	last := n - 1
	index := func(state string) int {
		switch state {
		case notYet:
			return -1
		case cancelled:
			return last
		}
		return slices.Index(names, stateTier(state))
	}
	all := mat.NewDense(n, n, nil)
	months := map[int64]*mat.Dense{}
	pairs := make([]*mat.Dense, n)
	for i := range pairs {
		pairs[i] = mat.NewDense(n, n, nil)
	}
	today := make([]float64, n)
	for _, r := range rows {
		to, from, before := index(r.target), index(r.origin), index(r.before)
		if r.period == 0 && to >= 0 && to < last {
			today[to] += float64(r.members)
		}
		if from < 0 || to < 0 || from == last {
			continue
		}
		if months[r.period] == nil {
			months[r.period] = mat.NewDense(n, n, nil)
		}
		m := float64(r.members)
		all.Set(from, to, all.At(from, to)+m)
		months[r.period].Set(from, to, months[r.period].At(from, to)+m)
		if before >= 0 && before != last {
			pairs[before].Set(from, to, pairs[before].At(from, to)+m)
		}
	}
	fit, err := migration.Fit(all, last)
	if err != nil {
		return "projection: " + err.Error(), nil
	}
	steps := d.qualification.Months
	p, err := fit.Project(today, steps)
	if err != nil {
		return "projection: " + err.Error(), nil
	}
	out := &TierProjection{Months: steps, FromMonths: len(months), At: run.Day(d.run.Window.End.AddDate(0, steps, 0)), Tiers: []ProjectedTier{}}
	var members float64
	for i := range names {
		members += p.Mix[i]
	}
	least := float64(d.desk.Config.Privacy.MinMembers)
	for i, name := range names {
		t := ProjectedTier{Tier: run.Label(name)}
		if today[i] >= least && members > 0 {
			// Beside the error of the matrix, members move at random.
			se := math.Sqrt(p.SE[i]*p.SE[i] + p.Mix[i]*(1-p.Mix[i]/floats.Sum(today)))
			t.Members = run.Round(math.Round(p.Mix[i]))
			t.Interval = interval(math.Max(0, math.Round(p.Mix[i]-z95*se)), math.Round(p.Mix[i]+z95*se))
			t.Share = run.Round(p.Mix[i] / members)
		}
		out.Tiers = append(out.Tiers, t)
	}
	out.Order = markovTest(migration.OrderTest(pairs))
	var periods []*mat.Dense
	for _, k := range slices.Sorted(maps.Keys(months)) {
		periods = append(periods, months[k])
	}
	out.Homogeneity = markovTest(migration.HomogeneityTest(periods))
	out.Says = out.caution()
	d.result.TierMix.Projection = out
	return "", nil
}
