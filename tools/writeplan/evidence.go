package writeplan

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"loyaltymcp/internal/fault"
	"loyaltymcp/tools/run"
)

// cited returns the evidence of an item with the computed values, and refuses
// a point that the run doesn't have or a value that it didn't compute.
func (f *facts) cited(field string, cited []EvidenceArg) ([]Evidence, error) {
	if len(cited) == 0 {
		return nil, fault.New(fault.Invalid, field, "is empty").Then("Cite at least one data point of the run")
	}
	if err := f.known(field); err != nil {
		return nil, err
	}
	out := []Evidence{}
	for i, c := range cited {
		at := fmt.Sprintf("%s[%d]", field, i)
		p, ok := f.points[c.Point]
		if !ok {
			return nil, fault.New(fault.Invalid, at+".point", "the run has no data point %q", c.Point).
				OneOf(c.Point, nearby(c.Point, f.points)).
				Then("Points are named by stage, as in metrics/redemption_rate; the stage that computes them must have run")
		}
		if !p.Cites(c.Value.String()) {
			return nil, fault.New(fault.Invalid, at+".value", "%s is %s in this run, not %s", p.ID, plain(p.Value), c.Value).
				Then("Cite the computed value, with at least three significant digits")
		}
		out = append(out, Evidence{Point: p.ID, Value: p.Value, Cited: c.Value.String(), Unit: p.Unit})
	}
	return out, nil
}

func plain(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// nearby returns some points like the one that isn't there.
func nearby(point string, points map[string]run.Point) []string {
	near := fault.Nearest(point, slices.Collect(maps.Keys(points)))
	return near[:min(5, len(near))]
}
