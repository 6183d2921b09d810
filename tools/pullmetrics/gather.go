package pullmetrics

import (
	"context"
	"embed"
	"slices"

	"loyaltymcp/tools/breakdown"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

//go:embed sql/*.sql
var sqlFiles embed.FS

var queries = warehouse.MustParseQueries(run.PullMetrics, breakdown.SQL, sqlFiles)

// place is where a figure was taken: a window, by index, and a cell of a
// split.
type place struct {
	period       int64
	split        string // "" for the whole, "tier", or "tier,region"
	cell1, cell2 string
}

// tally is a measure's value in a place, and the members behind it.
type tally struct {
	value  warehouse.Exact
	behind warehouse.Exact
}

// findings are what the queries found, by span and place.
type findings map[span]map[place]*found

// found is what was found in one place.
type found struct {
	tallies  map[string]tally      // by measure
	products map[[2]string]float64 // sums over members, by pair of measures
}

// at returns what was found in a place; nothing is a found of zeros.
func (f findings) at(s span, p place) *found {
	if x := f[s][p]; x != nil {
		return x
	}
	return &found{}
}

// splits are the ways in which a run splits its figures: by each dimension,
// and by the first two at once.
func splits(dimensions []string) [][]string {
	var out [][]string
	for _, d := range dimensions {
		out = append(out, []string{d})
	}
	if len(dimensions) > 1 {
		out = append(out, dimensions[:2:2])
	}
	return out
}

// gatherer runs the queries of a run.
type gatherer struct {
	snapshot *warehouse.Snapshot
	desk     *run.Desk
	run      *run.Run
	windows  []run.Window
	sources  metric.Sources
	splits   [][]string
	filters  run.Filters
}

// base returns the query of a sheet as far as all have it.
func (g *gatherer) base(s *sheet) query {
	q := query{Feed: s.source.Feed(g.snapshot.Catalog), Person: s.source.Person, Horizon: s.span.horizon,
		Lapse: g.desk.Config.Definitions.LapseDays, Known: g.run.Window.End}
	q.Activity = g.desk.Config.Definitions.ActiveEvents
	s.columns(&q)
	q.Doings = g.doings(s)
	for _, days := range []int{0, 30, 60, 90} {
		q.Within = append(q.Within, within{days, g.run.Window.End.AddDate(0, 0, days)})
	}
	for _, name := range g.filters.Names() {
		q.Filters = append(q.Filters, filter{g.index(&q, name), g.filters[name]})
	}
	return q
}

// index returns the index of a dimension in the query's split, adding it.
func (g *gatherer) index(q *query, name string) int {
	if i := slices.IndexFunc(q.Split, func(d dimension) bool { return d.Name == name }); i >= 0 {
		return i
	}
	d := dimension{name, "dm." + name}
	switch {
	case name == "cohort":
		d.Column = name
	case name == "tier" && g.snapshot.Has("tier_history"):
		d.Column = "dt.tier"
	}
	q.Split = append(q.Split, d)
	return len(q.Split) - 1
}

// window returns the index-th window as the span has it.
func (g *gatherer) window(s span, i int) run.Window { return s.of(g.windows[i]) }

// of returns a window as the span has it.
func (s span) of(w run.Window) run.Window {
	if s.lookback > 0 {
		w.Start = w.End.AddDate(0, 0, -s.lookback)
	}
	w.Start, w.End = w.Start.AddDate(0, 0, -s.horizon), w.End.AddDate(0, 0, -s.horizon)
	return w
}

// windowed returns the query of a sheet for all windows and splits.
func (g *gatherer) windowed(s *sheet) query {
	q := g.base(s)
	s.sums(&q)
	for i := range g.windows {
		if s.source.Now && i != current {
			continue
		}
		w := g.window(s.span, i)
		q.Periods = append(q.Periods, breakdown.Period{Index: i, Start: w.Start, End: w.End})
	}
	q.Parts = []int{0}
	for i, names := range g.splits {
		q.Parts = append(q.Parts, i+1)
		q.First = append(q.First, cellOf{i + 1, g.index(&q, names[0])})
		if len(names) > 1 {
			q.Second = append(q.Second, cellOf{i + 1, g.index(&q, names[1])})
		}
	}
	return q
}

// gather runs the queries of the sheets that the feeds allow.
func (g *gatherer) gather(ctx context.Context, all []*sheet) (findings, error) {
	out := findings{}
	for _, s := range all {
		if out[s.span] == nil {
			out[s.span] = map[place]*found{}
		}
		err := g.read(ctx, s, g.windowed(s), func(period int64, part int, cell1, cell2 string, f *found) {
			p := place{period: period, cell1: cell1, cell2: cell2}
			if part > 0 {
				p.split = name(g.splits[part-1])
			}
			out[s.span][p] = out[s.span][p].merge(f)
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// merge adds the figures of another source.
func (f *found) merge(o *found) *found {
	if f == nil {
		return o
	}
	for k, v := range o.tallies {
		f.tallies[k] = v
	}
	for k, v := range o.products {
		f.products[k] = v
	}
	return f
}

// read runs a sheet's query and hands on each row.
func (g *gatherer) read(ctx context.Context, s *sheet, q query, each func(period int64, part int, cell1, cell2 string, f *found)) error {
	return g.snapshot.Query(ctx, queries, s.source.Name, q, func(row warehouse.Row) error {
		var period, part int64
		var cell1, cell2 string
		tallies, products := make([]tally, len(s.measures)), make([]float64, len(s.products))
		dst := []any{&period, &part, &cell1, &cell2}
		for i := range tallies {
			dst = append(dst, &tallies[i].value, &tallies[i].behind)
		}
		for i := range products {
			dst = append(dst, &products[i])
		}
		if err := row.Scan(dst...); err != nil {
			return err
		}
		f := &found{tallies: map[string]tally{}, products: map[[2]string]float64{}}
		for i, m := range s.measures {
			f.tallies[m.String()] = tallies[i]
		}
		for i, pair := range s.products {
			f.products[[2]string{pair[0].String(), pair[1].String()}] = products[i]
		}
		each(period, int(part), cell1, cell2, f)
		return nil
	})
}

// doings returns the feeds of what members do, as far as the sheet asks for it.
func (g *gatherer) doings(s *sheet) []string {
	want := map[string]bool{}
	events := g.desk.Config.Definitions.ActiveEvents
	for _, m := range s.measures {
		needs := slices.Clone(s.source.Also)
		for _, name := range m.Columns() {
			c, _ := s.source.Column(name)
			needs = append(needs, c.Also...)
		}
		for _, need := range needs {
			switch need {
			case activity:
				for _, f := range breakdown.ActivityFeeds(g.snapshot.Catalog, events) {
					want[f] = true
				}
			case anyPoints:
				want[metric.PointFeed(g.snapshot.Catalog)] = true
			case "orders.member_id":
				want["orders"] = true
			case "engagement":
				want["engagement"] = true
			}
		}
	}
	var out []string
	for _, f := range []string{"points", "points_monthly", "orders", "engagement"} {
		if want[f] {
			out = append(out, f)
		}
	}
	return out
}

// name writes a split.
func name(dimensions []string) string {
	if len(dimensions) == 1 {
		return dimensions[0]
	}
	return dimensions[0] + "," + dimensions[1]
}
