package report

import (
	"fmt"
	"io"
	"strings"

	"loyaltymcp/tools/checkfeeds"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse/propose"
)

// Proposal is what init found and did.
type Proposal struct {
	Proposal *propose.Proposal
	Options  propose.Options
	Source   string
	Tables   int                // looked at
	Check    *checkfeeds.Result // of the file; nil where it could not be checked
	Problem  string             // why not
	File     string             // "-" when it was printed
}

// Write writes the report.
func (r Proposal) Write(w io.Writer) error {
	p := &page{}
	shape := r.Proposal.Shape
	fmt.Fprintf(p, "%s looks like %s (%s).\n", r.Source, shape, r.Proposal.Confidence)
	for _, other := range r.Proposal.Others {
		p.paragraph("", "Also seen: "+other+".")
	}
	p.section("Feeds")
	rows := []string{"feed\tfrom\thow sure\trows\tnot found"}
	var without, absent []string
	for _, f := range r.Proposal.Feeds {
		switch {
		case f.Mapped():
		case f.Name == "points_monthly" && r.Proposal.Feed("points").Mapped():
			continue // the lines serve better
		case f.Why == propose.Nothing:
			absent = append(absent, f.Name)
			continue
		default:
			without = append(without, f.Name+"\t"+propose.Show(f.Why))
			continue
		}
		var tables []string
		for _, t := range f.From {
			tables = append(tables, propose.Show(t.String()))
		}
		rows = append(rows, strings.Join([]string{f.Name, strings.Join(tables, ", "), f.Confidence.String(), r.rows(f.Name), strings.Join(f.Missing, ", ")}, "\t"))
	}
	p.table(rows)
	if len(without)+len(absent) > 0 {
		p.section("Not mapped; the file says what they need")
		p.table(without)
		if len(absent) > 0 {
			p.paragraph("  ", propose.Nothing+": "+strings.Join(absent, ", ")+".")
		}
	}
	r.look(p)
	if r.Check != nil {
		p.section("Check")
		p.paragraph("  ", r.Check.Verdict)
		for _, f := range r.Check.Findings {
			if f.Severity == "error" {
				p.paragraph("  ", "ERROR "+f.Feed+": "+f.Says)
			}
		}
	}
	r.next(p)
	_, err := w.Write(p.Bytes())
	return err
}

func (r Proposal) rows(feed string) string {
	if r.Check == nil {
		return "?"
	}
	for _, f := range r.Check.Feeds {
		if f.Feed == feed && f.Rows != nil {
			n := float64(*f.Rows)
			return run.Show(&n, metric.Count, "")
		}
		if f.Feed == feed {
			return f.Status
		}
	}
	return ""
}

// look lists what a person must decide.
func (r Proposal) look(p *page) {
	p.section("For you to look at")
	if r.Options.Name == "" {
		p.paragraph("  ", "program.name: fill it in (or --name).")
	}
	switch c := r.Proposal.Currency; {
	case r.Options.Currency != "":
	case c.Code != "":
		p.paragraph("  ", fmt.Sprintf("program.currency: %s, %s.", c.Code, propose.Show(c.Note)))
	case c.Note != "":
		p.paragraph("  ", "program.currency: fill it in. "+propose.Show(c.Note)+".")
	default:
		p.paragraph("  ", "program.currency: fill it in (or --currency).")
	}
	if r.Options.TimeZone == "" {
		p.paragraph("  ", "program.time_zone: UTC until you fill it in (or --time-zone).")
	}
	p.paragraph("  ", "program.point_value, cost_per_point: only you know them; without them the liability is unknown.")
	for _, f := range r.Proposal.Feeds {
		for _, note := range f.Notes {
			p.paragraph("  ", f.Name+": "+propose.Show(note))
		}
	}
	if n := len(r.Proposal.Denied); n > 0 {
		p.paragraph("  ", fmt.Sprintf("%d tables may not be read by this role and were skipped; the file names them.", n))
	}
}

func (r Proposal) next(p *page) {
	file := r.File
	if file == "-" {
		file = "FILE"
		fmt.Fprint(p, "\nNothing was written.\n")
	} else {
		fmt.Fprintf(p, "\nWrote %s.\n", file)
	}
	if r.Problem != "" {
		p.paragraph("", "It could not be checked to the end: "+r.Problem)
	}
	if !r.Proposal.Feed("members").Mapped() {
		p.paragraph("", "Without members nothing can be computed: map them in the file first. The comment there says what they need.")
		return
	}
	p.paragraph("", "Next: read the file, then loyalty-mcp check --config "+file)
}
