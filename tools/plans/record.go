package plans

import (
	"encoding/json"
	"fmt"
	"time"

	"loyaltymcp/internal/fault"
	"loyaltymcp/tools/basis"
	"loyaltymcp/tools/run"
)

// Record is what a plan records of the run that it was made of.
type Record struct {
	ID        string    `json:"plan_id"`
	Revision  int       `json:"revision"`
	CreatedAt time.Time `json:"created_at"`
	Program   string    `json:"program"`
	Currency  string    `json:"currency"`
	Run       struct {
		ID      string `json:"run_id"`
		AsOf    string `json:"as_of"`
		Zone    string `json:"time_zone"`
		Engine  string `json:"engine"`
		Config  string `json:"config_hash"`
		Version string `json:"version"`
	} `json:"run"`
	Window      run.HeadSpan      `json:"window"`
	Definitions map[string]string `json:"definitions"` // hash by metric id
	KPIs        []basis.Figure    `json:"kpis"`        // none in older plans
	Kept        *basis.Basis      `json:"basis"`       // nil in older plans
}

// Basis returns by what the plan's figures were computed; partial where the
// plan carries none.
func (r *Record) Basis() *basis.Basis {
	if r.Kept != nil {
		return r.Kept
	}
	return basis.Partial(basis.Known{Program: r.Program, Currency: r.Currency, Zone: r.Run.Zone, Engine: r.Run.Engine,
		Version: r.Run.Version, Config: r.Run.Config, Definitions: r.Definitions})
}

// Read returns the record of a plan by id. It asks no more of the file than
// what it reads; loyalty-mcp plan FILE checks a file whole.
func (f Folder) Read(id string) (*Record, error) {
	text, err := f.Text(id)
	if err != nil {
		return nil, err
	}
	var r Record
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fault.New(fault.Invalid, id, "can't be read as a plan").Because(err).Then("loyalty-mcp plan FILE says what is wrong with it")
	}
	r.ID = id // by which it is asked for, whatever it says
	return &r, nil
}

// Newest returns the newest plans of a program, newest first, at most so many:
// those that were made by the moment, and not of the run. A file that can't be
// read is passed over: an edit by hand must not stop the next run.
func (f Folder) Newest(program string, by time.Time, notOf string, most int) ([]*Record, error) {
	ids, err := f.IDs()
	if err != nil {
		return nil, fmt.Errorf("looking for plans: %w", err)
	}
	var out []*Record
	for _, id := range ids {
		if len(out) == most {
			break
		}
		r, err := f.Read(id)
		if err == nil && r.Program == program && !r.CreatedAt.After(by) && r.Run.ID != notOf {
			out = append(out, r)
		}
	}
	return out, nil
}
