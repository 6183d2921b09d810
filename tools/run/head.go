package run

import (
	"time"

	"loyaltymcp/tools/config"
)

// Head is what every stage's result starts with, so that a result can be read
// by itself.
type Head struct {
	RunID    string   `json:"run_id"`
	Program  string   `json:"program"`
	Currency string   `json:"currency"`
	Window   HeadSpan `json:"window"`
	AsOf     string   `json:"as_of"`
	Zone     string   `json:"time_zone"`
}

// HeadSpan is a window as results show it.
type HeadSpan struct {
	Label string `json:"label"`
	Start string `json:"start"`
	End   string `json:"end"` // exclusive
	Days  int    `json:"days"`
}

// Head returns the run's head.
func (r *Run) Head() Head {
	return Head{RunID: r.ID, Program: r.Program, Currency: r.Currency, Zone: r.Zone, Window: r.Window.Span(), AsOf: Day(r.AsOf)}
}

// Caveats says what the run as a whole is to be read with, for the results of
// all its stages.
func (r *Run) Caveats() []string {
	if r.Currency != config.NoCurrency {
		return nil
	}
	return []string{"The currency is NOT FILLED IN: program.currency is " + config.NoCurrency + ", the code for none. " +
		"Nothing says what amounts of money are in, or that they are all in one; book and report none of them before it is filled in and check is clean."}
}

// Span returns the window as results show it.
func (w Window) Span() HeadSpan {
	return HeadSpan{Label: w.Label, Start: Day(w.Start), End: Day(w.End), Days: w.Days()}
}

// Day writes a day as YYYY-MM-DD.
func Day(t time.Time) string { return t.Format(time.DateOnly) }

// Truncated says what a result left out to stay within its budget, and how to
// see it.
type Truncated struct {
	Dropped int    `json:"dropped"` // rows left out
	What    string `json:"what"`
	How     string `json:"how"`
}
