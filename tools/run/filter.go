package run

import (
	"context"
	"maps"
	"slices"
	"strings"

	"loyaltymcp/internal/fault"
	"loyaltymcp/warehouse"
)

// Filters narrow a run to members of some values of a dimension, by dimension.
// Figures of what happened count the members as they were then.
type Filters map[string][]string

// Names returns the dimensions that are filtered, sorted.
func (f Filters) Names() []string { return slices.Sorted(maps.Keys(f)) }

// String writes the filters as tier=Gold|Silver, region=North.
func (f Filters) String() string {
	var parts []string
	for _, name := range f.Names() {
		parts = append(parts, name+"="+strings.Join(f[name], "|"))
	}
	return strings.Join(parts, ", ")
}

// MostFilters is how many dimensions may be filtered at once: what more of them
// leave is too thin to be kept apart from what they leave out.
const MostFilters = 2

// check turns the values as people see them into those of the data, and
// refuses what is none.
func (f Filters) check(ctx context.Context, s *warehouse.Snapshot) (Filters, error) {
	if len(f) > MostFilters {
		return nil, fault.New(fault.Invalid, "filters", "are of %d dimensions", len(f)).Then("Filter by at most %d, and name others under dimensions", MostFilters)
	}
	available, out := s.Dimensions(), Filters{}
	for _, dimension := range f.Names() {
		field := "filters." + dimension
		if !slices.Contains(available, dimension) {
			return nil, fault.New(fault.Invalid, "filters", "members are not told apart by %q", dimension).OneOf(dimension, available)
		}
		known, err := values(ctx, s, dimension)
		if err != nil {
			return nil, err
		}
		for _, value := range f[dimension] {
			i := slices.IndexFunc(known, func(k string) bool { return Label(k) == value })
			if i < 0 {
				labels := make([]string, len(known))
				for j := range known {
					labels[j] = Label(known[j])
				}
				return nil, fault.New(fault.Invalid, field, "no member is in %q", value).OneOf(value, labels)
			}
			if !slices.Contains(out[dimension], known[i]) {
				out[dimension] = append(out[dimension], known[i])
			}
		}
		slices.Sort(out[dimension])
	}
	return out, nil
}

// values returns the values of a dimension as the data have them.
func values(ctx context.Context, s *warehouse.Snapshot, dimension string) ([]string, error) {
	data := struct {
		Dimension string
		History   bool
	}{dimension, dimension == "tier" && s.Has("tier_history")}
	found, err := warehouse.Collect(ctx, s, queries, "values", data, func(row warehouse.Row) (string, error) {
		var value string
		err := row.Scan(&value)
		return value, err
	})
	if err == nil && data.History && !slices.Contains(found, "") {
		found = append(found, "") // between spells a tier is unknown
	}
	return found, err
}

// Whole refuses a run that filters narrow, for stages about the whole program.
func (r *Run) Whole(stage string) error {
	if len(r.Filters) == 0 {
		return nil
	}
	return fault.New(fault.Invalid, "run_id", "run %s is narrowed by filters, and %s is about the whole program", r.ID, stage).
		Then("Open a run without filters; use this one to drill down")
}
