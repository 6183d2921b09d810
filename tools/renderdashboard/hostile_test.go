package renderdashboard

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"strings"
	"testing"

	"loyaltymcp/tools/pullmetrics"
)

// everyText changes every text of the findings.
func everyText(f *findings, change func(string) string) {
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer, reflect.Interface:
			if !v.IsNil() {
				walk(v.Elem())
			}
		case reflect.Struct:
			for i := range v.NumField() {
				if v.Type().Field(i).IsExported() {
					walk(v.Field(i))
				}
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		case reflect.String:
			if v.CanSet() && v.String() != "" {
				v.SetString(change(v.String()))
			}
		}
	}
	for _, part := range []any{f.run, f.metrics, f.health, f.insights, f.experiments, f.plan} {
		walk(reflect.ValueOf(part))
	}
}

// safeMarkup checks that a page has no tag and no attribute that it shouldn't.
func safeMarkup(t *testing.T, page []byte) {
	t.Helper()
	text := strings.Replace(strings.Replace(string(page), script, "", 1), style, "", 1)
	allowed := map[string]bool{}
	for _, tag := range strings.Fields("html head meta title style body a header div p h1 h2 h3 h4 h5 bdi button dl dt dd strong ul li b nav main section details summary span svg desc g path rect line circle text figure figcaption table caption thead tbody tr th td small footer script") {
		allowed[tag] = true
	}
	d := xml.NewDecoder(strings.NewReader(text))
	d.Strict = false
	d.AutoClose = xml.HTMLAutoClose
	d.Entity = xml.HTMLEntity
	scripts := 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("the page can't be read: %v", err)
		}
		tag, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		if !allowed[tag.Name.Local] {
			t.Errorf("the page has a <%s>", tag.Name.Local)
		}
		if tag.Name.Local == "script" {
			scripts++
		}
		for _, a := range tag.Attr {
			if strings.HasPrefix(strings.ToLower(a.Name.Local), "on") || a.Name.Local == "style" || a.Name.Local == "src" ||
				a.Name.Local == "href" && !strings.HasPrefix(a.Value, "#") {
				t.Errorf("a <%s> has %s=%q", tag.Name.Local, a.Name.Local, a.Value)
			}
		}
	}
	if scripts != 1 {
		t.Errorf("the page has %d scripts, want 1", scripts)
	}
}

func TestTextFromTheDataStaysText(t *testing.T) {
	for _, payload := range []string{
		"<script>alert(1)</script>", `"><img src=x onerror=alert(2)>`, "'><svg onload=alert(3)>", "</title></style></script><script>alert(4)</script>",
		"javascript:alert(5)", "{{.}}", "<!--", "]]>", "&lt;script&gt;", "`${alert(6)}`", "\u202e\u2066x", "</bdi></table>",
	} {
		t.Run(payload, func(t *testing.T) {
			f := demoRun(t)
			everyText(f, func(s string) string { return s + payload })
			page := mustRender(t, f)
			safeMarkup(t, page)
			if !strings.Contains(textOf(strings.Replace(string(page), script, "", 1)), payload) && !strings.ContainsAny(payload, "<\u202e") {
				t.Error("the text itself is lost")
			}
		})
	}
}

func TestNamesOfAllScripts(t *testing.T) {
	for name, text := range map[string]string{
		"long": strings.Repeat("a very long name ", 30), "unbroken": strings.Repeat("x", 500), "arabic": strings.Repeat("برنامج الولاء ", 12),
		"thai": strings.Repeat("โปรแกรมสมาชิก", 12), "emoji": strings.Repeat("👩‍👩‍👧‍👦🎁", 12), "broken": "\xff\xfe\x00", "empty": "",
	} {
		t.Run(name, func(t *testing.T) {
			f := demoRun(t)
			for i := range f.experiments.Experiments {
				f.experiments.Experiments[i].Name = text
			}
			for i := range f.health.TierMix.Tiers {
				f.health.TierMix.Tiers[i].Tier = text
			}
			for i := range f.insights.Segments {
				f.insights.Segments[i].Label = text
			}
			for i := range f.metrics.Drivers {
				for j := range f.metrics.Drivers[i].Cells {
					f.metrics.Drivers[i].Cells[j].Cell = text
				}
			}
			f.run.Program = text
			p := newPainter(f, firstRoom)
			p.drilldowns()
			p.tiers()
			p.segments()
			p.readouts()
			if len(p.failed) > 0 {
				t.Errorf("charts failed: %v", p.failed)
			}
			safeMarkup(t, mustRender(t, f))
		})
	}
}

func TestManyRegions(t *testing.T) {
	for _, name := range []string{"region %d", "منطقة المبيعات الكبرى رقم %d في الشمال الشرقي من البلاد كلها", "<b>\"&'</b><b>\"&'</b><b>\"&'</b><b>\"&'</b> %d"} {
		f := demoRun(t)
		for i := range f.metrics.Breakdowns {
			b := &f.metrics.Breakdowns[i]
			if b.Dimension != "region" {
				continue
			}
			cell := b.Cells[0]
			b.Cells = nil
			for n := range 1000 {
				c := cell
				c.Cell = fmt.Sprintf(name, n)
				b.Cells = append(b.Cells, c)
			}
		}
		page := string(mustRender(t, f))
		if !strings.Contains(page, "more rows are not shown here") {
			t.Error("the page doesn't say that rows are left out")
		}
		if len(page) > Most {
			t.Errorf("%d bytes, want at most %d", len(page), Most)
		}
	}
}

func TestManyOfEverything(t *testing.T) {
	f := demoRun(t)
	for len(f.experiments.Experiments) < 300 {
		f.experiments.Experiments = append(f.experiments.Experiments, f.experiments.Experiments...)
	}
	for len(f.insights.Segments) < 100 {
		f.insights.Segments = append(f.insights.Segments, f.insights.Segments...)
	}
	for len(f.plan.Backlog) < 300 {
		f.plan.Backlog = append(f.plan.Backlog, f.plan.Backlog...)
	}
	for len(f.health.TierMix.Tiers) < 200 {
		f.health.TierMix.Tiers = append(f.health.TierMix.Tiers, f.health.TierMix.Tiers...)
	}
	mustRender(t, f)
}

func TestMissingStages(t *testing.T) {
	for _, c := range []struct {
		name    string
		drop    func(f *findings)
		missing []string
	}{
		{"no metrics", func(f *findings) { f.metrics = nil }, []string{"kpis", "trends", "drilldowns"}},
		{"no health", func(f *findings) { f.health = nil }, []string{"tiers", "liability", "breakage", "retention"}},
		{"no insights", func(f *findings) { f.insights = nil }, []string{"segments"}},
		{"no review", func(f *findings) { f.experiments = nil }, []string{"experiments"}},
		{"no experiments", func(f *findings) { f.experiments.Experiments = nil }, []string{"experiments"}},
		{"no plan", func(f *findings) { f.plan, f.unplanned = nil, "No plan of this run was written." }, []string{"backlog", "record"}},
		{"nothing", func(f *findings) {
			f.metrics, f.health, f.insights, f.experiments, f.plan, f.unplanned = nil, nil, nil, nil, nil, "No plan."
		}, []string{"kpis", "trends", "risks", "backlog", "tiers", "liability", "breakage", "retention", "segments", "experiments", "drilldowns", "record"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := demoRun(t)
			c.drop(f)
			text, sections, err := render(f)
			if err != nil {
				t.Fatal(err)
			}
			var missing []string
			for _, s := range sections {
				if s.Status == "missing" {
					missing = append(missing, s.ID)
					if s.Reason == "" || !strings.Contains(textOf(string(text)), s.Reason) {
						t.Errorf("the page doesn't say why %s is missing: %q", s.ID, s.Reason)
					}
				}
			}
			if got, want := strings.Join(missing, " "), strings.Join(c.missing, " "); got != want {
				t.Errorf("missing %s, want %s", got, want)
			}
			safeMarkup(t, text)
		})
	}
}

func TestEmptyResults(t *testing.T) {
	f := demoRun(t)
	f.metrics = &pullmetrics.Result{KPIs: []pullmetrics.KPI{{ID: "revenue", Label: "Member net sales", Unit: "money", Headline: true, Reason: "no orders"}}, Series: []pullmetrics.Series{{KPI: "revenue", Start: "2026-06-01", Step: 1, Values: []*float64{nil, nil}}}}
	page := string(mustRender(t, f))
	for _, want := range []string{"no orders", "nothing to draw"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page doesn't say %q", want)
		}
	}
	f.health.TierMix.Status, f.health.TierMix.Reason = "unavailable", "there are no tiers"
	if got := statusOf(t, f, "tiers"); got.Status != "missing" || got.Reason != "there are no tiers" {
		t.Errorf("the tiers are %+v, want missing with the reason", got)
	}
}

func TestChartThatFailsLeavesItsTable(t *testing.T) {
	f := demoRun(t)
	for name, paint := range map[string]func(*canvas) error{
		"panic": func(*canvas) error { panic("no") }, "error": func(*canvas) error { return errors.New("no") },
		"no number": func(c *canvas) error { c.line("x", 0, 0, 1, math.NaN()); return nil },
	} {
		p, tries := newPainter(f, 0), 0
		c := p.draw("A chart", "", tall, nil, p.table("A table", text("a")), func(c *canvas) error { tries++; return paint(c) })
		if tries != attempts || c.Failed == "" || c.SVG != "" || c.Table == nil {
			t.Errorf("%s: %d tries, failed %q, want %d and a table with a note", name, tries, c.Failed, attempts)
		}
	}
	p, tries := newPainter(f, 0), 0
	c := p.draw("A chart", "", tall, nil, nil, func(*canvas) error {
		if tries++; tries < attempts {
			panic("not yet")
		}
		return nil
	})
	if c.Failed != "" || c.SVG == "" {
		t.Error("a chart that is drawn in the end counts as failed")
	}
	s := p.protect("x", "X", func() section { panic("no") })
	if s.ID != "x" || s.Missing == "" {
		t.Errorf("a section that panics is %+v, want it missing", s)
	}
}

func TestSuppressedEffectsArePooled(t *testing.T) {
	f := demoRun(t)
	p := newPainter(f, 0)
	for _, d := range f.metrics.Drivers {
		sum, want := 0.0, 0.0
		for _, e := range p.open(d) {
			sum += e.Total
		}
		for _, e := range d.Cells {
			want += e.Total
		}
		if diff := sum - want; diff > 1e-6 || diff < -1e-6 {
			t.Errorf("%s by %s: effects add up to %g, want %g", d.KPI, d.Dimension, sum, want)
		}
	}
	one := 0.1
	f.metrics = &pullmetrics.Result{Breakdowns: []pullmetrics.Breakdown{{KPI: "csat", Dimension: "region", Cells: []pullmetrics.Cell{{Cell: "North", Value: &one}, {Cell: "West", Suppressed: true}, {Cell: "South", Value: &one}}}}}
	p = newPainter(f, 0)
	got := p.open(pullmetrics.Driver{KPI: "csat", Dimension: "region", Cells: []pullmetrics.Effect{{Cell: "North", Total: 3}, {Cell: "West", Total: 2}, {Cell: "South", Total: 1}}})
	if len(got) != 2 || got[0].Cell != "North" || got[1].Cell != pooled || got[1].Total != 3 {
		t.Errorf("effects are %+v, want North and the rest pooled", got)
	}
}
