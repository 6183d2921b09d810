package checkfeeds

import (
	"fmt"
	"strings"

	"loyaltymcp/tools/run"
)

// Result is what check_feeds finds.
type Result struct {
	Program     string           `json:"program"`
	Engine      string           `json:"engine"`
	Verdict     string           `json:"verdict"`
	Feeds       []Feed           `json:"feeds"`
	Findings    []Finding        `json:"findings"`
	Unavailable []UnavailableKPI `json:"unavailable_kpis"`
	Truncated   *run.Truncated   `json:"truncated,omitempty"`
	Next        string           `json:"next"`
}

// Feed is one feed of the contract as the operator mapped it.
type Feed struct {
	Feed    string   `json:"feed"`
	Status  string   `json:"status"` // ok, empty or unmapped
	Rows    *int64   `json:"rows"`   // that count
	First   string   `json:"first,omitempty"`
	Last    string   `json:"last,omitempty"`
	Columns []string `json:"columns"`
	Missing []string `json:"missing,omitempty"` // optional columns that the source lacks
}

// Finding is one way in which the data break the contract.
type Finding struct {
	ID        string `json:"id"`
	Feed      string `json:"feed"`
	Severity  string `json:"severity"` // error, warning or info
	Count     int64  `json:"count"`
	Says      string `json:"says"`
	Endangers string `json:"endangers"`
}

// UnavailableKPI is a KPI that the mapping can't carry, and why.
type UnavailableKPI struct {
	KPI    string `json:"kpi"`
	Reason string `json:"reason"`
}

// Caveats says, for the readers of a run, what in the data endangers its
// figures: the errors and warnings.
func (r *Result) Caveats() []string {
	var out []string
	for _, f := range r.Findings {
		if f.Severity != "info" {
			out = append(out, fmt.Sprintf("Data (%s): %s Endangers %s.", f.Feed, f.Says, f.Endangers))
		}
	}
	return out
}

// Trim implements tools.Trimmer: the columns of the feeds go first.
func (r *Result) Trim() bool {
	for i := range r.Feeds {
		if len(r.Feeds[i].Columns) > 0 {
			r.Feeds[i].Columns = nil
			if r.Truncated == nil {
				r.Truncated = &run.Truncated{What: "column lists of feeds", How: "loyalty-mcp check prints all"}
			}
			r.Truncated.Dropped++
			return true
		}
	}
	return false
}

// Markdown implements tools.View.
func (r *Result) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s** (%s). %s\n\n| feed | status | rows | from | to |\n|---|---|---|---|---|\n", run.Cell(r.Program), r.Engine, r.Verdict)
	for _, f := range r.Feeds {
		rows := ""
		if f.Rows != nil {
			rows = fmt.Sprint(*f.Rows)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", f.Feed, f.Status, rows, f.First, f.Last)
	}
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "\n- **%s** %s: %s Endangers %s.", f.Severity, f.Feed, f.Says, f.Endangers)
	}
	for _, u := range r.Unavailable {
		fmt.Fprintf(&b, "\n- %s is unavailable: %s", u.KPI, u.Reason)
	}
	fmt.Fprintf(&b, "\n\n%s\n", r.Next)
	return b.String()
}
