package reviewexperiments

import (
	"slices"
	"strings"

	"loyaltymcp/tools/run"
)

// Trim implements tools.Trimmer: what decides nothing goes first, the decision and
// the primary result never.
func (r *Result) Trim() bool {
	if r.Truncated == nil {
		r.Truncated = &run.Truncated{What: "details of readouts", How: "name experiments, ask for full detail, or read resource run://" + r.RunID + "/review_experiments"}
	}
	for _, step := range trims {
		for i := len(r.Experiments) - 1; i >= 0; i-- {
			if step(&r.Experiments[i]) {
				r.Truncated.Dropped++
				return true
			}
		}
	}
	if r.Past != nil {
		r.Past = nil
		return true
	}
	return false
}

// trims are what may go, one part of a readout at a time; each reports whether
// there was any.
var trims = []func(*Readout) bool{
	func(x *Readout) bool { return drop(&x.Weeks) },
	func(x *Readout) bool {
		return dropWhere(&x.Who, func(t Trait) bool { return !t.Differ })
	},
	func(x *Readout) bool {
		for i := range x.Worth {
			if drop(&x.Worth[i].Channels) {
				return true
			}
		}
		return false
	},
	func(x *Readout) bool {
		return dropWhere(&x.Results, func(c Comparison) bool { return c.Role == watched && c.Guardrail != harmed })
	},
	func(x *Readout) bool {
		return dropWhere(&x.Results, func(c Comparison) bool { return c.Role == secondary })
	},
	func(x *Readout) bool { return drop(&x.Who) },
	func(x *Readout) bool {
		return dropWhere(&x.Checks, func(c Check) bool { return c.Status == "ok" })
	},
	func(x *Readout) bool { return dropText(&x.Hypothesis) },
	func(x *Readout) bool { return drop(&x.Worth) },
	func(x *Readout) bool {
		some := x.NextTest.Hypothesis != ""
		x.NextTest = NextTest{Says: x.NextTest.Says}
		return some
	},
	func(x *Readout) bool {
		some := x.Analysis != nil
		x.Analysis = nil
		return some
	},
	func(x *Readout) bool {
		for i := range x.Results {
			if c := &x.Results[i]; c.slim() {
				return true
			}
		}
		return false
	},
	func(x *Readout) bool {
		return dropWhere(&x.Results, func(c Comparison) bool { return c.Role == guardrail && c.Guardrail == holds })
	},
	func(x *Readout) bool { return drop(&x.Arms) },
	func(x *Readout) bool {
		return dropWhere(&x.Checks, func(c Check) bool { return c.Status == "unknown" || c.Status == "warning" })
	},
	func(x *Readout) bool {
		return dropWhere(&x.Results, func(c Comparison) bool { return c.Role == guardrail && c.Guardrail == open })
	},
	func(x *Readout) bool { return dropText(&x.Owner) || dropText(&x.Started) || dropText(&x.Ended) },
	func(x *Readout) bool { // what can't be trusted can't be quoted either
		return x.Decision == DontTrust && drop(&x.Results)
	},
	func(x *Readout) bool { // the decision says so already
		return dropWhere(&x.Results, func(c Comparison) bool { return c.Role == watched })
	},
	func(x *Readout) bool {
		for i := range x.Results {
			if c := &x.Results[i]; c.Label != "" {
				// Of a randomized experiment all are causal, and more is better
				// unless it says otherwise.
				c.Label, c.NControl, c.NTreatment = "", 0, 0
				if c.Better == higher {
					c.Better = ""
				}
				return true
			}
		}
		return false
	},
	func(x *Readout) bool {
		short, _, long := strings.Cut(x.NextTest.Says, ": to find a change")
		if long {
			x.NextTest.Says = short + "."
		}
		return long
	},
	func(x *Readout) bool { // what the decision says already
		return dropWhere(&x.Checks, func(Check) bool { return true })
	},
	func(x *Readout) bool { return dropText(&x.NextTest.Says) },
}

func drop[T any](list *[]T) bool {
	some := len(*list) > 0
	*list = nil
	if some {
		*list = []T{}
	}
	return some
}

func dropWhere[T any](list *[]T, where func(T) bool) bool {
	before := len(*list)
	*list = slices.DeleteFunc(slices.Clone(*list), where)
	return len(*list) < before
}

func dropText(text *string) bool {
	some := *text != ""
	*text = ""
	return some
}

// slim leaves of a comparison what a reader of the decision needs.
func (c *Comparison) slim() bool {
	some := c.Method != "" || c.Chance != nil || c.Detectable != nil
	c.Method, c.Chance, c.Detectable, c.Loss, c.Reduction, c.LiftShrunk, c.IntervalAdjusted = "", nil, nil, nil, nil, nil, nil
	return some
}

// Short returns the comparison with what a reader of the decision needs.
func (c Comparison) Short() Comparison {
	c.slim()
	return c
}
