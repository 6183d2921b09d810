package renderdashboard

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"reflect"
	"strings"
	"unicode"

	"loyaltymcp/tools/run"
)

//go:embed page.html.tmpl
var layout string

//go:embed style.css
var style string

//go:embed script.js
var script string

// Most is how many bytes a dashboard has at most.
const Most = 1_000_000

// firstRoom is how many bytes drilldowns may take at first.
const firstRoom = 650_000

// SectionStatus says whether a section of the dashboard has something to show.
type SectionStatus struct {
	ID     string `json:"id"`
	Status string `json:"status"`           // shown or missing
	Reason string `json:"reason,omitempty"` // why it is missing
}

// render makes the page. One that is too large is made again with less room for
// drilldowns, until it fits.
func render(f *findings) ([]byte, []SectionStatus, error) {
	for room := firstRoom; ; room /= 2 {
		text, sections, err := once(f, room)
		if err != nil {
			return nil, nil, err
		}
		if len(text) <= Most {
			return text, sections, nil
		}
		if room == 0 {
			return nil, nil, fmt.Errorf("the dashboard of %s has %d bytes, more than %d, without any drilldown", f.run.ID, len(text), Most)
		}
	}
}

// once makes the page with so many bytes for drilldowns.
func once(f *findings, room int) ([]byte, []SectionStatus, error) {
	p := newPainter(f, room)
	head := f.run.Head()
	out := page{Title: "Loyalty dashboard: " + head.Program, Program: head.Program, Status: p.status(), Verdicts: p.verdicts(),
		Made: f.desk.Now().In(f.desk.Config.Zone()).Format("2006-01-02 15:04 MST"), Style: template.CSS(style), Script: template.JS(script), Policy: policy()}
	out.Group, out.Decimal = p.numbers.Marks()
	out.Facts = []fact{{Name: "Window", Value: head.Window.Start + " to " + head.Window.End + " (end exclusive, " + num(head.Window.Days) + " days)"}, {Name: "As of", Value: head.AsOf},
		{Name: "Time zone", Value: head.Zone}, {Name: "Currency", Value: head.Currency}, {Name: "Run", Value: head.RunID}}
	if f.plan != nil {
		out.Facts = append(out.Facts, fact{Name: "Plan", Value: out.Status.Plan + " (" + out.Status.State + ")"})
	}
	if len(f.run.Filters) > 0 {
		out.Facts = append(out.Facts, fact{Name: "Only", Value: f.run.Filters.String()})
	}
	for _, paint := range []struct {
		id, title string
		section   func() section
	}{
		{"kpis", "Headline KPIs", p.overview}, {"trends", "KPI trends", p.trends}, {"risks", "Risks and opportunities", p.risks}, {"backlog", "Backlog", p.backlog},
		{"tiers", "Tier mix and migration", p.tiers}, {"liability", "Point liability", p.liability}, {"breakage", "Breakage", p.breakage}, {"retention", "Retention and churn", p.retention},
		{"segments", "Segments and value at stake", p.segments}, {"experiments", "Experiments", p.readouts}, {"drilldowns", "Drilldowns and drivers", p.drilldowns},
		{"record", "Escalations, approvals and change log", p.record}, {"quality", "Data quality and caveats", p.quality},
	} {
		out.Sections = append(out.Sections, p.protect(paint.id, paint.title, paint.section))
	}
	var sections []SectionStatus
	for _, s := range out.Sections {
		level(s.Blocks, 3)
		status := SectionStatus{ID: s.ID, Status: "shown"}
		if s.Missing != "" {
			status.Status, status.Reason = "missing", s.Missing
		}
		sections = append(sections, status)
	}
	t, err := template.New("page").Parse(layout)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the dashboard's template: %w", err)
	}
	whole := struct {
		page
		Tips []tip
	}{out, p.tips.list}
	localize(reflect.ValueOf(&whole), p.numbers)
	var b bytes.Buffer
	if err := t.Execute(&b, whole); err != nil {
		return nil, nil, fmt.Errorf("rendering the dashboard of %s: %w", f.run.ID, err)
	}
	return clean(b.Bytes()), sections, nil
}

// clean makes the page valid text: data may hold broken characters and controls.
func clean(text []byte) []byte {
	return bytes.Map(func(c rune) rune {
		if unicode.IsControl(c) && c != '\n' && c != '\t' {
			return ' '
		}
		return c // a broken byte comes as U+FFFD
	}, text)
}

// protect keeps a section that panics from taking the page with it: it is tried
// as often as a chart, and then stands as missing.
func (p *painter) protect(id, title string, paint func() section) (out section) {
	var failure any
	for range attempts {
		func() {
			defer func() {
				if failure = recover(); failure != nil {
					out = section{ID: id, Title: title, Missing: "It could not be made. This is a defect of the program; the stage's own result has all of it."}
				}
			}()
			out = paint()
		}()
		if failure == nil {
			return out
		}
	}
	if p.desk.Log != nil {
		p.desk.Log.Error("a section of the dashboard failed", "section", id, "error", failure)
	}
	return out
}

// verdicts are what the stages say in a sentence.
func (p *painter) verdicts() (lines []string) {
	for _, s := range []struct {
		has  bool
		says func() string
	}{
		{p.metrics != nil, func() string { return p.metrics.Verdict }}, {p.health != nil, func() string { return p.health.Verdict }},
		{p.insights != nil, func() string { return p.insights.Verdict }}, {p.experiments != nil, func() string { return p.experiments.Verdict }},
	} {
		if s.has {
			lines = append(lines, s.says())
		}
	}
	return lines
}

// policy forbids the page everything but its own style and script.
func policy() string {
	return fmt.Sprintf("default-src 'none'; style-src '%s'; script-src '%s'; img-src data:; base-uri 'none'; form-action 'none'", digest(style), digest(script))
}

// digest is the hash of a text as a policy names it.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// FileName is the name of a run's dashboard.
func FileName(r *run.Run) string { return "dashboard-" + strings.TrimSuffix(r.ID, ".html") + ".html" }
