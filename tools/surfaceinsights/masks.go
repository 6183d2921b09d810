package surfaceinsights

import (
	"context"
	"slices"
	"strings"

	"loyaltymcp/tools/breakdown"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

// joined are the further parts that a part of the profile needs.
var joined = map[string][]string{"qualified": {"tiers"}, "shelf": {"ledger"}}

// mask is the members in one combination of segments.
type mask struct {
	in                   string // a 1 or 0 for each segment
	members, contactable int64
	values               []warehouse.Exact // by subject.Values
}

// masks counts the members in each combination of the segments.
func (v *surveyor) masks(ctx context.Context, told []Definition) ([]mask, error) {
	data := v.profile(told)
	return warehouse.Collect(ctx, v.snapshot, queries, "segments", data, func(row warehouse.Row) (m mask, err error) {
		m.values = make([]warehouse.Exact, len(data.Values))
		dst := []any{&m.in, &m.members, &m.contactable}
		for i := range m.values {
			dst = append(dst, &m.values[i])
		}
		err = row.Scan(dst...)
		return m, err
	})
}

// profile returns the subject with the columns and conditions of the segments.
func (v *surveyor) profile(told []Definition) subject {
	data := v.data
	data.joins = map[string]bool{}
	feed := v.source.Feed(v.snapshot.Catalog)
	use := func(name string) {
		if slices.ContainsFunc(data.Columns, func(c column) bool { return c.Name == name }) {
			return
		}
		col, _ := v.source.Column(name)
		data.Columns = append(data.Columns, column{name, col.SQL[feed]})
		for _, part := range append(joined[col.Join], col.Join) {
			data.joins[part] = true
		}
	}
	for _, d := range told {
		for _, name := range d.condition.Columns() {
			use(name)
		}
		use(d.Value)
		data.Wheres = append(data.Wheres, d.condition.SQL("p", warehouse.Literal, nil))
		if !slices.Contains(data.Values, d.Value) {
			data.Values = append(data.Values, d.Value)
		}
	}
	v.data.Values = data.Values
	return data
}

// segments sums the masks to the result's segments.
func (v *surveyor) segments(told []Definition, masks []mask, everyone int64) {
	consentKnown := v.snapshot.Has("members", "consent_marketing")
	least := int64(v.desk.Config.Privacy.MinMembers)
	var inAny int64
	var counted []breakdown.Cell
	for _, m := range masks {
		if strings.Contains(m.in, "1") {
			inAny += m.members
		}
	}
	for i, d := range told {
		k := slices.Index(v.data.Values, d.Value)
		var members, contactable, unique int64
		var value warehouse.Exact
		for _, m := range masks {
			if m.in[i] != '1' {
				continue
			}
			members, contactable, value = members+m.members, contactable+m.contactable, value+m.values[k]
			if strings.Index(m.in, "1") == i {
				unique += m.members
			}
		}
		counted = append(counted, breakdown.Cell{N: float64(unique)})
		v.result.Segments = append(v.result.Segments, v.segment(d, members, contactable, unique, value, everyone, consentKnown, least))
	}
	if inAny >= least {
		v.result.Total = run.Round(float64(inAny))
	}
	// The total is known, so that a count of few must not be what is left of it.
	for i, hidden := range breakdown.Suppress(counted, float64(least)) {
		if hidden {
			v.result.Segments[i].Unique = nil
		}
	}
}

func (v *surveyor) segment(d Definition, members, contactable, unique int64, value warehouse.Exact, everyone int64, consentKnown bool, least int64) Segment {
	unit, basis, factor := v.unit(d)
	out := Segment{ID: d.ID, Label: run.Clean(d.Label, 60), Play: d.Play, Urgency: d.Urgency, Owner: v.owner(d.Owner), Metric: d.Metric,
		Trigger: run.Clean(d.Trigger, 300), Action: run.Clean(d.Action, 300), ValueBasis: basis, ValueUnit: unit}
	if members > 0 && members < least {
		out.Suppressed = true
		return out
	}
	share := run.Proportion("", "", members, everyone)
	out.Members, out.Share, out.Interval = run.Round(float64(members)), share.Value, share.Interval
	if consentKnown && (contactable >= least || contactable == 0) {
		out.Contactable = run.Round(float64(contactable))
	}
	out.Unique = run.Round(float64(unique))
	out.Value = run.Round(value.Float() * factor)
	return out
}

// unit says what the value of a segment is in, how it is come by, and what a sum
// of its column is to be multiplied by.
func (v *surveyor) unit(d Definition) (metric.Unit, string, float64) {
	col, _ := v.source.Column(d.Value)
	switch d.Unit {
	case "sales":
		if !v.snapshot.Has("orders", "member_id") {
			return metric.Points, col.Means, 1
		}
		return metric.Money, col.Means, 1
	case "worth":
		if value := v.desk.Config.Program.PointValue; value != nil {
			return metric.Money, col.Means + ", their redemption value at program.point_value", *value
		}
		return metric.Points, col.Means + ", in points, as program.point_value is not set", 1
	case "gap":
		return map[string]metric.Unit{"spend": metric.Money, "orders": metric.Count, "earned": metric.Points}[v.tiers.Basis],
			col.Means + " (" + v.tiers.Basis + ")", 1
	case "count":
		return metric.Count, col.Means, 1
	}
	return metric.Money, col.Means, 1
}

func (v *surveyor) owner(kind string) string {
	o := v.desk.Config.Owners
	switch kind {
	case "rewards":
		return o.Rewards
	case "messaging":
		return o.Messaging
	case "data":
		return o.Data
	case "finance":
		return o.Finance
	}
	return o.Journey
}
