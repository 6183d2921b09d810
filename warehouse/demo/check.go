package demo

import (
	"fmt"
	"math"
	"slices"

	"loyaltymcp/internal/fault"
)

// check checks what a schema can't, and gives faults without an id theirs. The
// first mistake is the error.
func (p *Plant) check(name string) error {
	ids := map[string]bool{}
	for i := range experiments {
		ids[experiments[i].id] = true
	}
	for i := range p.Experiments {
		x := &p.Experiments[i]
		at := fmt.Sprintf("%s.experiments[%d]", name, i)
		if ids[x.ID] {
			return fault.New(fault.Invalid, at+".id", "there is an experiment %q already", x.ID).Then("Choose another id")
		}
		ids[x.ID] = true
		if err := x.check(at); err != nil {
			return err
		}
	}
	numbers, seen := map[string]int{}, map[string]bool{}
	for i := range p.Faults {
		f := &p.Faults[i]
		at := fmt.Sprintf("%s.faults[%d]", name, i)
		numbers[f.Kind]++
		if f.ID == "" {
			f.ID = fmt.Sprintf("%s-%d", f.Kind, numbers[f.Kind])
		}
		if seen[f.ID] {
			return fault.New(fault.Invalid, at+".id", "there is a fault %q already", f.ID).Then("Choose another id")
		}
		seen[f.ID] = true
		if err := p.checkFault(at, f); err != nil {
			return err
		}
	}
	return p.checkReversals(name)
}

func (x *PlantedExperiment) check(at string) error {
	if err := checkDates(at, x.From, x.To); err != nil {
		return err
	}
	var total float64
	var arms []string
	for i, a := range x.Arms {
		if slices.Contains(arms, a.Arm) {
			return fault.New(fault.Invalid, fmt.Sprintf("%s.arms[%d].arm", at, i), "there is an arm %q already", a.Arm).Then("Name each arm once")
		}
		arms = append(arms, a.Arm)
		total += a.Share
	}
	if math.Abs(total-1) > 1e-9 {
		return fault.New(fault.Invalid, at+".arms", "the shares add up to %g", total).Then("Make them add up to 1")
	}
	if !slices.Contains(arms, x.Control) {
		return fault.New(fault.Invalid, at+".control", "%q is no arm", x.Control).OneOf(x.Control, arms)
	}
	return nil
}

// checkDates holds dates to the data. An absent date stands for their end.
func checkDates(at string, from, to Day) error {
	last := end.time()
	const valid = "Choose dates from 2024-07-01 to 2026-07-01, the end exclusive"
	switch {
	case from.Before(launch) || !from.Before(last):
		return fault.New(fault.Invalid, at+".from", "%s is outside the data", from.Format("2006-01-02")).Then(valid)
	case to.IsZero():
		return nil
	case to.After(last):
		return fault.New(fault.Invalid, at+".to", "%s is outside the data", to.Format("2006-01-02")).Then(valid)
	case !to.After(from.Time):
		return fault.New(fault.Invalid, at+".to", "%s is not after from", to.Format("2006-01-02")).Then("The end is exclusive: one day is from 2026-05-01 to 2026-05-02")
	}
	return nil
}

func (p *Plant) checkFault(at string, f *Fault) error {
	k, ok := kindOf(f.Kind)
	if !ok {
		return fault.New(fault.Invalid, at+".kind", "%q is no kind of fault", f.Kind).OneOf(f.Kind, kindNames())
	}
	if k.dated {
		if f.From.IsZero() {
			return fault.New(fault.Invalid, at+".from", "is missing").Then("Write the first day, as 2026-05-01")
		}
		if err := checkDates(at, f.From, f.To); err != nil {
			return err
		}
	} else if !f.From.IsZero() || !f.To.IsZero() {
		return fault.New(fault.Invalid, at+".from", "doesn't go with %s, which lasts as long as its experiment", k.Name).Then("Leave from and to out")
	}
	for _, check := range []func(string, *Fault, Kind) error{checkMode, checkSize, checkUses, p.checkPlace} {
		if err := check(at, f, k); err != nil {
			return err
		}
	}
	return nil
}

func checkMode(at string, f *Fault, k Kind) error {
	if len(k.Modes) == 0 && f.Mode != "" {
		return fault.New(fault.Invalid, at+".mode", "doesn't go with %s", k.Name).Then("Leave it out")
	}
	if len(k.Modes) > 0 && !slices.Contains(k.Modes, f.Mode) {
		return fault.New(fault.Invalid, at+".mode", "%q is no form of %s", f.Mode, k.Name).OneOf(f.Mode, k.Modes)
	}
	return nil
}

func checkSize(at string, f *Fault, k Kind) error {
	low, high := k.min, k.max
	switch {
	case f.Mode == leakDebit:
		low = 1
	case k.Name == "points_leak", k.Name == "broken_feed" && f.Mode != "time_zone_shift":
		low, high = 0, 1
	}
	if f.Size < low || f.Size > high || f.Size == 0 {
		return fault.New(fault.Invalid, at+".size", "%g is out of range", f.Size).
			Then("Choose %g to %g, and not 0: %s", low, high, k.Size)
	}
	if (f.Mode == leakDebit || k.Name == "liability_spike") && f.Size != math.Trunc(f.Size) {
		return fault.New(fault.Invalid, at+".size", "%g is no whole number of points", f.Size).Then("Choose a whole number")
	}
	return nil
}

// checkUses checks the properties that only some kinds have.
func checkUses(at string, f *Fault, k Kind) error {
	given := map[string]bool{"date": !f.Date.IsZero(), "half_life_days": f.HalfLifeDays != 0, "delay_days": f.DelayDays != 0}
	for _, name := range []string{"date", "half_life_days", "delay_days"} {
		if given[name] && !slices.Contains(k.uses, name) {
			return fault.New(fault.Invalid, at+"."+name, "doesn't go with %s", k.Name).Then("Leave it out")
		}
	}
	if !slices.Contains(k.uses, "date") {
		return nil
	}
	if f.Date.IsZero() {
		return fault.New(fault.Invalid, at+".date", "is missing").Then("Write the day on which the points expire, as 2026-06-15")
	}
	if f.Date.instant(0) < f.To.instant(end) || f.Date.instant(0) > end+3*year {
		return fault.New(fault.Invalid, at+".date", "%s is not in the three years after the credits", f.Date.Format("2006-01-02")).
			Then("Choose a day not before to, at most three years after the end of the data")
	}
	return nil
}

// checkReversals refuses two strata for one experiment.
func (p *Plant) checkReversals(name string) error {
	seen := map[string]bool{}
	for i := range p.Faults {
		f := &p.Faults[i]
		if f.Kind != "simpsons_reversal" {
			continue
		}
		if seen[f.Place.Experiment] {
			return fault.New(fault.Invalid, fmt.Sprintf("%s.faults[%d].place.experiment", name, i), "%q is reversed already", f.Place.Experiment).
				Then("Plant one simpsons_reversal an experiment")
		}
		seen[f.Place.Experiment] = true
	}
	return nil
}
