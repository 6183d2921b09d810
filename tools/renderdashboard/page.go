package renderdashboard

import (
	"html/template"
	"strings"
)

// page is what the template writes.
type page struct {
	Title    string
	Program  string
	Facts    []fact // window, as_of and what else a reader must know first
	Status   status
	Verdicts []string
	Sections []section
	Made     string
	Policy   string
	Group    string // what groups digits on this page
	Decimal  string // what stands before a fraction on this page
	Style    template.CSS
	Script   template.JS
}

// status says whether the page may be handed on.
type status struct {
	Held  bool // not for distribution
	Says  string
	Open  []fact // the open checks
	Plan  string
	State string
}

// fact is a name and what it is.
type fact struct{ Name, Value, Tip string }

// section is one part of the page.
type section struct {
	ID      string
	Title   string
	Lead    string
	Missing string // why there is nothing to show; "" when there is
	Blocks  []block
}

// block is one thing in a section; what is empty isn't written.
type block struct {
	Title string // heading
	Tip   string // id of the definition
	Badge *badge
	Text  []string
	Facts []fact
	Cards []card
	Chart *chart
	Table *table
	Items []item
	Fold  string // summary under which the blocks are folded
	Grid  bool   // blocks side by side
	Box   bool   // a card of its own
	Level int    // of the heading, from 3
	// Blocks are inside.
	Blocks []block
}

// badge is a word with a colour of its own; the word says all.
type badge struct{ Class, Text string }

// card is a headline KPI.
type card struct {
	Label  string
	Tip    string
	Value  string
	Reason string // why the value is unknown
	Badge  badge
	Change badge
	Facts  []fact
	Spark  template.HTML
}

// item is a line of a list with what it rests on.
type item struct {
	Title    string
	Badge    badge
	Text     string
	Owner    string
	Evidence []fact
}

// table is a table that can be sorted by any column.
type table struct {
	ID      string
	Caption string
	Columns []column
	Rows    []row
	More    string // what is left out, and where it is
	Fixed   bool   // the order of rows means something: not to be sorted
	Quiet   bool   // the heading before it says what the caption does
}

// column is a head.
type column struct {
	Label string
	Tip   string
	Num   bool
}

// row is a row; its head names it.
type row struct {
	Head  string
	Tip   string
	Cells []cell
}

// cell is a cell that isn't a head.
type cell struct {
	Text  string
	Class string
	Note  string // why it is empty
}

// level sets the levels of headings, so that none is passed over.
func level(blocks []block, at int) {
	for i := range blocks {
		b := &blocks[i]
		b.Level = at
		if b.Table != nil && strings.HasPrefix(b.Table.Caption, b.Title) && b.Title != "" {
			b.Table.Quiet = true
		}
		if b.Chart != nil && b.Chart.Title == b.Title {
			b.Chart.Quiet = true
		}
		inside := at
		if b.Title != "" {
			inside = min(at+1, 5)
		}
		level(b.Blocks, inside)
	}
}
