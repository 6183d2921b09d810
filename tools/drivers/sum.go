package drivers

import (
	"errors"
	"fmt"
	"math"

	"loyaltymcp/stats/decompose"
)

// Sum splits the change of a KPI that is the sum of its cells (a flow such as
// orders, a stock such as open members): each cell contributes its difference.
//
// The values are the parts' numerators. It returns an error where a part has a
// denominator, and for what [Ratio] returns errors for.
func Sum(dimensions []string, cells []Cell) (Decomposition, error) {
	if err := check(dimensions, cells); err != nil {
		return Decomposition{}, err
	}
	d := Decomposition{Dimensions: dimensions, Method: Difference}
	gross := [2]float64{}
	for _, c := range cells {
		if c.Before.Denominator != 0 || c.Now.Denominator != 0 {
			return Decomposition{}, fmt.Errorf("drivers: cell %q of a sum has a denominator; split a ratio with Ratio", c.Labels)
		}
		d.Before += c.Before.Numerator
		d.Now += c.Now.Numerator
		gross[0] += math.Abs(c.Before.Numerator)
		gross[1] += math.Abs(c.Now.Numerator)
	}
	d.Change = d.Now - d.Before
	for _, c := range cells {
		r := Driver{Labels: c.Labels, Before: c.Before, Now: c.Now, Total: c.Now.Numerator - c.Before.Numerator}
		if all := gross[0] + gross[1]; all > 0 {
			r.Weight = (math.Abs(c.Before.Numerator) + math.Abs(c.Now.Numerator)) / all
		}
		d.Drivers = append(d.Drivers, r)
	}
	if err := d.finish(max(gross[0], gross[1])); err != nil {
		return Decomposition{}, err
	}
	return d, nil
}

// Factor is one factor of a product in two windows.
type Factor struct {
	Name        string
	Before, Now float64
}

// Product splits the change of a product over its factors, such as net revenue
// = open members × buyers per member × orders per buyer × net per order: each
// factor's effect is the mean, over all orders in which the factors could be
// moved from before to now, of what moving it changes. For two factors that is
// the change of one times the mean of the other.
//
// The drivers are the factors, of which Total is the effect. It returns an
// error for no factor, for more than [decompose.MaxFactors], and where a value
// is not finite.
//
// Source: P. Das Gupta (1993), Standardization and Decomposition of Rates, US
// Bureau of the Census P23-186, chapter 2; equal to the Shapley value.
func Product(factors []Factor) (Decomposition, error) {
	if len(factors) == 0 {
		return Decomposition{}, errors.New("drivers: no factor; a product has at least one")
	}
	var before, now []float64
	for _, f := range factors {
		for _, v := range []float64{f.Before, f.Now} {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return Decomposition{}, fmt.Errorf("drivers: factor %s goes from %v to %v; factors are finite", f.Name, f.Before, f.Now)
			}
		}
		before, now = append(before, f.Before), append(now, f.Now)
	}
	effects, err := decompose.Shapley(before, now, product)
	if err != nil {
		return Decomposition{}, fmt.Errorf("drivers: product: %w", err)
	}
	d := Decomposition{Method: Factorwise, Before: product(before), Now: product(now)}
	d.Change = d.Now - d.Before
	for i, f := range factors {
		d.Drivers = append(d.Drivers, Driver{Labels: []string{f.Name}, Before: Part{Numerator: f.Before}, Now: Part{Numerator: f.Now}, Total: effects[i]})
	}
	if err := d.finish(max(math.Abs(d.Before), math.Abs(d.Now))); err != nil {
		return Decomposition{}, err
	}
	return d, nil
}

func product(factors []float64) float64 {
	p := 1.0
	for _, v := range factors {
		p *= v
	}
	return p
}
