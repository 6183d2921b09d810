package reviewexperiments

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"loyaltymcp/stats/abtest"
	"loyaltymcp/tools/config"
	"loyaltymcp/tools/run"
)

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
