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
