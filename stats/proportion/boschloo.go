package proportion

import (
	"errors"
	"math"
)

// ErrTooLarge is returned when an exact unconditional test would have to look
// at too many tables; the score test is accurate for such numbers.
var ErrTooLarge = errors.New("proportion: too many observations for an exact unconditional test; use ScoreTest")

// maxTables bounds the product of the sizes of the two groups.
const maxTables = 4_000_000

// Boschloo returns the exact unconditional test of equal shares that orders the
// tables by Fisher's one-sided p-value: the largest probability, over the common
// share, of a table at least as extreme. TwoSided is twice the smaller one-sided
// p-value. It keeps its level for any numbers, and is never less powerful than
// Fisher's one-sided test.
//
// See R. D. Boschloo, "Raised conditional level of significance for the 2×2-table
// when testing the equality of two probabilities", Statistica Neerlandica 24, 1970.
//
// Boschloo returns ErrNoData or ErrCounts for counts that are not a sample, and
// ErrTooLarge when the product of the group sizes exceeds 4 million.
func Boschloo(control, treatment Count) (Exact, error) {
	if err := checkTables(control, treatment); err != nil {
		return Exact{}, err
	}
	e := Exact{
		Greater: boschlooGreater(control, treatment),
		Less:    boschlooGreater(treatment, control),
	}
	e.TwoSided = math.Min(1, 2*math.Min(e.Greater, e.Less))
	return e, nil
}

// boschlooGreater returns the p-value against a treatment share above control.
func boschlooGreater(control, treatment Count) float64 {
	limit := upperTail(control.Successes, treatment.Successes, control.N, treatment.N) * (1 + 1e-7)
	// The p-value falls as treatment gains successes and rises as control does:
	// the first treatment count in the region never moves back.
	first := make([]int64, control.N+1)
	var from int64
	for c := range first {
		for from <= treatment.N && upperTail(int64(c), from, control.N, treatment.N) > limit {
			from++
		}
		first[c] = from
	}
	return largest(control.N, treatment.N, first, nil)
}

// upperTail returns Fisher's p-value of t or more treatment successes.
func upperTail(c, t, nc, nt int64) float64 {
	total := c + t
	hi := min(total, nt)
	// From the observed table outward the terms fall geometrically once past the
	// mode; below the mode they rise first.
	p, sum := math.Exp(hypergeometric(t, nc, nt, total)), 0.0
	for x := t; x <= hi; x++ {
		sum += p
		next := p * (float64(total-x) * float64(nt-x)) / (float64(x+1) * float64(nc-total+x+1))
		if next < p && next < 1e-18*sum {
			break
		}
		p = next
	}
	return math.Min(1, sum)
}

// Barnard returns the exact unconditional test of equal shares that orders the
// tables by the pooled z statistic. TwoSided counts tables whose statistic is as
// large in either direction.
//
// See G. A. Barnard, "Significance tests for 2×2 tables", Biometrika 34, 1947, and
// S. Suissa and J. J. Shuster, Journal of the Royal Statistical Society A 148, 1985.
//
// Barnard returns ErrNoData or ErrCounts for counts that are not a sample, and
// ErrTooLarge when the product of the group sizes exceeds 4 million.
func Barnard(control, treatment Count) (Exact, error) {
	if err := checkTables(control, treatment); err != nil {
		return Exact{}, err
	}
	z := pooledZ(control.Successes, treatment.Successes, control.N, treatment.N)
	side := func(z float64) (first, last []int64) {
		first, last = make([]int64, control.N+1), make([]int64, control.N+1)
		var up, down int64
		for c := range first {
			for up <= treatment.N && pooledZ(int64(c), up, control.N, treatment.N) < z-1e-9 {
				up++
			}
			for down <= treatment.N && pooledZ(int64(c), down, control.N, treatment.N) <= -z+1e-9 {
				down++
			}
			first[c], last[c] = up, down
		}
		return first, last
	}
	var e Exact
	first, _ := side(z)
	e.Greater = largest(control.N, treatment.N, first, nil)
	none := make([]int64, control.N+1)
	for c := range none {
		none[c] = treatment.N + 1
	}
	_, last := side(-z)
	e.Less = largest(control.N, treatment.N, none, last)
	if z == 0 {
		e.TwoSided = 1
		return e, nil
	}
	first, last = side(math.Abs(z))
	e.TwoSided = largest(control.N, treatment.N, first, last)
	return e, nil
}

// pooledZ is the z statistic with the pooled share, 0 where it vanishes.
func pooledZ(c, t, nc, nt int64) float64 {
	fc, ft := float64(nc), float64(nt)
	d := float64(t)/ft - float64(c)/fc
	if d == 0 {
		return 0
	}
	p := float64(c+t) / (fc + ft)
	return d / math.Sqrt(p*(1-p)*(1/fc+1/ft))
}

func checkTables(control, treatment Count) error {
	if err := checkBoth(control, treatment); err != nil {
		return err
	}
	if float64(control.N)*float64(treatment.N) > maxTables {
		return ErrTooLarge
	}
	return nil
}

// largest returns the largest probability, over the common share, of a table
// with c control successes and at least first[c] or fewer than last[c] treatment
// successes.
func largest(nc, nt int64, first, last []int64) float64 {
	bc, bt := make([]float64, nc+1), make([]float64, nt+2)
	at := func(share float64) float64 {
		binomials(bc, nc, share)
		binomials(bt[:nt+1], nt, share)
		bt[nt+1] = 0
		for t := nt; t >= 0; t-- { // upper tails
			bt[t] += bt[t+1]
		}
		var sum float64
		for c, p := range bc {
			q := bt[first[c]]
			if last != nil {
				q += math.Max(0, bt[0]-bt[last[c]])
			}
			sum += p * q
		}
		return sum
	}
	const steps = 400
	grid := make([]float64, steps+1)
	best := 0.0
	// Equal steps of the angle crowd the ends, where few events lie.
	share := func(i float64) float64 { s := math.Sin(math.Pi / 2 * i / steps); return s * s }
	for i := range grid {
		grid[i] = at(share(float64(i)))
		best = math.Max(best, grid[i])
	}
	for i := range grid {
		l, r := max(i-1, 0), min(i+1, steps)
		if grid[i] < grid[l] || grid[i] < grid[r] || grid[i] < 0.98*best {
			continue
		}
		best = math.Max(best, climb(func(x float64) float64 { return at(share(x)) }, float64(l), float64(r)))
	}
	return math.Min(1, best)
}

// climb returns the largest value of a function with one maximum in [lo, hi], by
// golden sections.
func climb(f func(float64) float64, lo, hi float64) float64 {
	const ratio = 0.6180339887498949
	a, b := hi-ratio*(hi-lo), lo+ratio*(hi-lo)
	fa, fb := f(a), f(b)
	for range 40 {
		if fa > fb {
			hi, b, fb = b, a, fa
			a = hi - ratio*(hi-lo)
			fa = f(a)
		} else {
			lo, a, fa = a, b, fb
			b = lo + ratio*(hi-lo)
			fb = f(b)
		}
	}
	return math.Max(fa, fb)
}

// binomials fills p with the probabilities of 0 to n successes.
func binomials(p []float64, n int64, share float64) {
	clear(p)
	if share <= 0 || share >= 1 {
		if share <= 0 {
			p[0] = 1
		} else {
			p[n] = 1
		}
		return
	}
	mode := min(n, int64(float64(n+1)*share))
	p[mode] = math.Exp(choose(n, mode) + float64(mode)*math.Log(share) + float64(n-mode)*math.Log1p(-share))
	odds := share / (1 - share)
	for k := mode; k < n; k++ {
		p[k+1] = p[k] * odds * float64(n-k) / float64(k+1)
	}
	for k := mode; k > 0; k-- {
		p[k-1] = p[k] / odds * float64(k) / float64(n-k+1)
	}
}
