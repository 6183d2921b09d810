package reserve

import (
	"fmt"
	"math"
	"slices"
	"time"

	"gonum.org/v1/gonum/mat"
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

// score fits the coefficients by Fisher scoring and leaves the fit in the
// patterns. It returns the factorized information.
func (d *design) score(patterns []pattern) ([]float64, *mat.Cholesky, error) {
	var atRisk, redeemed float64
	for _, p := range patterns {
		atRisk += p.atRisk
		redeemed += p.redeemed
	}
	d.keep(patterns)
	p := len(d.kept)
	beta := make([]float64, p)
	beta[0] = d.o.Link.start(redeemed / atRisk)
	deviance := d.apply(patterns, beta)
	info, rhs := mat.NewSymDense(p, nil), mat.NewVecDense(p, nil)
	chol, step := &mat.Cholesky{}, mat.NewVecDense(p, nil)
	next := make([]float64, p)
	for range 100 {
		d.normal(patterns, info, rhs)
		if !chol.Factorize(info) {
			return nil, nil, hazardError("the effects can't be told apart; use fewer knots, tiers or months")
		}
		must(chol.SolveVecTo(step, rhs))
		// The decrement is twice what the log quasi-likelihood can still gain.
		decrement := mat.Dot(step, rhs)
		if decrement < 1e-12*(1+deviance) {
			// One more step doubles the digits.
			for k := range beta {
				beta[k] += step.AtVec(k)
			}
			d.apply(patterns, beta)
			d.normal(patterns, info, rhs)
			if !chol.Factorize(info) {
				break
			}
			return beta, chol, nil
		}
		scale := 1.0
		for {
			for k := range next {
				next[k] = beta[k] + scale*step.AtVec(k)
			}
			v := d.apply(patterns, next)
			if v <= deviance*(1+1e-13) {
				deviance = v
				copy(beta, next)
				break
			}
			if scale /= 2; scale < 1e-8 {
				d.apply(patterns, beta)
				if decrement < 1e-9*(1+deviance) {
					return beta, chol, nil
				}
				return nil, nil, hazardError("the fit does not converge; use fewer knots, tiers or months")
			}
		}
	}
	return nil, nil, hazardError("the fit does not converge, some effect has no finite value; use fewer knots, tiers or months")
}

// apply sets the hazards of the patterns and returns the deviance.
func (d *design) apply(patterns []pattern, beta []float64) float64 {
	var deviance float64
	for i := range patterns {
		p := &patterns[i]
		var eta float64
		for k, c := range d.kept {
			eta += beta[k] * p.x[c]
		}
		p.mu, p.slope = d.o.Link.inverse(eta)
		deviance += p.deviance()
	}
	return deviance
}

// normal sets the information and the score.
func (d *design) normal(patterns []pattern, info *mat.SymDense, rhs *mat.VecDense) {
	info.Zero()
	rhs.Zero()
	raw, r := info.RawSymmetric(), rhs.RawVector().Data
	for i := range patterns {
		p := &patterns[i]
		v := p.mu * (1 - p.mu)
		w := p.atRisk * p.slope * p.slope / v
		s := (p.redeemed - p.atRisk*p.mu) * p.slope / v
		for a, c := range d.kept {
			xa := p.x[c]
			if xa == 0 {
				continue
			}
			r[a] += s * xa
			row := raw.Data[a*raw.Stride:]
			for b := a; b < len(d.kept); b++ {
				row[b] += w * xa * p.x[d.kept[b]]
			}
		}
	}
}

// keep chooses the columns that do not depend on those before them.
func (d *design) keep(patterns []pattern) {
	all := make([]int, d.width)
	for c := range all {
		all[c] = c
	}
	d.kept = all
	for i := range patterns {
		patterns[i].mu, patterns[i].slope = 0.5, 0.5
	}
	a, rhs := mat.NewSymDense(d.width, nil), mat.NewVecDense(d.width, nil)
	d.normal(patterns, a, rhs)
	var kept []int
	var factor [][]float64 // rows of the factor, of kept columns
	for c := range d.width {
		row := make([]float64, 0, len(kept)+1)
		pivot := a.At(c, c)
		for k, other := range kept {
			v := a.At(c, other)
			for i, f := range row {
				v -= f * factor[k][i]
			}
			v /= factor[k][k]
			row = append(row, v)
			pivot -= v * v
		}
		if pivot > 1e-9*a.At(c, c) && pivot > 0 {
			kept = append(kept, c)
			factor = append(factor, append(row, math.Sqrt(pivot)))
		}
	}
	d.kept = kept
}
