package checkfeeds

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
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
	// Retries is what the check did again.
	Retries []warehouse.Retry `json:"retries,omitempty"`
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
	ID        string   `json:"id"`
	Feed      string   `json:"feed"`
	Severity  string   `json:"severity"` // error, warning or info
	Count     int64    `json:"count"`
	Unit      string   `json:"unit"`         // what is counted: rows, keys, members, days ...
	Of        int64    `json:"of,omitempty"` // how many of them were looked at, 0 where that means nothing
	Share     *float64 `json:"share,omitempty"`
	From      string   `json:"from,omitempty"` // first and last day concerned
	To        string   `json:"to,omitempty"`
	Key       string   `json:"key,omitempty"`     // the column of the samples
	Samples   []string `json:"samples,omitempty"` // keys of rows concerned, as salted hashes
	Says      string   `json:"says"`
	Endangers string   `json:"endangers"`
	Next      string   `json:"next"`
}

// Count returns how many findings have the severity.
func (r *Result) Count(severity string) (n int) {
	for _, f := range r.Findings {
		if f.Severity == severity {
			n++
		}
	}
	return n
}

// UnavailableKPI is a KPI that the mapping can't carry, and why.
type UnavailableKPI struct {
	KPI    string `json:"kpi"`
	Reason string `json:"reason"`
}

// mostCaveats bounds the caveats of a run: what matters most comes first.
const mostCaveats = 6

// Caveats says, for the readers of a run, what in the data endangers its
// figures: the errors and warnings.
func (r *Result) Caveats() []string {
	var out []string
	left := 0
	for _, f := range r.Findings {
		switch {
		case f.Severity == Info:
		case len(out) == mostCaveats:
			left++
		default:
			out = append(out, fmt.Sprintf("Data (%s): %s Endangers %s.", f.Feed, f.Says, f.Endangers))
		}
	}
	if left > 0 {
		out = append(out, fmt.Sprintf("Data: %d findings more; check_feeds lists them.", left))
	}
	return out
}

// Trim implements tools.Trimmer. What people can look up elsewhere goes first:
// column lists, sample keys, next steps of mere infos; then the reasons of
// unavailable KPIs, and at last the least severe findings.
func (r *Result) Trim() bool {
	for i := range r.Feeds {
		if len(r.Feeds[i].Columns) > 0 {
			r.Feeds[i].Columns = nil
			return r.dropped("column lists of feeds")
		}
	}
	for i := len(r.Findings) - 1; i >= 0; i-- {
		if len(r.Findings[i].Samples) > 0 {
			r.Findings[i].Key, r.Findings[i].Samples = "", nil
			return r.dropped("sample keys")
		}
	}
	if n := len(r.Findings) - 1; n >= 0 && r.Findings[n].Severity != Error {
		r.Findings = r.Findings[:n]
		return r.dropped("findings")
	}
	if n := len(r.Unavailable) - 1; n >= 0 {
		r.Unavailable = r.Unavailable[:n]
		return r.dropped("unavailable KPIs")
	}
	if n := len(r.Findings) - 1; n >= 0 {
		r.Findings = r.Findings[:n]
		return r.dropped("findings")
	}
	return false
}

// dropped counts what was trimmed.
func (r *Result) dropped(what string) bool {
	if r.Truncated == nil {
		r.Truncated = &run.Truncated{How: "loyalty-mcp check prints all"}
	}
	r.Truncated.Dropped++
	if !strings.Contains(r.Truncated.What, what) {
		r.Truncated.What = strings.TrimPrefix(r.Truncated.What+", "+what, ", ")
	}
	return true
}

// bySeverity puts errors first, and keeps the order of feeds otherwise.
func bySeverity(findings []Finding) {
	rank := map[string]int{Error: 0, Warning: 1, Info: 2}
	order := warehouse.FeedNames()
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Or(rank[a.Severity]-rank[b.Severity], slices.Index(order, a.Feed)-slices.Index(order, b.Feed))
	})
}

// share is n of m to four digits, but never 0 or 1 unless exactly so.
func share(n, m int64) *float64 {
	s := float64(n) / float64(m)
	rounded := math.Round(s*1e4) / 1e4
	if n > 0 && rounded == 0 || n < m && rounded == 1 {
		rounded = s
	}
	return &rounded
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
		fmt.Fprintf(&b, "\n- **%s** %s: %s Endangers %s. %s", f.Severity, f.Feed, f.Says, f.Endangers, f.Next)
	}
	for _, u := range r.Unavailable {
		fmt.Fprintf(&b, "\n- %s is unavailable: %s", u.KPI, u.Reason)
	}
	for _, again := range r.Retries {
		fmt.Fprintf(&b, "\n- done again: %s", again)
	}
	fmt.Fprintf(&b, "\n\n%s\n", r.Next)
	return b.String()
}
