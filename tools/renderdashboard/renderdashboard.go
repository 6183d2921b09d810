// Package renderdashboard writes what a run found as one self-contained HTML file
// for people: no network, no foreign script, to be opened from disk.
//
// Its charts are SVG of our own. A plotting library's would not do here: gonum/plot
// writes colours and sizes into style attributes, which the page's policy forbids,
// which no theme can change, and which no pointer or arrow key can ask for a figure.
// The pictures for places that show no pages are gonum/plot's; see package pictures.
//
// Words are English. Numbers are written in the program's locale, in one place, when
// the page is done; see localize.
package renderdashboard

import (
	"context"
	_ "embed"
	"fmt"
	"strings"

	"loyaltymcp/schemas"
	"loyaltymcp/tools"
	"loyaltymcp/tools/run"
)

// Name is the tool's name.
const Name = "render_dashboard"

//go:embed description.md
var description string

// Args are the tool's arguments.
type Args struct {
	RunID  string `json:"run_id"`
	Images bool   `json:"images"` // attach pictures, for clients that show no pages
}

// Result is where the dashboard is and what it shows.
type Result struct {
	RunID     string          `json:"run_id"`
	Path      string          `json:"path"`
	Bytes     int             `json:"bytes"`
	Sections  []SectionStatus `json:"sections"`
	Verdict   string          `json:"verdict"`
	Truncated *run.Truncated  `json:"truncated,omitempty"`
	Next      string          `json:"next"`

	pictures []tools.Picture
}

// Tool returns the render_dashboard tool.
func Tool(set *schemas.Set, open run.Opener) (tools.Tool, error) {
	spec := tools.Spec{Name: Name, Title: "Render the dashboard", Description: description, Hints: tools.Hints{Idempotent: true}}
	return tools.Define(set, spec, func(ctx context.Context, args Args) (*Result, error) {
		d, err := open(ctx)
		if err != nil {
			return nil, err
		}
		out, err := Do(d, set, args.RunID)
		if err != nil {
			return nil, err
		}
		if args.Images {
			f, err := load(d, set, args.RunID)
			if err != nil {
				return nil, err
			}
			var failed []string
			if out.pictures, failed = illustrate(f); len(failed) > 0 {
				out.Verdict += " Without pictures: " + strings.Join(failed, ", ") + "."
			}
		}
		return out, tools.Fit(out, false)
	})
}

// Do renders the dashboard of a run and writes it into the folder of the plans,
// in place of an earlier one.
func Do(d *run.Desk, set *schemas.Set, id string) (*Result, error) {
	text, sections, f, err := made(d, set, id)
	if err != nil {
		return nil, err
	}
	path, err := write(d.Plans, FileName(f.run), text)
	if err != nil {
		return nil, err
	}
	out := &Result{RunID: id, Path: path, Bytes: len(text), Sections: sections, Next: "Give people the file, or open it in a browser. It needs no network."}
	missing := 0
	for _, s := range sections {
		if s.Status != "shown" {
			missing++
		}
	}
	out.Verdict = fmt.Sprintf("The dashboard shows %d of %d sections.", len(sections)-missing, len(sections))
	if status := newPainter(f, 0).status(); status.Held {
		out.Verdict += " " + status.Says
		out.Next = "Share it only once review_plan finds no check open; then render it again."
	}
	return out, nil
}

// HTML renders the dashboard of a run without writing it.
func HTML(d *run.Desk, set *schemas.Set, id string) ([]byte, error) {
	text, _, _, err := made(d, set, id)
	return text, err
}

func made(d *run.Desk, set *schemas.Set, id string) ([]byte, []SectionStatus, *findings, error) {
	f, err := load(d, set, id)
	if err != nil {
		return nil, nil, nil, err
	}
	text, sections, err := render(f)
	return text, sections, f, err
}

// Attachments implements tools.Attachments: the page itself, for clients that show
// resources.
func (r *Result) Attachments() tools.Attached {
	return tools.Attached{Pictures: r.pictures, Links: []tools.Link{{URI: "run://" + r.RunID + "/dashboard", Name: "dashboard", MIME: "text/html"}}}
}

// Trim implements tools.Trimmer: long reasons go.
func (r *Result) Trim() bool {
	for i := range r.Sections {
		if s := &r.Sections[i]; len(s.Reason) > 60 {
			if r.Truncated == nil {
				r.Truncated = &run.Truncated{What: "reasons", How: "the dashboard itself"}
			}
			s.Reason = run.Clean(s.Reason, 20)
			r.Truncated.Dropped++
			return true
		}
	}
	return false
}

// Markdown implements tools.View.
func (r *Result) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\nDashboard: %s (%d bytes)\n", r.Verdict, r.Path, r.Bytes)
	for _, s := range r.Sections {
		if s.Status != "shown" {
			fmt.Fprintf(&b, "\n- %s is missing: %s", s.ID, run.Cell(s.Reason))
		}
	}
	fmt.Fprintf(&b, "\n\n%s\n", r.Next)
	return b.String()
}
