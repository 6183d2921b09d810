package demo

import "slices"

// trial turns a planted experiment into a trial.
func (x *PlantedExperiment) trial(seed uint64) *trial {
	t := &trial{planned: true, control: x.Control, key: mix(seed ^ mix(uint64(forArms)^named(x.ID)))}
	t.experiment = experiment{id: x.ID, name: x.Name, hypothesis: x.Hypothesis, start: x.From.instant(0),
		end: x.To.instant(never), primary: x.Primary, guardrails: x.Guardrails, owner: x.Owner}
	if t.name == "" {
		t.name = x.ID
	}
	if t.primary == "" {
		t.primary = "revenue_per_member"
	}
	for _, a := range x.Arms {
		t.arms = append(t.arms, trialArm{a.Arm, a.Share, factor(a.PurchaseRate), factor(a.OrderValue), factor(a.Redemption)})
	}
	return t
}

func factor(f *float64) float64 {
	if f == nil {
		return 1
	}
	return *f
}

// armNumber returns the number of the arm, of the first one besides the
// control if none is named.
func (t *trial) armNumber(name string) int {
	return slices.IndexFunc(t.arms, func(a trialArm) bool { return a.name == name || name == "" && a.name != t.control })
}

// ceiling is the largest factor on a purchase rate that all of them together
// can come to.
func ceiling(trials []*trial, faults []*planted) float64 {
	c := 1.0
	for _, t := range trials {
		largest := 1.0
		for _, a := range t.arms {
			largest = max(largest, a.purchases)
		}
		c *= largest
	}
	for _, f := range faults {
		c *= max(f.ceiling, 1)
	}
	return c
}
