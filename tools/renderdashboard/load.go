package renderdashboard

import (
	"fmt"

	"loyaltymcp/schemas"
	"loyaltymcp/tools/diagnosehealth"
	"loyaltymcp/tools/numerals"
	"loyaltymcp/tools/plans"
	"loyaltymcp/tools/pullmetrics"
	"loyaltymcp/tools/reviewexperiments"
	"loyaltymcp/tools/run"
	"loyaltymcp/tools/surfaceinsights"
	"loyaltymcp/tools/writeplan"
	"loyaltymcp/warehouse"
)

// findings are all that is known of a run. A stage that has not run is nil, and
// so is the plan where there is none.
type findings struct {
	desk        *run.Desk
	run         *run.Run
	points      map[string]run.Point
	retries     []warehouse.Retry
	metrics     *pullmetrics.Result
	health      *diagnosehealth.Result
	insights    *surfaceinsights.Result
	experiments *reviewexperiments.Result
	plan        *writeplan.Plan
	unplanned   string          // why there is no plan
	style       *numerals.Style // of the program's locale; see numbers
}

// load reads what the run's stages found, and the newest plan made of them.
func load(d *run.Desk, set *schemas.Set, id string) (*findings, error) {
	r, err := d.Store.Load(id)
	if err != nil {
		return nil, err
	}
	f := &findings{desk: d, run: r}
	if f.points, err = d.Store.Points(id); err != nil {
		return nil, err
	}
	if f.retries, err = d.Store.Retries(r); err != nil {
		return nil, err
	}
	if f.metrics, err = stage[pullmetrics.Result](d, id, run.PullMetrics); err != nil {
		return nil, err
	}
	if f.health, err = stage[diagnosehealth.Result](d, id, run.DiagnoseHealth); err != nil {
		return nil, err
	}
	if f.insights, err = stage[surfaceinsights.Result](d, id, run.SurfaceInsights); err != nil {
		return nil, err
	}
	if f.experiments, err = stage[reviewexperiments.Result](d, id, run.ReviewExperiments); err != nil {
		return nil, err
	}
	f.planned(set)
	return f, nil
}

// stage reads a stage's whole result, nil when it has not run.
func stage[R any](d *run.Desk, id, name string) (*R, error) {
	var out R
	if ok, err := d.Store.Into(id, name, &out); !ok || err != nil {
		return nil, err
	}
	return &out, nil
}

// planned finds the newest plan of the run, and looks through its checklist as of
// now. A plan that can't be read leaves the page without one, and says so.
func (f *findings) planned(set *schemas.Set) {
	f.unplanned = "No plan of this run was written: call write_plan with this run_id."
	kept := plans.NewFolder(f.desk.Plans)
	ids, err := kept.IDs()
	if err != nil {
		f.unplanned = fmt.Sprintf("The folder of the plans can't be read: %v", err)
		return
	}
	for _, id := range ids {
		record, err := kept.Read(id)
		if err != nil || record.Run.ID != f.run.ID {
			continue
		}
		folder, err := writeplan.NewFolder(f.desk.Plans, set)
		if err == nil {
			f.plan, err = folder.Read(id)
		}
		if err != nil {
			f.unplanned = fmt.Sprintf("The plan %s can't be read: %v", id, err)
			f.plan = nil
			return
		}
		f.plan.Review = f.plan.Inspect(f.desk.Now().In(f.desk.Config.Zone()), f.plan.Sealed())
		return
	}
}
