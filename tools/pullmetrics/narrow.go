package pullmetrics

import (
	"slices"

	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
)

// narrowed judges what a run with filters may tell, by the cells of all
// members: an answer must not single out a small group, nor leave one out that
// could then be subtracted.
type narrowed struct {
	*veil     // of all members
	filters   run.Filters
	selection *evaluator // of the members that the filters let through
	rates     float64    // the minimum of members behind a rate
}

// secret is the reason of a figure that a filter would have give away.
const secret = "the filter would single out, or leave out, too few members (privacy.min_members)"

// takes reports whether the filters let a value of a dimension through.
func (n narrowed) takes(dimension, value string) bool {
	values, ok := n.filters[dimension]
	return !ok || slices.Contains(values, value)
}

// forbids reports whether a KPI of the whole selection may not be told.
func (n narrowed) forbids(d metric.Definition, period int64) bool {
	names := n.filters.Names()
	return n.selection.thin(d, place{period: period}, n.rates) || n.splits(d, names, period, func(one, two string) bool {
		return n.takes(names[0], one) && (len(names) == 1 || n.takes(names[1], two))
	})
}

// with returns the dimensions that decide about a breakdown of the selection,
// nil where they are more than can be kept apart.
func (n narrowed) with(dimension string) []string {
	names := n.filters.Names()
	if !slices.Contains(names, dimension) {
		names = append(names, dimension)
	}
	if len(names) > run.MostFilters {
		return nil
	}
	return names
}

// forbidsCell reports whether a KPI may not be told in one cell of a breakdown
// of the selection.
func (n narrowed) forbidsCell(d metric.Definition, dimension, cell string, period int64) bool {
	names := n.with(dimension)
	of := func(name, value string) bool {
		return n.takes(name, value) && (name != dimension || value == cell)
	}
	return n.splits(d, names, period, func(one, two string) bool {
		return of(names[0], one) && (len(names) == 1 || of(names[1], two))
	})
}

// needed returns the splits of all members by which the selection is judged.
func needed(filters run.Filters, dimensions []string) [][]string {
	n := narrowed{filters: filters}
	names := filters.Names()
	var out [][]string
	add := func(split []string) {
		if split != nil && !slices.ContainsFunc(out, func(o []string) bool { return name(o) == name(split) }) {
			out = append(out, split)
		}
	}
	for _, d := range append(slices.Clone(names), dimensions...) {
		add([]string{d})
	}
	if len(names) > 1 {
		add(names)
	}
	for _, d := range dimensions {
		if both := n.with(d); len(both) > 1 {
			add(both)
		}
	}
	return out
}
