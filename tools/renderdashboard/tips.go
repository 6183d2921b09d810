package renderdashboard

import (
	"fmt"
	"html/template"
	"strings"

	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
)

// tips are the definitions that the page explains, each once: a figure links to
// its definition, and a script shows it beside the figure on hover and on focus.
type tips struct {
	seen map[string]bool
	list []tip
}

// tip is one definition.
type tip struct{ ID, Term, Text string }

// add keeps a definition and returns its id. An id that is there already stays as
// it is.
func (t *tips) add(key, term, text string) string {
	id := "d-" + slug(key)
	if text == "" {
		return ""
	}
	if t.seen == nil {
		t.seen = map[string]bool{}
	}
	if !t.seen[id] {
		t.seen[id] = true
		t.list = append(t.list, tip{id, term, text})
	}
	return id
}

// slug makes an id of a name: small letters, digits and a few signs. Where that
// loses something a hash stands for the whole name.
func slug(name string) string {
	var b strings.Builder
	plain := true
	for _, c := range name {
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '_', c == '-':
			b.WriteRune(c)
		case c == '/':
			b.WriteByte('.')
		case c == ',':
			b.WriteByte(':')
		default:
			plain = false
		}
	}
	if !plain {
		return fmt.Sprintf("%.40s-%08x", b.String(), hash(name))
	}
	return b.String()
}

// hash is FNV-1a.
func hash(text string) uint32 {
	h := uint32(2166136261)
	for i := range len(text) {
		h = (h ^ uint32(text[i])) * 16777619
	}
	return h
}

// bracketed sets an expression of several terms apart from what it is divided by.
func bracketed(expression string) string {
	for _, sign := range []string{" + ", " - ", " * "} {
		if strings.Contains(expression, sign) {
			return "(" + expression + ")"
		}
	}
	return expression
}

// define says what a KPI is, by the definition that the run computed it by.
func (p *painter) define(id, label, ref string, feeds []string) string {
	if known := "d-" + slug(id); p.tips.seen[known] {
		return known // explaining one takes its time
	}
	var text strings.Builder
	d, ok := p.desk.Metrics.Find(id)
	if ok && d.Ref() == ref {
		if e, err := d.Explain(); err == nil {
			fmt.Fprintf(&text, "%s, %s is better. ", kinds[e.Kind], e.Better)
			if e.Denominator == "" {
				text.WriteString(e.Numerator)
			} else {
				text.WriteString(bracketed(e.Numerator) + " / " + bracketed(e.Denominator))
			}
			if e.Horizon > 0 {
				fmt.Fprintf(&text, "; of those watched for %d days", e.Horizon)
			}
			if e.Lookback > 0 {
				fmt.Fprintf(&text, "; over the last %d days", e.Lookback)
			}
			if e.Interval != "" && e.Interval != metric.None {
				fmt.Fprintf(&text, "; interval of 95 %% by %s", e.Interval)
			}
			text.WriteString(". ")
		}
	}
	text.WriteString("Definition " + ref)
	if len(feeds) > 0 {
		text.WriteString(", from " + strings.Join(feeds, ", "))
	}
	text.WriteString(". Data point metrics/" + id + ".")
	return p.tips.add(id, label, text.String())
}

var kinds = map[metric.Kind]string{
	metric.Flow:   "Sum over the window",
	metric.Stock:  "Level at the end of the window",
	metric.Ratio:  "Ratio of sums over the window",
	metric.Cohort: "Share of those whose time to be watched is complete",
}

// figure says what a plain figure is.
func (p *painter) figure(f run.Figure, basis string) string {
	text := "Data point " + f.Point + "."
	if f.N != nil {
		n := float64(*f.N)
		text = fmt.Sprintf("Of %s units. ", run.Show(&n, metric.Count, "")) + text
	}
	if basis != "" {
		text = strings.TrimSuffix(basis, ".") + ". " + text
	}
	return p.tips.add(f.Point, f.Label, f.Label+". "+text)
}

// safe marks markup that this package has put together and escaped itself.
func safe(b *strings.Builder) template.HTML { return template.HTML(b.String()) }
