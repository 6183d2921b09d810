package pullmetrics

import (
	"context"

	"loyaltymcp/tools/config"
	"loyaltymcp/tools/metric"
)

// openly returns the splitters of a run without filters: each dimension, and
// the first two at once.
func (e *evaluator) openly(privacy config.Privacy) []*splitter {
	v := e.veil(privacy.MinMembers)
	var out []*splitter
	for _, split := range splits(e.run.Dimensions) {
		out = append(out, &splitter{evaluator: *e, split: split, rates: float64(privacy.MinMembersForRates),
			hides: func(d metric.Definition, period int64, i, j int) bool { return v.hides(d, split, period, i, j) }})
	}
	return out
}

// narrowly gathers the figures of all members, by which what a run with
// filters may tell is judged, and returns its splitters: each dimension that
// can be kept apart from the filters.
func (e *evaluator) narrowly(ctx context.Context, g *gatherer, all []*sheet) (func(config.Privacy) []*splitter, error) {
	whole := *g
	whole.filters, whole.splits = nil, needed(g.filters, e.run.Dimensions)
	open := *e
	open.filters, open.known = nil, map[string][]string{}
	var err error
	if open.found, err = whole.gather(ctx, all); err != nil {
		return nil, err
	}
	selection := *e
	n := narrowed{veil: open.veil(g.desk.Config.Privacy.MinMembers), filters: g.filters, selection: &selection, rates: float64(g.desk.Config.Privacy.MinMembersForRates)}
	e.forbidden = n.forbids
	return func(privacy config.Privacy) []*splitter {
		var out []*splitter
		for _, dimension := range e.run.Dimensions {
			if n.with(dimension) == nil {
				continue
			}
			out = append(out, &splitter{evaluator: *e, split: []string{dimension}, rates: float64(privacy.MinMembersForRates),
				hides: func(d metric.Definition, period int64, i, _ int) bool {
					return n.forbidsCell(d, dimension, e.cells(dimension)[i], period)
				}})
		}
		return out
	}, nil
}
