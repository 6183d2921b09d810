package decompose

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Element is one value of a dimension with what was forecast for it and what
// came: a sum such as revenue, or the two sums of a ratio.
type Element struct {
	Name           string
	Forecast, Real float64 // of the measure; of the numerator of a ratio
	// ForecastDenominator and RealDenominator are of a ratio's denominator;
	// both are zero in every element of a sum.
	ForecastDenominator, RealDenominator float64
}

// Dimension is one way to divide the same total.
type Dimension struct {
	Name     string
	Elements []Element
}

// Explained is an element with its part in a deviation.
type Explained struct {
	Name string
	// Power is the share of the total's deviation that the element explains;
	// powers of a dimension sum to 1, and one can be negative or above 1.
	Power float64
	// Surprise is the element's term of the Jensen-Shannon divergence between
	// the forecast and the real distribution over the dimension, in nats: how
	// far its own share left the forecast.
	Surprise float64
}

// Candidate is a set of elements of one dimension that explains a deviation.
type Candidate struct {
	Dimension string
	Elements  []Explained
	Power     float64 // of the elements together
	// Surprise is summed over every element looked at before the set was
	// complete, in descending order of surprise.
	Surprise float64
	// Share is the elements' share of all elements of the dimension. Near 1,
	// the whole dimension moved together, and the candidate explains nothing.
	Share float64
}

// Thresholds of [Adtributor]; the paper's are 0.1 and 0.67.
type Thresholds struct {
	Element   float64 // least power of an element that is kept
	Dimension float64 // power at which the set is complete
}

// Adtributor returns, for each dimension in which elements explain enough of
// the deviation of real from forecast, the smallest surprising set of them:
// in descending order of surprise, elements of enough power are kept until
// together they explain enough. Candidates are ordered by surprise, so the
// first is where the forecast failed most. A ratio's power is that of
// its numerator and denominator moved one element at a time.
//
// The method ranks, it does not test: on noise it names a dimension as
// readily. Look at Share, and at the size of the deviation first. Where elements
// missed in both directions and the total hardly at all, powers are large and of
// both signs, and say little.
//
// It returns an error when there is no deviation to explain but for rounding, a
// value is not finite, a forecast or real total that a share needs is not
// positive, the totals of two dimensions differ by more than a millionth, so that
// they do not divide the same, or a threshold is not a number.
//
// Source: R. Bhagwan et al. (2014), Adtributor: revenue debugging in
// advertising systems, NSDI 14, 43-55.
func Adtributor(dimensions []Dimension, t Thresholds) ([]Candidate, error) {
	if err := computed(t.Element, t.Dimension); err != nil {
		return nil, fmt.Errorf("decompose: thresholds %v and %v; they are shares of the deviation, 0.1 and 0.67 in the paper", t.Element, t.Dimension)
	}
	var out []Candidate
	var first Element
	for k, d := range dimensions {
		total, elements, err := explain(d)
		if err != nil {
			return nil, err
		}
		if k == 0 {
			first = total
		}
		if !first.like(total) {
			return nil, fmt.Errorf("decompose: %s adds up to a forecast of %v and %v real, %s to %v and %v; dimensions are to divide the same total", dimensions[0].Name, first.Forecast, first.Real, d.Name, total.Forecast, total.Real)
		}
		slices.SortStableFunc(elements, func(a, b Explained) int {
			switch {
			case a.Surprise > b.Surprise:
				return -1
			case a.Surprise < b.Surprise:
				return 1
			}
			return 0
		})
		c := Candidate{Dimension: d.Name}
		for _, e := range elements {
			c.Surprise += e.Surprise
			if e.Power <= t.Element {
				continue
			}
			c.Elements = append(c.Elements, e)
			if c.Power += e.Power; c.Power > t.Dimension {
				c.Share = float64(len(c.Elements)) / float64(len(elements))
				out = append(out, c)
				break
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Candidate) int {
		switch {
		case a.Surprise > b.Surprise:
			return -1
		case a.Surprise < b.Surprise:
			return 1
		}
		return 0
	})
	return out, nil
}

// Explain returns power and surprise of every element of a dimension, in its
// order. See [Adtributor].
func Explain(d Dimension) ([]Explained, error) {
	_, out, err := explain(d)
	return out, err
}

// like reports whether two totals are the same, but for the rounding of what they
// were added up from.
func (e Element) like(o Element) bool {
	same := func(a, b float64) bool { return math.Abs(a-b) <= 1e-6*math.Max(math.Abs(a), math.Abs(b)) }
	return same(e.Forecast, o.Forecast) && same(e.Real, o.Real) &&
		same(e.ForecastDenominator, o.ForecastDenominator) && same(e.RealDenominator, o.RealDenominator)
}

// explain also returns the total.
func explain(d Dimension) (Element, []Explained, error) {
	var total Element
	ratio := false
	for _, e := range d.Elements {
		for _, v := range []float64{e.Forecast, e.Real, e.ForecastDenominator, e.RealDenominator} {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return total, nil, fmt.Errorf("decompose: a value of %s %q is %v; leave it out or fill it in", d.Name, e.Name, v)
			}
		}
		ratio = ratio || e.ForecastDenominator != 0 || e.RealDenominator != 0
		total.Forecast += e.Forecast
		total.Real += e.Real
		total.ForecastDenominator += e.ForecastDenominator
		total.RealDenominator += e.RealDenominator
	}
	if total.Forecast <= 0 || total.Real <= 0 || ratio && (total.ForecastDenominator <= 0 || total.RealDenominator <= 0) {
		return total, nil, fmt.Errorf("decompose: the totals of %s are not positive, so shares of them say nothing", d.Name)
	}
	if err := computed(total.Forecast, total.Real, total.ForecastDenominator*total.ForecastDenominator, total.RealDenominator); err != nil {
		return total, nil, err
	}
	out := make([]Explained, len(d.Elements))
	sum, dust := 0.0, 0.0
	for i, e := range d.Elements {
		power, size := e.Real-e.Forecast, math.Abs(e.Real)+math.Abs(e.Forecast)
		if ratio {
			// The finite difference of the ratio when only e moves.
			moved := e.RealDenominator - e.ForecastDenominator
			below := total.ForecastDenominator * (total.ForecastDenominator + moved)
			if below <= 0 {
				return total, nil, fmt.Errorf("decompose: without %s %q nothing is left of the denominator", d.Name, e.Name)
			}
			power = (power*total.ForecastDenominator - moved*total.Forecast) / below
			size = (size*total.ForecastDenominator + (math.Abs(e.RealDenominator)+math.Abs(e.ForecastDenominator))*total.Forecast) / below
		}
		sum += power
		dust += size
		out[i] = Explained{Name: e.Name, Power: power, Surprise: surprise(e.Forecast/total.Forecast, e.Real/total.Real)}
		if ratio {
			out[i].Surprise += surprise(e.ForecastDenominator/total.ForecastDenominator, e.RealDenominator/total.RealDenominator)
		}
	}
	if math.Abs(sum) <= float64(len(out)+8)*0x1p-52*dust {
		return total, nil, errors.New("decompose: real equals forecast, but for rounding; there is no deviation to explain")
	}
	for i := range out {
		out[i].Power /= sum
		if err := computed(out[i].Power, out[i].Surprise); err != nil {
			return total, nil, err
		}
	}
	return total, out, nil
}

// surprise is a term of the Jensen-Shannon divergence, in nats. What is
// negative on balance (an element of refunds) has no share: it counts as none.
func surprise(p, q float64) float64 {
	p, q = max(p, 0), max(q, 0)
	s := 0.0
	if p > 0 {
		s += p * math.Log(2*p/(p+q)) / 2
	}
	if q > 0 {
		s += q * math.Log(2*q/(p+q)) / 2
	}
	return s
}
