package writeplan

import (
	"time"

	"loyaltymcp/internal/fault"
	"loyaltymcp/tools/pullmetrics"
	"loyaltymcp/tools/run"
)

// facts are what the words of a plan are held against: the data points of its
// run, the operator's targets and the bands.
type facts struct {
	desk     *run.Desk
	now      time.Time
	currency string
	bands    []run.Band
	points   map[string]run.Point
	metrics  *pullmetrics.Result // nil when they are waived or gone
	// gone says why the run's points are not known, nil when they are.
	gone error
}

// factsOf returns the facts of a run that may be gone by now: runs are kept for
// some days, plans for good.
func factsOf(d *run.Desk, p *Plan) (*facts, error) {
	f := &facts{desk: d, now: d.Now().In(d.Config.Zone()), currency: p.Currency}
	r, err := d.Resume(p.Run.ID)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Conflict) {
		f.gone = err
		return f, nil
	}
	if err != nil {
		return nil, err
	}
	f.bands = r.Bands
	if f.points, err = d.Store.Points(r.ID); err != nil {
		return nil, err
	}
	f.metrics, err = result[pullmetrics.Result](d, r, run.PullMetrics)
	return f, err
}

// known fails where figures can't be checked, because the run is gone.
func (f *facts) known(field string) error {
	if f.gone == nil {
		return nil
	}
	return fault.New(fault.Conflict, field, "can't be checked, for the run of the plan can't be read any more").Because(f.gone).
		Then("Run the stages again and write a new plan; this one can still be re-ranked, given other owners and days, and reviewed, in words without figures")
}
