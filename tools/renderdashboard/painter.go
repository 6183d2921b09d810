package renderdashboard

import (
	"fmt"
	"math"
	"strings"

	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/numerals"
	"loyaltymcp/tools/run"
)

// painter makes the sections of one page.
type painter struct {
	*findings
	currency string
	numbers  *numerals.Style // of the program's locale
	tips     tips
	charts   int      // so far, for their ids
	tables   int      // so far, for their ids
	room     int      // bytes that drilldowns may still take
	failed   []string // charts that could not be drawn
}

func newPainter(f *findings, room int) *painter {
	return &painter{findings: f, currency: f.run.Currency, numbers: f.numbers(), room: room}
}

// show writes a value for people.
func (p *painter) show(v *float64, unit metric.Unit) string { return run.Show(v, unit, p.currency) }

// num writes a whole number.
func num[N int | int64](n N) string {
	return run.ShowCount(int64(n))
}

// moves writes a difference with its sign: +1.20 pp, -EUR 28,756.
func (p *painter) moves(v *float64, unit metric.Unit) string {
	if v == nil {
		return "n/a"
	}
	if unit == metric.Share {
		return run.ShowPoints(*v)
	}
	size := math.Abs(*v)
	text := p.show(&size, unit)
	switch {
	case strings.Trim(text, "0.,"+p.currency+" ") == "": // rounds to nothing
		return text
	case *v < 0:
		return "-" + text
	}
	return "+" + text
}

// interval writes an interval of 95 %.
func (p *painter) interval(i *[2]float64, unit metric.Unit) string {
	if i == nil {
		return "n/a"
	}
	return p.show(&i[0], unit) + " to " + p.show(&i[1], unit)
}

// value is a cell of a value, with the reason where it is unknown.
func (p *painter) value(v *float64, unit metric.Unit, reason string) cell {
	if v == nil {
		return cell{Text: "n/a", Class: "na", Note: reason}
	}
	return cell{Text: p.show(v, unit)}
}

// hidden is a cell that is too small to be shown.
func hidden() cell { return cell{Text: "suppressed", Class: "na", Note: "too few members to show"} }

// small is hidden without the words, for matrices.
func small() cell { return cell{Text: "suppressed", Class: "na"} }

// table returns a table with an id of its own.
func (p *painter) table(caption string, columns ...column) *table {
	p.tables++
	return &table{ID: fmt.Sprintf("t%d", p.tables), Caption: caption, Columns: columns}
}

func text(label string) column { return column{Label: label} }

func number(label string) column { return column{Label: label, Num: true} }

// plain is a cell of text.
func plain(text string) cell { return cell{Text: text} }

// figures is a table of plain figures.
func (p *painter) figures(caption, basis string, list []run.Figure) *table {
	t := p.table(caption, text("Figure"), number("Value"), number("95 % interval"), number("n"))
	for _, f := range list {
		n := cell{Text: ""}
		if f.N != nil {
			n.Text = num(*f.N)
		}
		i := cell{Text: ""}
		if f.Interval != nil {
			i.Text = p.interval(f.Interval, f.Unit)
		}
		t.Rows = append(t.Rows, row{Head: f.Label, Tip: p.figure(f, basis), Cells: []cell{p.value(f.Value, f.Unit, f.Reason), i, n}})
	}
	t.Fixed = true
	return t
}

// once takes the reason that most cells of a column share out of them, and returns
// it: said once it is read, said in every row it hides the rest.
func (t *table) once(at int) (reason string) {
	count := map[string]int{}
	for _, r := range t.Rows {
		if n := r.Cells[at].Note; r.Cells[at].Class == "na" && n != "" {
			if count[n]++; count[n] > max(2, count[reason]) {
				reason = n
			}
		}
	}
	for i := range t.Rows {
		if c := &t.Rows[i].Cells[at]; reason != "" && c.Note == reason {
			c.Note = ""
		}
	}
	return reason
}

// keep cuts a table to so many rows and says what is left out.
func (t *table) keep(most int, where string) *table {
	if extra := len(t.Rows) - most; extra > 0 {
		t.Rows = t.Rows[:most]
		t.More = fmt.Sprintf("%s more rows are not shown here; all are in %s.", num(extra), where)
	}
	return t
}

// verdict is the badge of a diagnosis.
func verdict(health string) *badge {
	switch health {
	case "healthy":
		return &badge{"ok", "healthy"}
	case "watch":
		return &badge{"warn", "watch"}
	case "act":
		return &badge{"crit", "act"}
	}
	return &badge{"mute", "not known"}
}

// evidence is data points with their values.
func (p *painter) evidence(ids []string) (out []fact) {
	for _, id := range ids {
		if pt, ok := p.points[id]; ok {
			out = append(out, fact{Name: id, Value: p.show(&pt.Value, pt.Unit)})
		}
	}
	return out
}
