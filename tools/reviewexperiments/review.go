// Package reviewexperiments is the fourth stage: an honest readout of every
// experiment.
//
// What units did is reduced in the engine to sums over units, by arm and by what
// they were before the start (gather.go, sql). From these come, in this order: the
// checks that could overturn everything (checks.go); the difference against control
// in each metric, adjusted for what units did before (estimate.go) and judged once
// at the end or at any time (infer.go); the correction for many comparisons
// (compare.go); for whom it works (who.go); what it brings and costs (worth.go); one
// decision with the rule that made it (decide.go); and the next test (nexttest.go).
// Without random assignment it is a comparison of alike members (observational.go)
// and never becomes a "ship".
package reviewexperiments

import (
	"context"
	"embed"
	"fmt"
	"math"
	"slices"
	"strings"

	"loyaltymcp/schemas"
	"loyaltymcp/stats/abtest"
	"loyaltymcp/tools"
	"loyaltymcp/tools/breakdown"
	"loyaltymcp/tools/config"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

//go:embed sql/*.sql
var sqlFiles embed.FS

//go:embed description.md
var description string

var queries = warehouse.MustParseQueries(run.ReviewExperiments, breakdown.SQL, sqlFiles)

// Tool returns the review_experiments tool.
func Tool(set *schemas.Set, open run.Opener) (tools.Tool, error) {
	return run.Tool(set, open, tools.Spec{Name: run.ReviewExperiments, Title: "Review experiments", Description: description}, Compute)
}

// Compute returns the stage's result, from the run's store if it is there.
func Compute(ctx context.Context, d *run.Desk, r *run.Run) (*Result, error) {
	return run.Do(ctx, d, r, run.ReviewExperiments, func(ctx context.Context, s *warehouse.Snapshot) (*Result, error) {
		return review(ctx, d, r, s)
	})
}

func review(ctx context.Context, d *run.Desk, r *run.Run, s *warehouse.Snapshot) (*Result, error) {
	all, err := list(ctx, d, s)
	if err != nil {
		return nil, err
	}
	chosen, err := choose(all, r.Request.Experiments)
	if err != nil {
		return nil, err
	}
	result := &Result{Head: r.Head(), Caveats: r.Caveats(), Next: "Next: write_plan with this run_id, after diagnose_health and surface_insights."}
	if len(all) == 0 {
		result.Unavailable = []Unavailable{{"experiments", "no experiment is mapped: add an experiments feed or list them in loyalty.yaml"}}
	}
	if reason := s.Missing("assignments"); reason != "" && len(chosen) > 0 {
		for _, x := range chosen {
			result.Unavailable = append(result.Unavailable, Unavailable{run.Label(x.id), reason})
		}
		chosen = nil
	}
	reader, err := newReader(d, r, s)
	if err != nil {
		return nil, err
	}
	early, err := looks(d, r)
	if err != nil {
		return nil, err
	}
	var lifts []pastLift
	for _, x := range chosen {
		if reason := x.unreviewable(r.AsOf); reason != "" {
			result.Unavailable = append(result.Unavailable, Unavailable{run.Label(x.id), reason})
			continue
		}
		v := &reviewer{reader: reader, x: x, looks: early[run.Label(x.id)], currency: r.Currency}
		if err := v.read(ctx); err != nil {
			return nil, fmt.Errorf("experiment %s: %w", run.Label(x.id), err)
		}
		result.Experiments = append(result.Experiments, v.out)
		lifts = append(lifts, v.lifts(&result.Experiments[len(result.Experiments)-1])...)
	}
	// Appending may have moved the readouts since their lifts were noted.
	for i := range lifts {
		k := slices.IndexFunc(result.Experiments, func(x Readout) bool { return x.ID == lifts[i].test })
		lifts[i].at = &result.Experiments[k].Results[lifts[i].place]
	}
	result.remember(lifts)
	result.Verdict = verdict(result)
	return result, nil
}

func newReader(d *run.Desk, r *run.Run, s *warehouse.Snapshot) (*reader, error) {
	sources, err := metric.LoadSources()
	if err != nil {
		return nil, err
	}
	out := &reader{desk: d, snapshot: s, asOf: r.AsOf, traits: []string{"tier", "region"}}
	if len(r.Dimensions) > 0 {
		out.traits = r.Dimensions
	}
	out.measurer = measurer{catalog: d.Metrics, supply: metric.Supply{Catalog: s.Catalog, Sources: sources,
		Activity: breakdown.ActivityFeeds(s.Catalog, d.Config.Definitions.ActiveEvents)}}
	return out, nil
}

// mostLooks is how many earlier runs are asked whether they read an experiment.
const mostLooks = 100

// looks counts, by experiment, the earlier runs that read it while it ran: who has
// looked may have been ready to stop it.
func looks(d *run.Desk, r *run.Run) (map[string]int, error) {
	out := map[string]int{}
	for _, before := range d.Store.Earlier(r, mostLooks) {
		if !before.AsOf.Before(r.AsOf) {
			continue
		}
		var read struct {
			Experiments []struct {
				ID     string `json:"id"`
				Status string `json:"status"`
			} `json:"experiments"`
		}
		if ok, err := d.Store.Into(before.ID, run.ReviewExperiments, &read); err != nil || !ok {
			continue // what can't be read was by another version
		}
		for _, x := range read.Experiments {
			if x.Status == Running {
				out[x.ID]++
			}
		}
	}
	return out, nil
}

// reviewer reviews one experiment.
type reviewer struct {
	*reader
	x        experiment
	looks    int // earlier ones, while it ran
	currency string

	out          Readout
	entries      *entries
	taken        *taken
	treatments   []string // arms but control, as the data have them
	all          []compared
	look         look
	trials       config.Trials
	privacy      int
	costPerPoint float64 // NaN where unknown
	traffic      float64 // units a day
	watched      float64 // mean days in which outcomes count
	ran          int     // days since the start
	known        []string
	unmatched    int64
	wait         int64 // days to go on
}

// power is the chance to find the change worth having that each metric is planned
// with, so that all guardrails hold as well.
func (v *reviewer) power() float64 {
	return abtest.GuardedPower(v.trials.Power, len(v.x.guardrails))
}

// level is the level of a test of the role, corrected for the others of its kind.
func (v *reviewer) level(role string) float64 {
	if role != primary {
		return alpha
	}
	return alpha / float64(max(1, len(v.treatments)*max(1, len(v.x.goals))))
}

// read makes the readout.
func (v *reviewer) read(ctx context.Context) error {
	x := &v.x
	v.trials, v.privacy, v.costPerPoint = v.desk.Config.Trials, v.desk.Config.Privacy.MinMembers, math.NaN()
	if c := v.desk.Config.Program.CostPerPoint; c != nil {
		v.costPerPoint = *c
	}
	v.out = Readout{ID: run.Label(x.id), Name: run.Label(x.name), Status: "ended", Hypothesis: text(x.hypothesis), Owner: text(x.owner),
		Assignment: "randomized", Control: run.Label(x.control)}
	zone := v.asOf.Location()
	if !x.started.IsZero() {
		v.out.Started = run.Day(x.started.In(zone))
	}
	if x.running(v.asOf) {
		v.out.Status = Running
	} else {
		v.out.Ended = run.Day(x.ended.In(zone))
	}
	q := v.question(*x)
	var err error
	if v.entries, err = v.enter(ctx, v.snapshot, q); err != nil {
		return err
	}
	v.out.Arms = v.entries.show()
	v.treatments = slices.DeleteFunc(v.entries.arms(), func(arm string) bool { return arm == x.control })
	v.times(q)
	v.known = v.measurer.known()
	if reason := v.unfit(); reason != "" {
		v.say(Unreadable, byData, reason)
		v.next()
		return nil
	}
	concurrent := v.concurrent()
	if x.observational {
		v.out.Assignment = Observational
	}
	v.out.Checks = append(v.out.Checks, sampleRatio(*x, v.entries.units, &v.out))
	if x.control == "" || x.observational {
		v.out.Checks = nil
	}
	if concurrent.Status != "ok" {
		v.check(concurrent)
	}
	v.out.Checks = append(v.out.Checks, assignment(*x, v.entries)...)
	if n := v.entries.undated; n > 0 && v.timed(*x) {
		c := Check{"undated", "warning", fmt.Sprintf("%d units have no assigned_at and the experiment no started_at, so nothing of theirs can be counted from a moment; they are left out of what is.", n)}
		if float64(n) > earlyShare*float64(v.entries.all()+n) {
			c.Status = "failed"
		}
		v.check(c)
	}
	if check, ok := exposed(v.entries, v.snapshot.Has("assignments", "exposed_at"), x.exposure); ok {
		v.out.Checks = append(v.out.Checks, check)
	}
	if err := v.measure(ctx); err != nil {
		return err
	}
	return nil
}

// times fills in what the times of the assignments tell.
func (v *reviewer) times(q *question) {
	zone := v.asOf.Location()
	end := q.End.In(zone)
	v.traffic, v.watched = v.entries.traffic(), v.entries.watched(v.x.window, end, "")
	first := v.x.started
	days, _ := v.entries.days()
	from := dayNumber(end)
	if len(days) > 0 {
		from = days[0]
	}
	if !first.IsZero() { // who was assigned before it started does not make it longer
		from = max(from, dayNumber(first.In(zone)))
		if len(days) == 0 {
			from = dayNumber(first.In(zone))
		}
	}
	v.ran = dayNumber(end) - from
	v.look = look{anytime: v.out.Status == Running || v.x.peeked || v.looks > 0, tuning: abtest.DefaultTuning}
	if v.x.planned > 0 {
		v.look.tuning = float64(v.x.planned)
	}
	counted := "from the assignment to the end of the experiment"
	switch {
	case v.x.window > 0 && v.x.exposure:
		counted = fmt.Sprintf("for %d days from the exposure", v.x.window)
	case v.x.window > 0:
		counted = fmt.Sprintf("for %d days from the assignment", v.x.window)
	case v.x.exposure:
		counted = "from the exposure to the end of the experiment"
	}
	if v.out.Status == Running && v.x.window == 0 {
		counted = strings.Replace(counted, "the end of the experiment", "the end of the data", 1)
	}
	a := &Analysis{Counted: counted, Method: fixed, Looks: v.looks, Incomplete: v.entries.incomplete, Before: v.trials.BalanceDays}
	if v.look.anytime {
		a.Method = anytime
	}
	v.out.Analysis = a
}

// leastOverlap is how far the arms of an experiment must have been filled at the
// same time to be one.
const leastOverlap = 0.5

// concurrent checks that control ran beside the treatments. Arms that were filled
// one after the other were not drawn at random, whatever is declared.
func (v *reviewer) concurrent() Check {
	if v.x.control == "" {
		return Check{"concurrent_control", "unknown", "There is no control group beside it; members are compared with themselves before."}
	}
	for _, arm := range v.treatments {
		if o := v.entries.overlap(v.x.control, arm); o < leastOverlap {
			v.x.observational = true
			return Check{"concurrent_control", "warning", fmt.Sprintf("Control and %s were not filled at the same time (they overlap by %.0f %%), so there is no concurrent control.", run.Label(arm), 100*o)}
		}
	}
	return Check{ID: "concurrent_control", Status: "ok"}
}

// unfit says what keeps the experiment from being compared at all, and what would
// make it reviewable; "" when nothing does. A campaign of one arm without a control
// is none of that: it is compared with before.
func (v *reviewer) unfit() string {
	arms := v.entries.arms()
	control := v.entries.units[v.x.control]
	switch {
	case len(arms) == 0 && v.entries.incomplete > 0:
		return fmt.Sprintf("No unit's days are over yet, or none was exposed: %d are waiting. Review it when they are.", v.entries.incomplete)
	case len(arms) == 0:
		return "No unit is assigned to it. Map its assignments: experiment_id, unit_id, arm."
	case v.x.exposure && v.x.control != "" && control == 0 && v.entries.unexposed[v.x.control] > 0:
		return fmt.Sprintf("No unit of the control arm %s has an exposure on record, so there is nothing to compare with. Log when control would have been exposed, or count from the assignment.", v.out.Control)
	case v.x.control == "" && len(arms) == 1:
		v.x.observational = true
		return ""
	case v.x.control == "":
		return fmt.Sprintf("No control arm is named, and there are %d arms: %s. Name control_arm.", len(arms), listed(labels(arms)))
	case control == 0:
		return fmt.Sprintf("No unit is in the control arm %s; the arms with units are %s. Correct control_arm, or map the control group's assignments.", v.out.Control, listed(labels(arms)))
	case len(arms) == 1:
		return fmt.Sprintf("All units are in one arm, %s; a comparison takes two. Map the assignments of the treatment.", run.Label(arms[0]))
	}
	return ""
}

func labels(names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = run.Label(name)
	}
	return out
}

// suggested are the guardrails that are looked at where none is declared: what the
// program owes, what it earns, and whether members are content and stay reachable.
var suggested = []string{"points_kept_per_member", "margin_per_member", "csat_score", "unsubscribed"}

// asked is a target with its role.
type asked struct {
	target
	role string
}

// targets lists what the experiment is read by.
func (v *reviewer) targets() []asked {
	var out []asked
	for _, list := range []struct {
		role string
		of   []target
	}{{primary, v.x.goals}, {guardrail, v.x.guardrails}, {secondary, v.x.others}} {
		for _, t := range list.of {
			if !slices.ContainsFunc(out, func(o asked) bool { return o.name == t.name }) {
				out = append(out, asked{t, list.role})
			}
		}
	}
	if len(v.x.guardrails) == 0 {
		for _, name := range suggested {
			if q := v.measurer.quantity(name); q.reason == "" && !slices.ContainsFunc(out, func(o asked) bool { return o.name == name }) {
				out = append(out, asked{target{name: name}, watched})
			}
		}
	}
	return out
}

// measure reads what units did and judges it.
func (v *reviewer) measure(ctx context.Context) error {
	targets := v.targets()
	quantities := make([]quantity, len(targets))
	for i, t := range targets {
		quantities[i] = v.measurer.quantity(t.name)
	}
	var err error
	if v.taken, err = v.take(ctx, v.x, v.entries, quantities, nil); err != nil {
		return err
	}
	if len(v.x.goals) == 0 {
		// Without a declared metric there is nothing to decide by; one that came
		// ready-made is shown.
		for _, name := range v.taken.names() {
			if v.taken.measured[name].ready {
				v.x.goals = []target{{name: name}}
				targets = append([]asked{{v.x.goals[0], primary}}, targets...)
				v.check(Check{"primary_metric", "unknown", "No primary metric is declared; the first ready-made outcome is shown, which proves nothing."})
				break
			}
		}
	}
	spreads, err := v.spreads(ctx, targets, quantities)
	if err != nil {
		return err
	}
	compare := v.compare
	if v.x.observational {
		compare = v.associate
	}
	for _, t := range targets {
		for _, arm := range v.treatments {
			m := v.taken.measured[t.name]
			if m == nil {
				q := v.measurer.quantity(t.name)
				reason := orElse(q.reason, "there is no moment from which it counts: map assigned_at, or declare started_at")
				if q.reason == "no feed holds this outcome" {
					reason += "; there are: " + listed(append(v.taken.names(), without(v.known, v.taken.names())...))
				}
				m = &measured{quantity: quantity{name: t.name, unit: metric.Score, reason: reason}}
			}
			v.all = append(v.all, compare(m, t.target, t.role, arm))
		}
	}
	if v.taken.stratum != "" && slices.ContainsFunc(v.all, func(c compared) bool { return c.est.strata > 1 }) {
		v.out.Analysis.Strata = v.taken.stratum
	}
	if !v.x.observational {
		v.correct()
	}
	if err := v.further(ctx, targets, spreads); err != nil {
		return err
	}
	v.decide()
	v.next()
	if v.out.Decision == DontTrust { // what else it shows is no more to be trusted
		v.out.Worth, v.out.Who, v.out.Weeks = nil, nil, nil
	}
	for _, c := range v.all {
		v.out.Results = append(v.out.Results, c.Comparison)
	}
	return nil
}

func without(list, less []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(name string) bool { return slices.Contains(less, name) })
}

func (v *reviewer) check(c Check) { v.out.Checks = append(v.out.Checks, c) }

// spreads reads how the values of the first goal, of capped metrics and of
// quantiles are spread, and does with it what was declared.
func (v *reviewer) spreads(ctx context.Context, targets []asked, quantities []quantity) (map[string]*spread, error) {
	out := map[string]*spread{}
	caps := map[string]float64{}
	for i, t := range targets {
		m := v.taken.measured[t.name]
		if m == nil || m.ready || m.ratio || m.binary || m.broken != "" {
			continue
		}
		capped := v.x.winsorize > 0 && m.quantile == 0
		if i > 0 && !capped && m.quantile == 0 {
			continue
		}
		s, err := v.spreadOf(ctx, v.x, v.entries, m)
		if err != nil {
			return nil, err
		}
		if s == nil {
			continue
		}
		out[t.name] = s
		if m.quantile > 0 {
			if err := v.quantiles(ctx, v.x, v.entries, m, s); err != nil {
				return nil, err
			}
		} else if capped {
			caps[t.name] = s.limit(v.x.winsorize)
		}
	}
	if len(caps) == 0 {
		return out, nil
	}
	again, err := v.take(ctx, v.x, v.entries, quantities, caps)
	if err != nil {
		return nil, err
	}
	for name, m := range v.taken.measured {
		if m.samples != nil {
			again.measured[name] = m
		}
	}
	v.taken = again
	return out, nil
}

// further adds the checks that take outcomes, and what the first goal says beyond
// its mean.
func (v *reviewer) further(ctx context.Context, targets []asked, spreads map[string]*spread) error {
	var goal *measured
	if len(v.x.goals) > 0 {
		goal = v.taken.measured[v.x.goals[0].name]
	}
	for _, t := range targets {
		if t.role != watched {
			if c, ok := coverage(v.taken.measured[t.name], v.entries.units); ok {
				v.check(c)
			}
		}
	}
	if goal == nil || goal.broken != "" {
		return nil
	}
	if !v.x.observational {
		v.validate(goal, spreads[goal.name])
	}
	leading := v.leading()
	if goal.ready || v.x.control == "" || goal.samples != nil {
		if leading != nil && leading.P != nil && v.x.control != "" && goal.samples == nil && !v.x.observational {
			v.who(goal, leading)
		}
		return nil
	}
	if leading != nil && leading.P != nil && !v.x.observational {
		v.who(goal, leading)
	}
	if goal.bottom == nil {
		weeks, err := v.byWeek(ctx, v.x, v.entries, goal.quantity)
		if err != nil {
			return err
		}
		v.weekly(weeks)
	}
	if v.x.observational {
		return nil // what an association is worth is not known
	}
	channels, err := v.byChannel(ctx, v.x, v.entries)
	if err != nil {
		return err
	}
	for _, arm := range v.treatments {
		v.worth(arm, channels)
	}
	return nil
}

// validate adds the checks of the first goal.
func (v *reviewer) validate(goal *measured, s *spread) {
	named := append([]string{v.taken.stratum}, v.taken.traits...)
	for i, by := range named {
		if by == "" || i > 0 && by == named[0] {
			continue
		}
		of := func(c cell) string { return c.stratum }
		if i > 0 {
			of = func(c cell) string { return c.traits[i-1] }
		}
		if goal.ready && goal.again > 0 {
			continue
		}
		if c, ok := ratioWithin(v.x, goal, by, of); ok {
			v.check(c)
		}
	}
	if c, ok := balance(goal, v.x.control, v.treatments, v.taken.pre); ok {
		v.check(c)
	}
	for _, arm := range v.treatments {
		for i := range v.all {
			c := &v.all[i]
			if c.Role != primary || c.arm != arm || c.target.name != goal.name || v.taken.stratum == "" {
				continue
			}
			if check, ok := reversed(goal, v.x.control, c, v.taken.stratum); ok {
				v.check(check)
			}
		}
	}
	for i := range v.all {
		c := &v.all[i]
		if c.Role != primary || c.target.name != goal.name || c.P == nil {
			continue
		}
		if check, ok := novelty(goal, v.x.control, &c.Comparison, c.arm, v.taken.horizon, v.watched); ok {
			v.check(check)
		}
		if check, ok := outliers(s, v.x.control, c.arm, c, v.currency); ok && goal.quantile == 0 {
			v.check(check)
		}
	}
	if v.look.anytime && v.out.Status != Running {
		why := "It is declared to have been looked at before its end"
		if !v.x.peeked {
			why = fmt.Sprintf("%d earlier runs read it while it ran", v.looks)
		}
		v.check(Check{"peeking", "ok", why + "; its intervals hold at any time, and are wider for it."})
	}
}

// weekly lists the effect by week, of every arm.
func (v *reviewer) weekly(weeks []map[string]abtest.Sample) {
	if v.x.observational {
		return // by week the arms are compared as they are, which is no effect
	}
	for _, arm := range v.treatments {
		for i, samples := range weeks {
			e, err := abtest.Compare(samples[v.x.control], samples[arm])
			if err != nil {
				continue
			}
			d := v.look.test(e)
			v.out.Weeks = append(v.out.Weeks, Week{Week: i + 1, Arm: run.Label(arm), Difference: run.Round(d.Estimate), Interval: limits(d.Low, d.High), Units: e.N})
		}
	}
}

// lifts notes the lifts of the first primary metric, for what they say of each
// other.
func (v *reviewer) lifts(x *Readout) []pastLift {
	var out []pastLift
	for i := range v.all {
		c := &v.all[i]
		if c.Role != primary || c.Metric != v.goalName() || c.P == nil || v.x.observational || c.est.few || x.Decision == DontTrust {
			continue
		}
		lift, err := c.est.effect.DeltaLift()
		if err != nil {
			continue
		}
		out = append(out, pastLift{test: x.ID, metric: c.Metric, effect: lift, lower: c.Better == lower, place: i, usable: x.Status != Running})
	}
	return out
}

// text keeps words of the data short and on one line; "" stays "".
func text(words string) string {
	if words == "" {
		return ""
	}
	return run.Clean(words, 300)
}

func verdict(r *Result) string {
	if len(r.Experiments) == 0 {
		return "No experiment could be read."
	}
	count := map[string]int{}
	for _, x := range r.Experiments {
		count[x.Decision]++
	}
	var parts []string
	for _, decision := range []string{Ship, RollBack, DontTrust, KeepRunning, Inconclusive, ByDesign, Observational, Unreadable} {
		if n := count[decision]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, strings.ReplaceAll(decision, "_", " ")))
		}
	}
	if len(r.Experiments) == 1 {
		return "1 experiment: " + parts[0] + "."
	}
	return fmt.Sprintf("%d experiments: %s.", len(r.Experiments), strings.Join(parts, ", "))
}
