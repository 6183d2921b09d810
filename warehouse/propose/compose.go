package propose

import (
	"fmt"
	"slices"
	"strings"

	"loyaltymcp/warehouse"
)

// aliases returns the joined roles that the text reads.
func (w *writer) aliases() []string {
	var used []string
	read := func(j join) bool {
		mark := j.alias + ".\""
		return slices.ContainsFunc(w.lines, func(l line) bool { return strings.Contains(l.text, mark) }) ||
			slices.ContainsFunc(w.conditions(), func(c string) bool { return strings.Contains(c, mark) })
	}
	for _, j := range w.recipe.joins {
		if w.scope.tables[j.alias] != nil && read(j) {
			used = append(used, j.alias)
		}
	}
	return used
}

// conditions returns those that resolve.
func (w *writer) conditions() []string {
	var out []string
	for _, condition := range w.recipe.where {
		if text, _, ok := w.scope.expand(condition, ""); ok {
			out = append(out, text)
		}
	}
	return out
}

// text writes the SELECT.
func (w *writer) text(lines []line) string {
	var b strings.Builder
	b.WriteString("SELECT ")
	for i, l := range lines {
		if i > 0 {
			b.WriteString("       ")
		}
		b.WriteString(l.text)
		if l.text != warehouse.Quote(l.to) {
			b.WriteString(" AS " + l.to)
		}
		if i < len(lines)-1 {
			b.WriteString(",")
		}
		if l.note != "" {
			b.WriteString(" -- " + l.note)
		}
		b.WriteString("\n")
	}
	b.WriteString("FROM " + relation(w.base.table))
	used := w.aliases()
	if w.scope.qualified {
		b.WriteString(" AS t")
	}
	for _, j := range w.recipe.joins {
		if j.on != "" && slices.Contains(used, j.alias) {
			on, _, _ := w.scope.expand(j.on, "")
			b.WriteString("\nLEFT JOIN " + relation(w.scope.tables[j.alias].table) + " AS " + j.alias + " ON " + on)
		}
	}
	if where := w.conditions(); len(where) > 0 {
		b.WriteString("\nWHERE " + strings.Join(where, "\n  AND "))
	}
	if w.recipe.group != "" {
		group, _, _ := w.scope.expand(w.recipe.group, w.idKind)
		b.WriteString("\nGROUP BY " + group)
	}
	return b.String()
}

func (w *writer) evidence() string {
	if w.shape.plain {
		named := 0
		for _, c := range w.contract.Columns {
			if w.base.has(plainName(c.Name)) {
				named++
			}
		}
		total := len(w.contract.Columns)
		return fmt.Sprintf("%d of %d columns found in %s, %d by the contract's names", total-len(w.feed.Missing), total, w.base.table, named)
	}
	return fmt.Sprintf("%d of %d expected columns of %s's %s in %s", w.base.hits, len(w.base.role.columns), w.shape.name, w.base.role.means, w.base.table)
}

// singleValue notes when a column that should have one value has several.
func (w *writer) singleValue(s single) Confidence {
	_, reads, ok := w.scope.expand(s.ref, "")
	if !ok || w.scope.tables[s.unless] != nil && s.unless != "" {
		return Sure
	}
	answer, known := w.asked.ask(Question{Table: reads[0].match.index, Column: reads[0].Name})
	if n := len(answer.distinct()); known && n > 1 {
		w.feed.Notes = append(w.feed.Notes, fmt.Sprintf("CHECK: there are %d %s (%s). Added up they mean little: keep one, with WHERE %s = '...'.",
			n, s.what, reads[0].Name, w.scope.write(reads[0])))
		return Likely
	}
	return Sure
}

func tableNames(tables []warehouse.Table) string {
	names := make([]string, 0, len(tables))
	for i, t := range tables {
		if i == 3 && len(tables) > 4 {
			names = append(names, fmt.Sprintf("%d more", len(tables)-i))
			break
		}
		names = append(names, t.String())
	}
	return list(names)
}
