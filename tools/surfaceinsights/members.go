package surfaceinsights

import (
	"context"
	"strings"

	"loyaltymcp/internal/fault"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

// List is the members of one segment, as an export writes them.
type List struct {
	Definition  Definition
	Condition   string // its one form, without words of the program left open
	Contactable bool   // whether those without consent are left out; false where consent is not known
}

// Members calls each with every member of a segment in turn: the id and the
// columns asked for, which must be columns of the members feed. Rows are not
// gathered. A segment that there isn't, or that the feeds can't tell, is an error.
func Members(ctx context.Context, d *run.Desk, r *run.Run, s *warehouse.Snapshot, segment string, columns []string, each func(id string, cells []string) error) (List, error) {
	v, err := newSurveyor(ctx, d, r, s)
	if err != nil {
		return List{}, err
	}
	all, err := definitions(d.Config, v.source, v.texts())
	if err != nil {
		return List{}, err
	}
	var ids []string
	for _, def := range all {
		ids = append(ids, def.ID)
	}
	var found *Definition
	for i := range all {
		if all[i].ID == segment {
			found = &all[i]
		}
	}
	if found == nil {
		return List{}, fault.New(fault.NotFound, "segment", "there is no segment %q", run.Clean(segment, 40)).OneOf(segment, ids).Then("Take an id from surface_insights")
	}
	if reason := v.missing(*found); reason != "" {
		return List{}, fault.New(fault.Unavailable, "segment", "%s can't be told: %s", found.ID, reason)
	}
	for _, column := range columns {
		if !s.Has("members", column) {
			return List{}, fault.New(fault.Config, "export.columns", "the members feed has no %s", run.Clean(column, 40)).Then("List columns of the members feed, or none")
		}
	}
	list := List{Definition: *found, Condition: found.condition.String(), Contactable: s.Has("members", "consent_marketing")}
	data := struct {
		subject
		Extra       []string
		Contactable bool
	}{v.profile([]Definition{*found}), columns, list.Contactable}
	cells := make([]string, len(columns))
	err = s.Query(ctx, queries, "segment_members", data, func(row warehouse.Row) error {
		var id string
		dst := []any{&id}
		for i := range cells {
			dst = append(dst, &cells[i])
		}
		if err := row.Scan(dst...); err != nil {
			return err
		}
		return each(id, cells)
	})
	return list, err
}

// Hypothesis is what an experiment on the segment tests.
func (l List) Hypothesis() string {
	return strings.TrimSuffix(l.Definition.Action, ".") + ", and more of them buy than of the holdout."
}
