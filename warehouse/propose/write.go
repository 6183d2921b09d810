package propose

import (
	"fmt"
	"strings"

	"loyaltymcp/warehouse"
)

// writer writes one recipe as a feed.
type writer struct {
	shape    *shape
	contract warehouse.Feed
	recipe   recipe
	found    map[string]*match
	base     *match
	asked    *asker
	idKind   string // how ids of members are converted, "" for not at all

	scope      scope
	feed       Feed
	lines      []line
	exact      bool // every required column has its contract name
	identical  bool // every column stands in the table as the contract has it
	confidence Confidence
}

// idSource is the column that member_id is from.
type idSource struct {
	table, column string
	typ           warehouse.Type
}

// line is one column of the SELECT.
type line struct{ to, text, note string }

// write returns the feed, or which required columns can't be found.
func (w *writer) write() (Feed, []string) {
	w.scope.tables = map[string]*match{"": w.base}
	for _, j := range w.recipe.joins {
		if m := w.found[j.role]; m != nil {
			w.scope.tables[j.alias] = m
		}
	}
	// Names are qualified only where more than one table is read.
	w.scope.qualified = true
	w.columns()
	w.scope.qualified = len(w.aliases()) > 0
	missing := w.columns()
	if len(missing) > 0 {
		return Feed{}, missing
	}
	if w.shape.plain && !w.base.named && (!w.exact || w.contract.When == "") {
		return Feed{}, []string{"told to be it: neither name nor columns say so"}
	}
	w.finish()
	return w.feed, nil
}

// columns resolves the recipe's columns and returns the required ones that
// don't.
func (w *writer) columns() (missing []string) {
	w.lines, w.exact, w.identical, w.confidence = nil, true, true, Sure
	w.feed = Feed{Name: w.contract.Name, Grain: warehouse.GrainDay, From: []warehouse.Table{w.base.table}}
	for _, contract := range w.contract.Columns {
		made := false
		for _, c := range w.recipe.columns {
			if c.to == contract.Name && w.column(c, contract) {
				made = true
				break
			}
		}
		switch {
		case made:
		case contract.Required:
			missing = append(missing, contract.Name)
		default:
			w.feed.Missing = append(w.feed.Missing, contract.Name)
		}
		// A column that is there but not taken as it is needs its SQL.
		if p, ok := w.base.columns[plainName(contract.Name)]; ok && !made && p.Name == contract.Name {
			w.identical = false
		}
	}
	return missing
}

// column resolves one column; false when a source is missing.
func (w *writer) column(c column, contract warehouse.Column) bool {
	kind := kindOf(contract.Kind)
	if contract.Name == "member_id" || contract.Name == "unit_id" {
		kind = w.idKind
	}
	text, reads, ok := w.scope.expand(c.expr, kind)
	if !ok {
		return false
	}
	if contract.Name == "member_id" && len(reads) > 0 {
		w.feed.memberID = &idSource{reads[0].match.table.String(), reads[0].Name, reads[0].Type}
	}
	raw := text
	if len(c.words) > 0 {
		text = w.translate(c, reads[0], text)
	}
	if c.signed {
		text = w.sign(c, text)
	}
	if contract.Required {
		exact := len(reads) == 1 && plainName(reads[0].Name) == plainName(contract.Name)
		w.exact = w.exact && exact
		if c.most > 0 {
			w.confidence = min(w.confidence, c.most)
		}
	}
	as := text == raw && len(reads) == 1 && raw == w.scope.write(reads[0]) && reads[0].alias == "" && reads[0].Name == contract.Name
	w.identical = w.identical && as
	if c.month {
		w.feed.Grain = warehouse.GrainMonth
	}
	note := c.note
	if c.most > 0 {
		note = fmt.Sprintf("CHECK (%s): %s", c.most, note)
		w.feed.Notes = append(w.feed.Notes, fmt.Sprintf("CHECK %s (%s): %s", contract.Name, c.most, sentence(c.note)))
	}
	w.lines = append(w.lines, line{contract.Name, text, note})
	return true
}

// sentence ends the text, where it doesn't end itself.
func sentence(text string) string {
	if strings.HasSuffix(text, "?") {
		return text
	}
	return text + "."
}

// finish puts the text together and judges it.
func (w *writer) finish() {
	f := &w.feed
	confidence := min(w.confidence, w.base.confidence())
	if w.shape.plain {
		confidence = min(w.confidence, Likely)
		if w.base.named && w.exact {
			confidence = min(w.confidence, Sure)
		}
	}
	if w.recipe.most > 0 {
		confidence = min(confidence, w.recipe.most)
	}
	f.Notes = append(f.Notes, w.recipe.notes...)
	if w.shape.plain && f.Name == "members" && !called(w.base.table.Name, joined) {
		f.Notes = append(f.Notes, fmt.Sprintf("CHECK: every row of %s counts as a member. If only some of them joined, add a WHERE.", w.base.table))
		if called(w.base.table.Name, accounts) {
			confidence = min(confidence, Guess)
		}
	}
	for _, alias := range w.aliases() {
		m := w.scope.tables[alias]
		f.From = append(f.From, m.table)
		confidence = min(confidence, m.confidence())
	}
	for _, s := range w.recipe.single {
		confidence = min(confidence, w.singleValue(s))
	}
	if len(w.base.others) > 0 {
		f.Notes = append(f.Notes, fmt.Sprintf("%s fits as well. If they are parts of one whole, such as daily files, stack them with UNION ALL.", tableNames(w.base.others)))
		confidence = min(confidence, Likely)
	}
	f.Confidence, f.likeness = confidence, w.base.confidence()
	if w.shape.plain {
		f.likeness = confidence
	}
	f.Evidence = w.evidence()
	table := w.shape.plain && w.identical && !strings.Contains(w.base.table.Name+w.base.table.Schema, ".")
	if w.shape.plain && w.contract.Open {
		w.splits(table)
	}
	if table {
		f.Table = w.base.table.String()
		return
	}
	f.SQL = w.text(w.lines)
}

// splits are columns of members by which programs break figures down.
var splits = []string{"age_band", "age_group", "gender", "segment", "education", "language", "persona", "customer_type", "member_type"}

// splits takes such columns into the feed. A table that is mapped as it is has
// them already, where they are named in lower case.
func (w *writer) splits(table bool) {
	for _, name := range splits {
		c, ok := w.base.columns[plainName(name)]
		if !ok || table && c.Name != name {
			continue
		}
		text, _ := coerce(w.scope.write(source{match: w.base, Physical: c}), c.Type, "text")
		w.lines = append(w.lines, line{to: name, text: text})
		w.feed.splits = append(w.feed.splits, name)
	}
}
