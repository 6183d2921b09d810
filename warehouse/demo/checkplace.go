package demo

import (
	"fmt"
	"slices"

	"loyaltymcp/internal/fault"
)

// checkPlace holds a fault's place to what its kind takes and the program has.
func (p *Plant) checkPlace(at string, f *Fault, k Kind) error {
	given := map[string]string{"region": f.Place.Region, "channel": f.Place.Channel, "tier": f.Place.Tier, "feed": f.Place.Feed,
		"column": f.Place.Column, "experiment": f.Place.Experiment, "arm": f.Place.Arm, "reward": ""}
	if f.Place.Reward != 0 {
		given["reward"] = fmt.Sprint(f.Place.Reward)
	}
	allowed := slices.Concat(k.needs, k.takes)
	for _, part := range []string{"region", "channel", "tier", "feed", "column", "experiment", "arm", "reward"} {
		value := given[part]
		if value != "" && !slices.Contains(allowed, part) {
			return fault.New(fault.Invalid, at+".place."+part, "doesn't go with %s", k.Name).OneOf(part, allowed)
		}
		valid := p.placeValues(part, f)
		if value == "" && slices.Contains(k.needs, part) {
			return fault.New(fault.Invalid, at+".place."+part, "is missing").OneOf("", valid)
		}
		if value != "" && !slices.Contains(valid, value) {
			return fault.New(fault.Invalid, at+".place."+part, "there is no %s %q here", part, value).OneOf(value, valid)
		}
	}
	if t := f.Place; t.Arm != "" && p.controls(t.Experiment) == t.Arm {
		return fault.New(fault.Invalid, at+".place.arm", "%q is the control", t.Arm).Then("Name another arm, or none for the first one besides it")
	}
	if f.Place.Column != "" && f.Mode != "nulls" {
		return fault.New(fault.Invalid, at+".place.column", "only goes with the mode nulls").Then("Leave it out")
	}
	return nil
}

// placeValues lists what a part of a place can be.
func (p *Plant) placeValues(part string, f *Fault) []string {
	var valid []string
	switch part {
	case "region":
		valid = values(regions)
	case "channel":
		valid = values(enrollChannels)
	case "tier":
		for _, t := range tiers {
			valid = append(valid, t.name)
		}
	case "reward":
		for _, r := range rewards {
			valid = append(valid, fmt.Sprint(r.id))
		}
	case "feed":
		if f.Kind == "broken_feed" {
			return breakageOf(f.Mode).feeds
		}
		return []string{"orders", "points", "redemptions", "engagement", "surveys"}
	case "column":
		for _, t := range Tables() {
			for _, c := range t.Columns {
				if t.Name == f.Place.Feed && c.Name != when[t.Name] {
					valid = append(valid, c.Name)
				}
			}
		}
	case "experiment":
		for i := range experiments {
			valid = append(valid, experiments[i].id)
		}
		for i := range p.Experiments {
			valid = append(valid, p.Experiments[i].ID)
		}
	case "arm":
		return p.arms(f.Place.Experiment)
	}
	return valid
}

func (p *Plant) arms(experiment string) []string {
	for i := range p.Experiments {
		if x := &p.Experiments[i]; x.ID == experiment {
			var arms []string
			for _, a := range x.Arms {
				arms = append(arms, a.Arm)
			}
			return arms
		}
	}
	return []string{control, treatment}
}

func (p *Plant) controls(experiment string) string {
	for i := range p.Experiments {
		if x := &p.Experiments[i]; x.ID == experiment {
			return x.Control
		}
	}
	return control
}

func values(of []share) []string {
	var all []string
	for _, s := range of {
		all = append(all, s.value)
	}
	return all
}
