package reserve

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// design turns what is known of points in a month into a row of terms, in this
// order: intercept, first age, age (spline), last months, tiers, seasons.
type design struct {
	o       HazardOptions
	knots   []float64 // on the scale ln(1+age)
	oldest  int
	first   bool // the first age has a term of its own
	rush    int
	left    []bool // by months to expiry, whether seen
	tiers   []int  // seen, ascending; the first is the base
	seasons []int  // seen, ascending; deviations from their mean
	width   int
	kept    []int // columns that are not aliased
}

func newDesign(cells []Cell, o HazardOptions) (*design, error) {
	d := &design{o: o, rush: o.Rush}
	if d.rush == 0 {
		d.rush = 2
	}
	d.rush = max(0, d.rush)
	d.left = make([]bool, d.rush+1)
	ages := map[int]bool{}
	for i, c := range cells {
		if !(c.AtRisk >= 0) || math.IsInf(c.AtRisk, 1) || !(c.Redeemed >= 0) || c.Redeemed > c.AtRisk {
			return nil, hazardError("cell %d has %g points at risk and %g redeemed; they must be finite, not negative, and no more redeemed than at risk", i, c.AtRisk, c.Redeemed)
		}
		if c.Age < 0 || c.Left < 0 {
			return nil, hazardError("cell %d has age %d and %d months to expiry; neither may be negative", i, c.Age, c.Left)
		}
		if c.AtRisk == 0 || c.Age < o.Start {
			continue
		}
		ages[c.Age] = true
		d.oldest = max(d.oldest, c.Age)
		if c.Left <= d.rush {
			d.left[c.Left] = true
		}
		if at, ok := slices.BinarySearch(d.tiers, c.Tier); !ok {
			d.tiers = slices.Insert(d.tiers, at, c.Tier)
		}
		if at, ok := slices.BinarySearch(d.seasons, season(c.Month)); !ok && !o.NoSeason {
			d.seasons = slices.Insert(d.seasons, at, season(c.Month))
		}
	}
	if len(ages) == 0 {
		return nil, hazardError("no points at risk")
	}
	d.first = ages[o.Start] && len(ages) > 1
	knots := o.Knots
	if knots == nil {
		for k := 1; 4*k <= 3*d.oldest; k *= 2 {
			if k > o.Start {
				knots = append(knots, k)
			}
		}
	}
	for i, k := range knots {
		if k < 0 || i > 0 && k <= knots[i-1] {
			return nil, hazardError("knots must be ages in ascending order")
		}
		d.knots = append(d.knots, math.Log1p(float64(k)))
	}
	if len(d.knots) < 2 {
		d.knots = nil // the effect of age is linear
	}
	d.width = 1 + 1 + d.splines() + d.rush + len(d.tiers) - 1 + max(0, len(d.seasons)-1)
	return d, nil
}

func season(month int) int { return ((month % 12) + 12) % 12 }

// splines returns the number of terms of age.
func (d *design) splines() int { return 1 + max(0, len(d.knots)-2) }

// row fills in the terms.
func (d *design) row(x []float64, age, month, left, tier int) {
	clear(x)
	x[0] = 1
	if d.first && age == d.o.Start {
		x[1] = 1
	}
	d.spline(x[2:], math.Log1p(float64(age)))
	at := 2 + d.splines()
	if left > 0 && left <= d.rush {
		x[at+left-1] = 1
	}
	at += d.rush
	if k, ok := slices.BinarySearch(d.tiers, tier); ok && k > 0 {
		x[at+k-1] = 1
	}
	at += len(d.tiers) - 1
	if k, ok := slices.BinarySearch(d.seasons, season(month)); ok && len(d.seasons) > 1 {
		last := len(d.seasons) - 1
		if k < last {
			x[at+k] = 1
			return
		}
		for s := range last {
			x[at+s] = -1
		}
	}
}

// spline fills in the natural cubic spline of v, linear beyond its knots:
// v itself, and for each inner knot t_k the truncated power
// ((v-t_k)³ - (v-t_n-1)³ (t_n-t_k)/(t_n-t_n-1) + (v-t_n)³ (t_n-1-t_k)/(t_n-t_n-1)) / (t_n-t_1)²,
// negative cubes being 0.
func (d *design) spline(x []float64, v float64) {
	x[0] = v
	n := len(d.knots)
	if n < 3 {
		return
	}
	cube := func(t float64) float64 {
		t = max(0, v-t)
		return t * t * t
	}
	last, before := d.knots[n-1], d.knots[n-2]
	width := last - d.knots[0]
	for k := range n - 2 {
		t := d.knots[k]
		x[1+k] = (cube(t) - cube(before)*(last-t)/(last-before) + cube(last)*(before-t)/(last-before)) / (width * width)
	}
}

// seen reports whether the data have something to say about points of an age in
// a month with so many months left.
func (d *design) seen(age, month, left int) bool {
	if age > d.oldest || left > 0 && left <= d.rush && !d.left[left] {
		return false
	}
	_, ok := slices.BinarySearch(d.seasons, season(month))
	return ok || d.o.NoSeason
}

// levels checks that no level of a term has its hazard at 0 or 1.
func (d *design) levels(patterns []pattern) error {
	type total struct{ atRisk, redeemed float64 }
	sums := map[string]*total{}
	add := func(name string, p pattern) {
		s := sums[name]
		if s == nil {
			s = &total{}
			sums[name] = s
		}
		s.atRisk += p.atRisk
		s.redeemed += p.redeemed
	}
	for _, p := range patterns {
		add("all cells", p)
		if d.first && p.age == d.o.Start {
			add(fmt.Sprintf("age %d, the first (set Start to a later age if points can't be redeemed yet)", p.age), p)
		}
		if p.left > 0 && p.left <= d.rush {
			add(fmt.Sprintf("month %d before expiry (change Rush)", p.left), p)
		}
		add(fmt.Sprintf("tier %d (merge it with another)", p.tier), p)
		if !d.o.NoSeason {
			add(fmt.Sprintf("the months of %s (use NoSeason or more data)", time.Month(season(p.month)+1)), p)
		}
	}
	var names []string
	for name, s := range sums {
		if s.redeemed <= 0 || s.redeemed >= s.atRisk {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	s, what := sums[names[0]], "nothing was"
	if s.redeemed > 0 {
		what = "everything was"
	}
	return hazardError("%s redeemed in %s, so that its effect is not finite", what, names[0])
}

// names returns the names of the terms that are kept and of those that aren't.
func (d *design) names() (kept, aliased []string) {
	all := []string{"intercept", fmt.Sprintf("age %d", d.o.Start), "ln(1+age)"}
	for k := range d.splines() - 1 {
		all = append(all, fmt.Sprintf("bend at age %.0f", math.Expm1(d.knots[k])))
	}
	for k := range d.rush {
		all = append(all, fmt.Sprintf("%d to expiry", k+1))
	}
	for _, t := range d.tiers[1:] {
		all = append(all, fmt.Sprintf("tier %d", t))
	}
	for _, s := range d.seasons[:max(0, len(d.seasons)-1)] {
		all = append(all, time.Month(s+1).String())
	}
	for c, name := range all {
		if slices.Contains(d.kept, c) {
			kept = append(kept, name)
		} else {
			aliased = append(aliased, name)
		}
	}
	return kept, aliased
}
