package renderdashboard

import (
	"fmt"
	"slices"
	"strings"

	"loyaltymcp/tools/diagnosehealth"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
)

// mostTiers is how many tiers charts and matrices show.
const mostTiers = 20

// diagnosis opens a section of the health diagnostics.
func diagnosis(s *section, d diagnosehealth.Diagnosis) bool {
	if d.Status == "unavailable" {
		s.Missing = orElse(d.Reason, "the data can't tell")
		return false
	}
	lines := []string{d.Says}
	if d.Rule != "" {
		lines = append(lines, "Rule: "+d.Rule)
	}
	if d.Reason != "" {
		lines = append(lines, "Not whole: "+d.Reason)
	}
	s.Blocks = append(s.Blocks, block{Badge: verdict(d.Health), Text: lines, Facts: []fact{{Name: "Owner", Value: d.Owner}}})
	return true
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// tiers is the tier mix, the moves between tiers and the reviews.
func (p *painter) tiers() section {
	s := section{ID: "tiers", Title: "Tier mix and migration"}
	if p.health == nil {
		s.Missing = missing(run.DiagnoseHealth)
		return s
	}
	m := p.health.TierMix
	if !diagnosis(&s, m.Diagnosis) {
		return s
	}
	s.Lead = "Basis: " + m.Basis + "."
	grid := block{Grid: true}
	if len(m.Tiers) > 0 {
		grid.Blocks = append(grid.Blocks, block{Title: "Members by tier", Chart: p.tierMix(m.Tiers)})
	}
	if m.Moves != nil && len(m.Moves.Matrix) > 0 {
		grid.Blocks = append(grid.Blocks, block{Title: "Moves between tiers in the window", Table: p.matrix(m.Moves.Matrix)})
	}
	if m.Projection != nil && len(m.Projection.Tiers) > 0 {
		grid.Blocks = append(grid.Blocks, p.projection(m.Projection))
	}
	if m.Reviews != nil && len(m.Reviews.Tiers) > 0 {
		grid.Blocks = append(grid.Blocks, p.reviews(m.Reviews))
	}
	s.Blocks = append(s.Blocks, grid)
	figures := m.Figures
	if m.Moves != nil {
		figures = append(figures[:len(figures):len(figures)], m.Moves.Figures...)
	}
	if m.Reviews != nil {
		figures = append(figures[:len(figures):len(figures)], m.Reviews.Figures...)
	}
	if len(figures) > 0 {
		s.Blocks = append(s.Blocks, block{Title: "Figures of the tier mix", Table: p.figures("Figures of the tier mix", m.Basis, figures)})
	}
	return s
}

func (p *painter) tierMix(tiers []diagnosehealth.Tier) *chart {
	t := p.table("Members by tier", text("Tier"), number("Members"), number("Share"), number("95 % interval"), number("Share at the start"), number("A year ago"), number("Share of sales"), number("Points"))
	var rows []bar
	for _, r := range tiers {
		if r.Suppressed {
			t.Rows = append(t.Rows, row{Head: r.Tier, Cells: []cell{hidden(), {}, {}, {}, {}, {}, {}}})
			continue
		}
		t.Rows = append(t.Rows, row{Head: r.Tier, Cells: []cell{p.value(r.Members, metric.Count, ""), p.value(r.Share, metric.Share, ""), plain(p.interval(r.Interval, metric.Share)),
			p.value(r.ShareBefore, metric.Share, "tiers of then are unknown"), p.value(r.ShareYearAgo, metric.Share, "tiers of then are unknown"), p.value(r.SalesShare, metric.Share, "sales by tier are unknown"), p.value(r.Points, metric.Points, "points are unknown")}})
		rows = append(rows, bar{Name: r.Tier, Values: []*float64{r.Share, r.ShareBefore, r.SalesShare}, Shown: p.show(r.Share, metric.Share),
			Says: fmt.Sprintf("%s: %s of members (%s), %s at the start, %s of sales", r.Tier, p.show(r.Share, metric.Share), p.show(r.Members, metric.Count), p.show(r.ShareBefore, metric.Share), p.show(r.SalesShare, metric.Share))})
	}
	rows = rows[:min(len(rows), mostTiers)]
	title, legends := "Share of members and of sales by tier", []legend{{"f0", "members now"}, {"f1", "members at the start"}, {"f2", "sales"}}
	if !slices.ContainsFunc(rows, func(b bar) bool { return b.Values[2] != nil }) { // no sales are known
		title, legends = "Share of members by tier", legends[:2]
		for i := range rows {
			rows[i].Values = rows[i].Values[:2]
		}
	}
	return p.draw(title, "Each tier's share of open members now and at the start of the window, and of members' sales where they are known.", barsHigh(len(rows)),
		legends, t.keep(manyRows, p.whole()), bars(rows, metric.Share))
}

// whole is where the whole result of the diagnostics is.
func (p *painter) whole() string { return "run://" + p.run.ID + "/" + run.DiagnoseHealth }

// heat is the class of a share in a heat map.
func heat(share float64) string {
	switch {
	case share <= 0:
		return "h h0"
	case share < 0.02:
		return "h h1"
	case share < 0.1:
		return "h h2"
	case share < 0.3:
		return "h h3"
	case share < 0.6:
		return "h h4"
	}
	return "h h5"
}

// matrix is who went from which tier to which.
func (p *painter) matrix(rows []diagnosehealth.TierRow) *table {
	t := p.table("From tier (rows) to tier (columns), share of the members at the start, with the interval of 95 %", text("From"), number("Members"))
	t.Fixed = true
	var to []diagnosehealth.TierCell // a suppressed row has none
	for _, r := range rows {
		if len(r.To) > len(to) {
			to = r.To[:min(len(r.To), mostTiers)]
		}
	}
	for _, c := range to {
		t.Columns = append(t.Columns, number(c.To))
	}
	for _, r := range rows {
		out := row{Head: r.From, Cells: []cell{plain(num(r.Members))}}
		if r.Suppressed {
			out.Cells[0] = small()
		}
		for i := range t.Columns[2:] {
			c := small()
			if i < len(r.To) && !r.Suppressed {
				c = p.value(r.To[i].Share, metric.Share, "too few members to show")
				if v := r.To[i].Share; v != nil {
					c.Class = heat(*v)
					if r.To[i].Interval != nil {
						c.Note = strings.Replace(p.interval(r.To[i].Interval, metric.Share), " % to", " to", 1)
					}
				}
			}
			out.Cells = append(out.Cells, c)
		}
		t.Rows = append(t.Rows, out)
	}
	return t.keep(mostTiers, p.whole())
}

func (p *painter) projection(j *diagnosehealth.TierProjection) block {
	t := p.table(fmt.Sprintf("Members by tier on %s, if moves go on", j.At), text("Tier"), number("Members"), number("95 % interval"), number("Share"))
	for _, r := range j.Tiers {
		t.Rows = append(t.Rows, row{Head: r.Tier, Cells: []cell{p.value(r.Members, metric.Count, ""), plain(p.interval(r.Interval, metric.Count)), p.value(r.Share, metric.Share, "")}})
	}
	return block{Title: fmt.Sprintf("In %d months, if moves go on", j.Months), Table: t.keep(mostTiers, p.whole()), Text: []string{j.Says}}
}

func (p *painter) reviews(v *diagnosehealth.Reviews) block {
	t := p.table(fmt.Sprintf("Tier reviews due within %d days", v.Days), text("Tier"), number("Due"), number("Already safe"), number("On pace to keep it"), number("Share"), number("95 % interval"))
	for _, r := range v.Tiers {
		if r.Suppressed {
			t.Rows = append(t.Rows, row{Head: r.Tier, Cells: []cell{hidden(), {}, {}, {}, {}}})
			continue
		}
		t.Rows = append(t.Rows, row{Head: r.Tier, Cells: []cell{p.value(r.Due, metric.Count, ""), p.value(r.Secured, metric.Count, ""), p.value(r.Keeping, metric.Count, ""), p.value(r.Share, metric.Share, ""), plain(p.interval(r.Interval, metric.Share))}})
	}
	return block{Title: fmt.Sprintf("Tier reviews in the next %d days", v.Days), Table: t.keep(mostTiers, p.whole()), Text: []string{strings.ToUpper(v.Basis[:min(1, len(v.Basis))]) + v.Basis[min(1, len(v.Basis)):] + "."}}
}
