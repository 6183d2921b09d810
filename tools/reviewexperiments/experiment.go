package reviewexperiments

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"loyaltymcp/internal/fault"
	"loyaltymcp/tools/config"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

// experiment is one experiment as the feed and the config have it.
type experiment struct {
	id, name, hypothesis, control, owner string
	started, ended                       time.Time // zero when not known, or still running
	shares                               map[string]float64
	sharesProblem                        string // why the planned shares can't be read
	goals, others, guardrails            []target
	observational                        bool
	window                               int  // days; 0 until the end
	exposure                             bool // outcomes count from the exposure
	winsorize                            float64
	minimum                              float64 // relative effect worth having
	planned                              int64   // units in all arms
	costPerUnit                          float64
	peeked                               bool
}

// target is a metric that an experiment is to be read by, and how.
type target struct {
	name     string
	flipped  bool    // a minus says that less of it is better
	margin   float64 // of a guardrail; 0 for the default
	relative bool    // the margin is relative to control
}

// list returns the experiments of the feed and of the config; what the config
// says of one wins.
func list(ctx context.Context, d *run.Desk, s *warehouse.Snapshot) ([]experiment, error) {
	var out []experiment
	if s.Has("experiments") {
		err := s.Query(ctx, queries, "experiments", nil, func(row warehouse.Row) error {
			var x experiment
			var started, ended *time.Time
			var shares, primary, guardrails string
			if err := row.Scan(&x.id, &x.name, &started, &ended, &x.hypothesis, &x.control, &shares, &primary, &guardrails, &x.owner); err != nil {
				return err
			}
			if started != nil {
				x.started = *started
			}
			if ended != nil {
				x.ended = *ended
			}
			if shares != "" {
				if err := json.Unmarshal([]byte(shares), &x.shares); err != nil {
					x.sharesProblem = "planned_shares is not a JSON object of numbers, such as {\"control\": 0.5, \"treatment\": 0.5}"
				}
			}
			x.goals, x.guardrails = targets(primary), targets(guardrails)
			out = append(out, x)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	for _, c := range d.Config.Experiments {
		i := slices.IndexFunc(out, func(o experiment) bool { return o.id == c.ID })
		if i < 0 {
			i, out = len(out), append(out, experiment{id: c.ID})
		}
		if err := out[i].know(c, d.Config.Zone()); err != nil {
			return nil, err
		}
	}
	for i := range out {
		if out[i].name == "" {
			out[i].name = out[i].id
		}
		if out[i].minimum == 0 {
			out[i].minimum = d.Config.Trials.MinimumEffect
		}
	}
	return out, nil
}

// know takes over what the config says of an experiment.
func (x *experiment) know(c config.Experiment, zone *time.Location) error {
	for _, t := range []struct {
		to   *string
		from string
	}{{&x.name, c.Name}, {&x.hypothesis, c.Hypothesis}, {&x.control, c.ControlArm}, {&x.owner, c.Owner}} {
		if t.from != "" {
			*t.to = t.from
		}
	}
	if c.PlannedShares != nil {
		x.shares, x.sharesProblem = c.PlannedShares, ""
	}
	if c.PrimaryMetric != "" {
		x.goals = targets(c.PrimaryMetric)
	}
	if len(c.Guardrails) > 0 {
		x.guardrails = targets(strings.Join(c.Guardrails, ","))
	}
	x.others = targets(strings.Join(c.SecondaryMetrics, ","))
	x.observational = c.Assignment == Observational
	x.window, x.exposure, x.winsorize = c.WindowDays, c.CountFrom == config.FromExposure, c.Winsorize
	x.minimum, x.planned, x.costPerUnit, x.peeked = c.MinimumEffect, c.PlannedUnits, c.CostPerUnit, c.Peeked
	for _, t := range []struct {
		to          *time.Time
		field, from string
	}{{&x.started, "started_at", c.StartedAt}, {&x.ended, "ended_at", c.EndedAt}} {
		if t.from == "" {
			continue
		}
		day, err := run.ParseDay("experiments."+c.ID+"."+t.field, t.from, zone)
		if err != nil {
			return err
		}
		*t.to = day
	}
	return nil
}

var withMargin = regexp.MustCompile(`^(.*\S)\s+within\s+([0-9.]+)\s*(%|pp)?$`)

// targets reads names of metrics with commas between them: -refund_rate within 2%.
func targets(text string) []target {
	var out []target
	for _, part := range splitNames(text) {
		t := target{name: part}
		if m := withMargin.FindStringSubmatch(part); m != nil {
			if margin, err := strconv.ParseFloat(m[2], 64); err == nil {
				t.name, t.margin = m[1], margin
				switch m[3] {
				case "%":
					t.relative, t.margin = true, margin/100
				case "pp":
					t.margin = margin / 100
				}
			}
		}
		t.name, t.flipped = strings.CutPrefix(t.name, "-")
		if !slices.ContainsFunc(out, func(o target) bool { return o.name == t.name }) {
			out = append(out, t)
		}
	}
	return out
}

func splitNames(text string) []string {
	var out []string
	for _, part := range strings.Split(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// choose keeps the asked experiments, by id or name; all where none is asked.
func choose(all []experiment, asked []string) ([]experiment, error) {
	if len(asked) == 0 {
		return all, nil
	}
	var out []experiment
	for _, name := range asked {
		i := slices.IndexFunc(all, func(x experiment) bool { return x.id == name || strings.EqualFold(x.name, name) })
		if i < 0 {
			valid := make([]string, len(all))
			for j, x := range all {
				valid[j] = run.Label(x.id)
			}
			e := fault.New(fault.Invalid, "experiments", "there is no experiment %q", name).OneOf(name, valid)
			if len(all) == 0 {
				e = e.Then("No experiment is mapped: add an experiments feed or list them in loyalty.yaml")
			}
			return nil, e
		}
		out = append(out, all[i])
	}
	return out, nil
}

// running reports whether the experiment has not ended by then.
func (x experiment) running(asOf time.Time) bool { return x.ended.IsZero() || x.ended.After(asOf) }

// unreviewable says, as sentences, what keeps the experiment from being reviewed
// whatever its data, and what would make it reviewable; "" when nothing does.
func (x experiment) unreviewable(asOf time.Time) string {
	if !x.started.IsZero() && !x.started.Before(asOf) {
		return fmt.Sprintf("It starts on %s, which is not before the end of the data. Review it after that.", run.Day(x.started))
	}
	if !x.started.IsZero() && !x.ended.IsZero() && !x.ended.After(x.started) {
		return "It ends before it starts. Correct started_at or ended_at."
	}
	if x.sharesProblem != "" {
		return strings.ToUpper(x.sharesProblem[:1]) + x.sharesProblem[1:] + ". Correct it, or leave it out for equal shares."
	}
	if len(x.shares) > 0 {
		total := 0.0
		for arm, share := range x.shares {
			if share < 0 || math.IsNaN(share) || math.IsInf(share, 0) {
				return fmt.Sprintf("The planned share of %s is not a share of 0 or more. Correct planned_shares.", run.Label(arm))
			}
			total += share
		}
		if math.Abs(total-1) > 0.001 {
			return fmt.Sprintf("The planned shares sum to %.4g, not to 1. Correct planned_shares, or leave them out for equal shares.", total)
		}
	}
	return ""
}

// IDs returns the ids of the program's experiments, in their order.
func IDs(ctx context.Context, d *run.Desk, s *warehouse.Snapshot) ([]string, error) {
	all, err := list(ctx, d, s)
	if err != nil {
		return nil, err
	}
	ids := []string{}
	for _, x := range all {
		ids = append(ids, x.id)
	}
	return ids, nil
}
