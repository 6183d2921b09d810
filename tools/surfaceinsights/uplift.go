package surfaceinsights

import (
	"context"
	"fmt"
	"slices"

	"loyaltymcp/tools/reviewexperiments"
	"loyaltymcp/tools/run"
)

// assumed is the lift of purchases that a play is assumed to have, and where that
// comes from.
type assumed struct {
	lift     float64
	interval *[2]float64
	source   string
}

// uplift returns what a play is assumed to bring: what an experiment of this
// program showed, if the operator names one and it can be relied on; else a prior.
func (v *surveyor) uplift(ctx context.Context, play string) (assumed, error) {
	c := v.desk.Config.Insights
	var unfit string
	if id := c.Evidence[play]; id != "" {
		review, err := reviewexperiments.Compute(ctx, v.desk, v.run)
		if err != nil {
			return assumed{}, err
		}
		a, reason := shown(review, id)
		if reason == "" {
			return a, nil
		}
		unfit = "; " + reason
	}
	if u, ok := c.Uplift[play]; ok {
		return assumed{lift: u, source: "prior set in loyalty.yaml (insights.uplift)" + unfit}, nil
	}
	return assumed{lift: priors[play], source: "prior of this program, not evidence: set insights.uplift, or test it" + unfit}, nil
}

// shown returns the lift of purchases that an experiment showed, or why it can't be
// taken.
func shown(review *reviewexperiments.Result, id string) (assumed, string) {
	i := slices.IndexFunc(review.Experiments, func(x reviewexperiments.Readout) bool { return x.ID == id })
	if i < 0 {
		return assumed{}, fmt.Sprintf("the experiment %s of insights.evidence is not in the run", run.Label(id))
	}
	x := review.Experiments[i]
	switch {
	case x.Status != "ended":
		return assumed{}, fmt.Sprintf("the experiment %s is still running", run.Label(x.ID))
	case x.Decision == reviewexperiments.DontTrust || x.Assignment != "randomized":
		return assumed{}, fmt.Sprintf("the experiment %s can't be trusted", run.Label(x.ID))
	}
	for _, c := range x.Results {
		if c.Role == "primary" && c.Lift != nil && c.LiftRange != nil && slices.Contains(purchases, c.Metric) {
			return assumed{*c.Lift, c.LiftRange, fmt.Sprintf("experiment %s of this program: lift of %s in %s, n = %d and %d", run.Label(x.ID), c.Metric, run.Label(c.Arm), c.NControl, c.NTreatment)}, ""
		}
	}
	return assumed{}, fmt.Sprintf("the experiment %s has no bounded lift of purchases as its primary metric", run.Label(x.ID))
}

// purchases are the metrics of experiments whose lift is one of purchases.
var purchases = []string{"revenue_per_member", "orders_per_member", "conversion"}

// priors are the lifts assumed where nothing else is known: small, so that a case
// that needs more has to be shown.
var priors = map[string]float64{Nudge: 0.02, Upgrade: 0.03, WinBack: 0.05, Protect: 0.03}
