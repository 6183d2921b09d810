package reserve

// Month is a calendar month (12*year + month - 1) with the points expected to be
// redeemed in it and those that were.
type Month struct {
	Month            int
	Expected, Actual float64
}

// Backtest fits the hazard to what was known before the month from, projects the
// points that were open then, and returns what was expected of each month since
// beside what came. It is the check that could overturn a projection: run it for
// a few closings of the past before believing the next.
//
// Cells must hold all points that were open at the start of the month from.
// Points issued since do not count.
func Backtest(cells []Cell, from int, o HazardOptions) ([]Month, error) {
	var past []Cell
	var lots []OpenLot
	last := from - 1
	for _, c := range cells {
		if c.Month < from {
			past = append(past, c)
			continue
		}
		if c.Month == from && c.Age > 0 {
			lots = append(lots, OpenLot{Age: c.Age, Left: c.Left, Tier: c.Tier, Points: c.AtRisk})
		}
		last = max(last, c.Month)
	}
	if len(lots) == 0 {
		return nil, hazardError("no points were open at the start of month %d; choose a month within the data", from)
	}
	h, err := FitHazard(past, o)
	if err != nil {
		return nil, err
	}
	p, err := h.Project(lots, from, last-from+1, Scenario{})
	if err != nil {
		return nil, err
	}
	out := make([]Month, last-from+1)
	for t := range out {
		out[t].Month = from + t
		if t < len(p.ByMonth) {
			out[t].Expected = p.ByMonth[t]
		}
	}
	for _, c := range cells {
		if c.Month >= from && c.Month-c.Age < from {
			out[c.Month-from].Actual += c.Redeemed
		}
	}
	return out, nil
}
