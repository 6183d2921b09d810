package reviewexperiments

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"loyaltymcp/internal/fault"
	"loyaltymcp/tools/config"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

// experiment is one experiment as the feed or the config has it.
type experiment struct {
	id, name, hypothesis, control, primary, owner string
	started, ended                                time.Time // zero when not known, or still running
	shares                                        map[string]float64
	sharesProblem                                 string // why the planned shares can't be read
	guardrails                                    []string
	lower                                         []string // metrics of which less is better
	observational                                 bool
}

// list returns the experiments of the feed and of the config; the config wins
// where both have one.
func list(ctx context.Context, d *run.Desk, s *warehouse.Snapshot) ([]experiment, error) {
	var out []experiment
	if s.Has("experiments") {
		err := s.Query(ctx, queries, "experiments", nil, func(row warehouse.Row) error {
			var x experiment
			var started, ended *time.Time
			var shares, guardrails string
			if err := row.Scan(&x.id, &x.name, &started, &ended, &x.hypothesis, &x.control, &shares, &x.primary, &guardrails, &x.owner); err != nil {
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
					x.sharesProblem = "planned_shares is not a JSON object of numbers"
				}
			}
			for _, g := range strings.Split(guardrails, ",") {
				if g = strings.TrimSpace(g); g != "" {
					x.guardrails = append(x.guardrails, g)
				}
			}
			x.signs()
			out = append(out, x)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	for _, c := range d.Config.Experiments {
		x, err := fromConfig(c, d.Config.Zone())
		if err != nil {
			return nil, err
		}
		if i := slices.IndexFunc(out, func(o experiment) bool { return o.id == x.id }); i >= 0 {
			out[i] = x
		} else {
			out = append(out, x)
		}
	}
	return out, nil
}

func fromConfig(c config.Experiment, zone *time.Location) (experiment, error) {
	x := experiment{id: c.ID, name: c.Name, hypothesis: c.Hypothesis, control: c.ControlArm, primary: c.PrimaryMetric,
		owner: c.Owner, shares: c.PlannedShares, guardrails: slices.Clone(c.Guardrails), observational: c.Assignment == Observational}
	if x.name == "" {
		x.name = x.id
	}
	x.signs()
	var err error
	if c.StartedAt != "" {
		if x.started, err = run.ParseDay("experiments."+c.ID+".started_at", c.StartedAt, zone); err != nil {
			return x, err
		}
	}
	if c.EndedAt != "" {
		if x.ended, err = run.ParseDay("experiments."+c.ID+".ended_at", c.EndedAt, zone); err != nil {
			return x, err
		}
	}
	return x, nil
}

// signs reads the minus before a metric's name, which says that less of it is
// better: -refund_rate.
func (x *experiment) signs() {
	plain := func(name string) string {
		bare, minus := strings.CutPrefix(name, "-")
		if minus {
			x.lower = append(x.lower, bare)
		}
		return bare
	}
	x.primary = plain(x.primary)
	for i, g := range x.guardrails {
		x.guardrails[i] = plain(g)
	}
}

// better returns which direction of a metric is good.
func (x experiment) better(name string) string {
	if slices.Contains(x.lower, name) {
		return lower
	}
	return higher
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

// subject is what the templates read.
type subject struct {
	ID           string
	Started, End time.Time
}

// subject returns the span over which outcomes count: from assignment to the
// end of the experiment or of the data.
func (x experiment) subject(asOf time.Time) subject {
	end := asOf
	if !x.ended.IsZero() && x.ended.Before(asOf) {
		end = x.ended
	}
	return subject{ID: x.id, Started: x.started, End: end}
}
