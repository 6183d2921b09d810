package writeplan

import (
	"fmt"
	"strings"

	"loyaltymcp/tools/basis"
)

// changes lists what changed since the earlier plan in that by which figures
// are computed and judged, and which of them are therefore not comparable.
func changes(p, earlier *Plan) []Change {
	var out []Change
	for _, c := range basis.Compare(earlier.by(), p.by()) {
		what := fmt.Sprintf("%s since %s", c.Title(), earlier.ID)
		if len(c.KPIs) > 0 {
			what += "; not comparable: " + strings.Join(c.KPIs, ", ")
		}
		out = append(out, Change{At: p.CreatedAt, By: Name, What: what, Before: c.Before, After: c.After, Revision: p.Revision})
	}
	return out
}

// by returns by what the plan's figures were computed.
func (p *Plan) by() *basis.Basis {
	if p.Basis != nil {
		return p.Basis
	}
	return basis.Partial(basis.Known{Program: p.Program, Currency: p.Currency, Zone: p.Run.Zone, Engine: p.Run.Engine,
		Version: p.Run.Version, Config: p.Run.Config, Definitions: p.Definitions})
}
