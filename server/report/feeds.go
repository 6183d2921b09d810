package report

import (
	"fmt"
	"io"
	"strings"

	"loyaltymcp/tools/checkfeeds"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
)

// severities are in the order in which people should read findings.
var severities = []struct{ id, title string }{
	{checkfeeds.Error, "ERRORS: sums or counts are wrong as they stand"},
	{checkfeeds.Warning, "WARNINGS: some members, days or breakdowns are wrong, or data are missing"},
	{checkfeeds.Info, "FOR INFORMATION: no figure suffers"},
}

// Feeds writes what check_feeds found. SaltFile is told beside hashed keys, so
// that the operator can find their rows.
func Feeds(w io.Writer, r *checkfeeds.Result, saltFile string) error {
	p := &page{}
	fmt.Fprintf(p, "%s (%s)\n%s\n", run.Clean(r.Program, 80), r.Engine, strings.Repeat("=", 78))
	p.paragraph("", r.Verdict)
	p.feedTable(r)
	for _, again := range r.Retries {
		p.paragraph("", "Done again: "+again.String()+".")
	}
	hashed := false
	for _, s := range severities {
		if r.Count(s.id) == 0 {
			continue
		}
		p.section(s.title)
		for _, f := range r.Findings {
			if f.Severity == s.id {
				p.finding(f)
				hashed = hashed || len(f.Samples) > 0
			}
		}
	}
	if len(r.Findings) == 0 {
		p.section("Nothing in the data breaks the contract.")
	}
	p.unavailable(r)
	if hashed {
		p.section("To find the row of a hashed key")
		p.paragraph("  ", "A hash is the first 12 digits of SHA-256 over the salt, the column's name, a colon and the key as text. Where SALT is the text in "+saltFile+
			", and the column is id, these conditions select the row, in DuckDB and in PostgreSQL:")
		fmt.Fprintf(p, "    left(sha256('SALT' || 'id:' || CAST(id AS text)), 12) = 'HASH'\n")
		fmt.Fprintf(p, "    left(encode(sha256(convert_to('SALT' || 'id:' || id::text, 'UTF8')), 'hex'), 12) = 'HASH'\n")
		p.paragraph("  ", "Keep the salt to yourself: with it the keys behind the hashes can be guessed.")
	}
	_, err := w.Write(p.Bytes())
	return err
}

// feedTable writes one line a feed; the unmapped ones share the last.
func (p *page) feedTable(r *checkfeeds.Result) {
	p.section("Feeds")
	rows := []string{"feed\trows\tfrom\tto\tfindings"}
	var unmapped []string
	for _, f := range r.Feeds {
		if f.Status == "unmapped" {
			unmapped = append(unmapped, f.Feed)
			continue
		}
		count := f.Status
		if f.Status == "ok" && f.Rows != nil {
			count = whole(*f.Rows)
		}
		rows = append(rows, strings.Join([]string{f.Feed, count, f.First, f.Last, marks(r, f.Feed)}, "\t"))
	}
	p.table(rows)
	if len(unmapped) > 0 {
		p.paragraph("  ", "Not mapped: "+strings.Join(unmapped, ", ")+".")
	}
	for _, f := range r.Feeds {
		if f.Status == "ok" && len(f.Missing) > 0 {
			p.paragraph("  ", "Columns that "+f.Feed+" lacks: "+strings.Join(f.Missing, ", ")+".")
		}
	}
}

// unavailable writes the KPIs that can't be computed, by reason.
func (p *page) unavailable(r *checkfeeds.Result) {
	if len(r.Unavailable) == 0 {
		return
	}
	p.section("KPIs that this mapping can't carry")
	var reasons []string
	kpis := map[string][]string{}
	for _, u := range r.Unavailable {
		if kpis[u.Reason] == nil {
			reasons = append(reasons, u.Reason)
		}
		kpis[u.Reason] = append(kpis[u.Reason], u.KPI)
	}
	for _, reason := range reasons {
		p.paragraph("  ", "As "+reason+": "+strings.Join(kpis[reason], ", ")+".")
	}
}

// marks counts a feed's findings by severity, as in "1 error, 2 warnings".
func marks(r *checkfeeds.Result, feed string) string {
	var parts []string
	for _, s := range severities {
		n := 0
		for _, f := range r.Findings {
			if f.Feed == feed && f.Severity == s.id {
				n++
			}
		}
		switch {
		case n == 1 || n > 1 && s.id == checkfeeds.Info:
			parts = append(parts, fmt.Sprintf("%d %s", n, s.id))
		case n > 1:
			parts = append(parts, fmt.Sprintf("%d %ss", n, s.id))
		}
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}

// finding writes one finding: what and how much on the first line, then what
// it means and what to do.
func (p *page) finding(f checkfeeds.Finding) {
	amount := whole(f.Count) + " " + unit(f)
	if f.Of > f.Count {
		amount = fmt.Sprintf("%s of %s %s", whole(f.Count), whole(f.Of), f.Unit)
		if f.Share != nil {
			amount += ", " + percent(*f.Share)
		}
	}
	line := fmt.Sprintf("  %s: %s (%s)", f.Feed, strings.ReplaceAll(f.ID, "_", " "), amount)
	switch {
	case f.From != "" && f.From == f.To:
		line += ", " + f.From
	case f.From != "":
		line += ", " + f.From + " to " + f.To
	}
	fmt.Fprintln(p, line)
	// The count stands in the line above already.
	says := f.Says
	if text, ok := strings.CutSuffix(says, fmt.Sprintf(": %d.", f.Count)); ok {
		says = text + "."
	}
	p.paragraph("      ", says)
	p.paragraph("      ", "Endangers "+f.Endangers+".")
	p.paragraph("      ", "Next: "+f.Next)
	if len(f.Samples) > 0 {
		p.paragraph("      ", "Hashed "+f.Key+": "+strings.Join(f.Samples, " "))
	}
}

// unit is what is counted, in the singular for one.
func unit(f checkfeeds.Finding) string {
	if f.Count == 1 {
		return strings.TrimSuffix(f.Unit, "s")
	}
	return f.Unit
}

// percent writes a share with as many digits as keep it from being 0.
func percent(share float64) string {
	switch {
	case share < 0.0001:
		return "under 0.01 %"
	case share < 0.1:
		return fmt.Sprintf("%.2f %%", share*100)
	}
	return fmt.Sprintf("%.1f %%", share*100)
}

func whole(n int64) string {
	x := float64(n)
	return run.Show(&x, metric.Count, "")
}
