package comparedefinitions

import (
	"loyaltymcp/tools/basis"
	"loyaltymcp/tools/plans"
	"loyaltymcp/tools/run"
)

// Figures are the KPIs of a window as they are computed now.
type Figures struct {
	Window run.HeadSpan
	KPIs   []basis.Figure
}

// Restatement is a figure of a window that an earlier run or plan recorded
// otherwise, by the same definition, choices and feeds.
type Restatement struct {
	Window run.HeadSpan `json:"window"`
	basis.Restatement
}

// looked is how many runs, and how many plans, are looked through for an
// earlier record of a window.
const looked = 20

// Restated compares figures of the run with what earlier runs and plans of the
// same program recorded of the same windows: of a run its own window counts, not
// those it was compared with. It returns what late or corrected rows changed, by
// window and KPI; each KPI is held against its newest comparable record. What
// can't be read is passed over.
func Restated(d *run.Desk, r *run.Run, now ...Figures) ([]Restatement, error) {
	by, err := d.Store.Basis(r.ID)
	if by == nil || err != nil {
		return nil, err
	}
	records, err := recorded(d, r)
	if err != nil {
		return nil, err
	}
	var out []Restatement
	for _, f := range now {
		var same []basis.Computed
		for _, e := range records {
			if e.window.Start == f.Window.Start && e.window.End == f.Window.End {
				same = append(same, e.Computed)
			}
		}
		for _, found := range basis.Restated(same, basis.Computed{ID: r.ID, At: r.CreatedAt, Basis: by, Figures: f.KPIs}) {
			out = append(out, Restatement{f.Window, found})
		}
	}
	return out, nil
}

// record is what a run or plan recorded of its window.
type record struct {
	window run.HeadSpan
	basis.Computed
}

func recorded(d *run.Desk, r *run.Run) ([]record, error) {
	var out []record
	for _, e := range d.Store.Earlier(r, looked) {
		var kept struct {
			KPIs []struct {
				ID         string   `json:"id"`
				Definition string   `json:"definition"`
				Value      *float64 `json:"value"`
			} `json:"kpis"`
		}
		ok, err := d.Store.Into(e.ID, run.PullMetrics, &kept)
		by, errBasis := d.Store.Basis(e.ID)
		if !ok || by == nil || err != nil || errBasis != nil {
			continue
		}
		one := record{e.Head().Window, basis.Computed{ID: e.ID, At: e.CreatedAt, Basis: by}}
		for _, k := range kept.KPIs {
			one.Figures = append(one.Figures, basis.Figure{KPI: k.ID, Definition: k.Definition, Value: k.Value})
		}
		out = append(out, one)
	}
	found, err := plans.NewFolder(d.Plans).Newest(r.Program, r.CreatedAt, r.ID, looked)
	if err != nil {
		return nil, err
	}
	for _, p := range found {
		out = append(out, record{p.Window, basis.Computed{ID: p.ID, At: p.CreatedAt, Basis: p.Basis(), Figures: p.KPIs}})
	}
	return out, nil
}
