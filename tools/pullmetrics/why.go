package pullmetrics

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"loyaltymcp/tools/drivers"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
)

// Driver explains why a KPI moved since the previous window, by one dimension,
// by two at once, or by its factors. The effects add up to the change; they are
// accounting, not causes.
type Driver struct {
	KPI       string  `json:"kpi"`
	Dimension string  `json:"dimension"` // or two, as tier,region; or "factors"
	Method    string  `json:"method"`
	Change    float64 `json:"change"` // absolute, in the KPI's unit
	// Of a ratio: what the cells' growing and shrinking explains, and what
	// their own rates explain.
	Mix       *float64           `json:"mix,omitempty"`
	Rate      *float64           `json:"rate,omitempty"`
	Structure map[string]float64 `json:"structure,omitempty"` // the mix by dimension, of two
	Simpson   string             `json:"simpson,omitempty"`   // set where cells and whole moved against each other
	Cells     []Effect           `json:"cells"`               // largest first
	Omitted   int                `json:"omitted,omitempty"`   // cells cut to fit
	Best      bool               `json:"best,omitempty"`      // of the KPI's dimensions, the one that explains it best
}

// Effect is one cell's part of a change.
type Effect struct {
	Cell   string   `json:"cell"`
	Second string   `json:"second,omitempty"`
	Mix    *float64 `json:"mix,omitempty"`
	Rate   *float64 `json:"rate,omitempty"`
	Total  float64  `json:"total"`
	Share  *float64 `json:"share,omitempty"` // of the change
}

// other is the cell in which hidden cells are pooled.
const other = "(other)"

// moved is the relative change from which on a KPI is explained.
const moved = 0.005

// why explains the KPIs that moved, from the cells that may be shown.
func (e evaluator) why(all []*splitter, definitions []metric.Definition, kpis []KPI) []Driver {
	var out []Driver
	for _, d := range definitions {
		k := find(kpis, d.ID)
		if k == nil || k.Value == nil || k.Previous == nil || !d.ByMember() || *k.Value == *k.Previous ||
			k.Change != nil && math.Abs(*k.Change) < moved {
			continue
		}
		var found []Driver
		var single []drivers.Decomposition
		for _, s := range all {
			if x, ok := s.decompose(d); ok {
				found = append(found, driver(d, x))
				if len(s.split) == 1 {
					single = append(single, x)
				}
			}
		}
		if ranked, err := drivers.Rank(single); err == nil {
			i := slices.IndexFunc(found, func(x Driver) bool { return x.Dimension == ranked[0].Dimensions[0] })
			found[i].Best = true
		}
		out = append(out, found...)
	}
	if x, ok := e.factors(kpis); ok {
		out = append(out, x)
	}
	return out
}

// decompose splits the change of a KPI by the splitter's cells; what is hidden
// in either window, or is a rate over too few, is pooled. ok is false where the cells don't make the whole,
// as where a member is counted in several.
func (s *splitter) decompose(d metric.Definition) (drivers.Decomposition, bool) {
	label := strings.Join(s.split, ",")
	if slices.Contains(s.split, "tier") && slices.ContainsFunc(append(d.Top().Measures(), d.Bottom().Measures()...), func(m metric.Measure) bool {
		source, _ := s.sources.Find(m.Source)
		return m.Aggregate == metric.CountMembers && !source.Person
	}) {
		return drivers.Decomposition{}, false
	}
	part := func(p place) drivers.Part {
		_, numerator, denominator := s.value(d, p)
		return drivers.Part{Numerator: numerator, Denominator: denominator}
	}
	rest := drivers.Cell{Labels: make([]string, len(s.split)), Before: part(place{period: previous}), Now: part(place{period: current})}
	for i := range rest.Labels {
		rest.Labels[i] = other
	}
	var cells []drivers.Cell
	var units []float64 // members in each
	pooled := 0
	second := []string{""}
	if len(s.split) > 1 {
		second = s.cells(s.split[1])
	}
	for i, one := range s.cells(s.split[0]) {
		for j, two := range second {
			c := drivers.Cell{Labels: []string{run.Label(one)}, Before: part(place{previous, label, one, two}), Now: part(place{current, label, one, two})}
			if len(s.split) > 1 {
				c.Labels = append(c.Labels, run.Label(two))
			}
			if c.Before == (drivers.Part{}) && c.Now == (drivers.Part{}) {
				continue
			}
			here, before := place{current, label, one, two}, place{previous, label, one, two}
			// The effects of a rate that is not shown would tell it.
			if s.hides(d, current, i, j) || s.hides(d, previous, i, j) || s.thin(d, here, s.rates) || s.thin(d, before, s.rates) {
				pooled++
				continue
			}
			cells, units = append(cells, c), append(units, s.unitsOf(span{}, openAtEnd, here))
		}
	}
	if pooled == 1 {
		// A pool of one tells that one: the smallest other cell goes with it.
		if len(cells) == 0 {
			return drivers.Decomposition{}, false
		}
		i := slices.Index(units, slices.Min(units))
		cells = slices.Delete(cells, i, i+1)
	}
	for _, c := range cells {
		rest.Before.Numerator -= c.Before.Numerator
		rest.Before.Denominator -= c.Before.Denominator
		rest.Now.Numerator -= c.Now.Numerator
		rest.Now.Denominator -= c.Now.Denominator
	}
	if pooled > 0 {
		cells = append(cells, rest)
	} else if off := math.Abs(rest.Now.Numerator) + math.Abs(rest.Before.Numerator) + math.Abs(rest.Now.Denominator) + math.Abs(rest.Before.Denominator); off > 1e-6 {
		return drivers.Decomposition{}, false
	}
	split := drivers.Sum
	if d.Divides() {
		split = drivers.Ratio
	}
	out, err := split(s.split, cells)
	return out, err == nil
}

// driver writes a decomposition as results have it.
func driver(d metric.Definition, x drivers.Decomposition) Driver {
	out := Driver{KPI: d.ID, Dimension: strings.Join(x.Dimensions, ","), Method: string(x.Method), Change: digits(x.Change, allDigits), Cells: []Effect{}}
	if d.Divides() {
		mix, rate := digits(x.Mix, allDigits), digits(x.Rate, allDigits)
		out.Mix, out.Rate = &mix, &rate
		if len(x.Structure) > 1 {
			out.Structure = map[string]float64{}
			for _, s := range x.Structure {
				out.Structure[s.Dimension] = digits(s.Mix, allDigits)
			}
		}
	}
	if r := x.Reversal; r != nil {
		out.Simpson = "The whole moved one way, but most of it lies in cells whose own rates moved the other: mix hides what happened."
		if r.Full {
			out.Simpson = "The whole moved one way, but the rate of every sizeable cell moved the other: mix hides what happened."
		}
	}
	for _, c := range x.Drivers {
		effect := Effect{Cell: c.Labels[0], Total: digits(c.Total, allDigits)}
		if len(c.Labels) > 1 {
			effect.Second = c.Labels[1]
		}
		if d.Divides() {
			mix, rate := digits(c.Mix, allDigits), digits(c.Rate, allDigits)
			effect.Mix, effect.Rate = &mix, &rate
		}
		if c.Share != nil {
			effect.Share = run.Round(*c.Share)
		}
		out.Cells = append(out.Cells, effect)
	}
	return out
}

// factors explains net sales by what they are the product of: open members,
// buyers per open member, orders per buyer, net per order.
func (e evaluator) factors(kpis []KPI) (Driver, bool) {
	measure := func(text string, period int64) float64 {
		return e.found.at(span{}, place{period: period}).tallies[text].value.Float()
	}
	const buyers, orders, net = "members(orders)", "count(orders where member)", "sum(orders.net where member)"
	revenue := find(kpis, "revenue")
	if revenue == nil || revenue.Value == nil || revenue.Previous == nil || len(e.filters) > 0 {
		return Driver{}, false
	}
	var values [2][4]float64
	for _, period := range []int64{current, previous} {
		open, b, o, n := measure(openAtEnd.String(), period), measure(buyers, period), measure(orders, period), measure(net, period)
		if open == 0 || b == 0 || o == 0 {
			return Driver{}, false
		}
		values[period] = [4]float64{open, b / open, o / b, n / o}
	}
	var list []drivers.Factor
	for i, name := range []string{"open members", "buyers per open member", "orders per buyer", "net per order"} {
		list = append(list, drivers.Factor{Name: name, Before: values[previous][i], Now: values[current][i]})
	}
	x, err := drivers.Product(list)
	if err != nil || math.Abs(x.Now-*revenue.Value) > 1e-6*math.Abs(x.Now) || math.Abs(x.Before-*revenue.Previous) > 1e-6*math.Abs(x.Before) {
		return Driver{}, false // revenue is defined otherwise
	}
	x.Dimensions = []string{"factors"}
	return driver(metric.Definition{ID: "revenue", Kind: metric.Flow}, x), true
}

// allDigits are the significant digits that effects are kept with.
const allDigits = 12

// digits rounds to so many significant digits.
func digits(x float64, significant int) float64 {
	y, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', significant, 64), 64)
	if err != nil {
		return x
	}
	return y
}

// leads orders drivers for readers: those of the KPIs that lead, best first.
func leads(all []Driver, leading func(kpi string) bool) {
	slices.SortStableFunc(all, func(a, b Driver) int {
		rank := func(d Driver) int {
			switch {
			case leading(d.KPI) && (d.Best || d.Dimension == "factors" || d.Simpson != ""):
				return 0
			case leading(d.KPI):
				return 1
			case d.Simpson != "":
				return 2
			}
			return 3
		}
		return cmp.Compare(rank(a), rank(b))
	})
}
