package basis

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// definitions adds the metrics that came, went or are defined otherwise:
// definitions first, then variants.
func (c *comparison) definitions() {
	pairs(c.before.Definitions, c.after.Definitions, func(d Definition) string { return d.ID }, func(id string, before, after *Definition) {
		switch {
		case before == nil:
			c.differ(OfDefinition, id, "", after.whole(), []string{id})
		case after == nil:
			c.differ(OfDefinition, id, before.whole(), "", []string{id})
		case before.Hash != after.Hash:
			what := OfDefinition
			if before.told() && after.told() && before.Variant != after.Variant {
				what = OfVariant
			}
			was, is := before.against(*after, what == OfVariant)
			c.differ(what, id, was, is, []string{id})
		}
	})
	slices.SortStableFunc(c.out, func(a, b Change) int { return cmp.Compare(a.rank(), b.rank()) })
}

// rank orders definitions before variants.
func (c Change) rank() int {
	if c.What == OfDefinition {
		return 0
	}
	return 1
}

// whole returns the definition in one line.
func (d Definition) whole() string {
	var says []string
	for _, p := range d.parts() {
		if p.text != "" {
			says = append(says, p.name+": "+p.text)
		}
	}
	return d.line(says)
}

// line writes parts of the definition after its reference.
func (d Definition) line(says []string) string {
	ref := d.ID + "@" + d.Hash
	if len(says) == 0 {
		return ref
	}
	return ref + " " + strings.Join(says, "; ")
}

// against returns what two definitions of a metric say differently.
func (d Definition) against(o Definition, variants bool) (before, after string) {
	var was, is []string
	add := func(name, before, after string) {
		if before != after {
			was, is = append(was, name+": "+cmp.Or(before, "none")), append(is, name+": "+cmp.Or(after, "none"))
		}
	}
	if variants {
		add("variant", cmp.Or(d.Variant, own), cmp.Or(o.Variant, own))
	}
	others := o.parts()
	for i, p := range d.parts() {
		if d.told() && o.told() {
			add(p.name, p.text, others[i].text)
		}
	}
	return d.line(was), o.line(is)
}

// told reports whether more than the definition's hash is known.
func (d Definition) told() bool { return d.Kind != "" }

// own is what the catalogue's own formula is called among variants.
const own = "the catalogue's own"

// part is a part of a definition, for people.
type part struct{ name, text string }

// parts returns what the definition says, in reading order.
func (d Definition) parts() []part {
	days := func(n int) string {
		if n == 0 {
			return ""
		}
		return fmt.Sprintf("%d days", n)
	}
	return []part{{"kind", d.Kind}, {"unit", d.Unit}, {"numerator", d.Numerator}, {"denominator", d.Denominator},
		{"n", d.N}, {"interval", d.Interval}, {"horizon", days(d.Horizon)}, {"lookback", days(d.Lookback)}, {"change", d.Change},
		{"daily", d.Daily}, {"better", d.Better}, {"definition", d.Text}}
}
