package classify_test

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"loyaltymcp/stats/classify"
)

// sample draws rows of two covariates, an outcome, a weight and a cluster.
func sample(t *rapid.T) (y []float64, x *mat.Dense, w []float64, cluster []int) {
	n := rapid.IntRange(8, 50).Draw(t, "n")
	x = mat.NewDense(n, 2, nil)
	for i := range n {
		x.SetRow(i, []float64{float64(rapid.IntRange(-3, 3).Draw(t, "a")), float64(rapid.IntRange(0, 2).Draw(t, "b"))})
		y = append(y, float64(rapid.IntRange(0, 1).Draw(t, "y")))
		w = append(w, float64(rapid.IntRange(1, 3).Draw(t, "w")))
		cluster = append(cluster, rapid.IntRange(0, 12).Draw(t, "cluster"))
	}
	return y, x, w, cluster
}

func same(t *rapid.T, what string, a, b []float64) {
	t.Helper()
	for i := range a {
		if math.Abs(a[i]-b[i]) > 1e-7*math.Max(1, math.Abs(a[i])) {
			t.Fatalf("%s: %v and %v", what, a, b)
		}
	}
}

// A row of weight k says what k rows of its cluster say, in any order.
func TestWeightsAreRepetitions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		y, x, w, cluster := sample(t)
		o := classify.FitOptions{
			Link: classify.Link(rapid.IntRange(0, 1).Draw(t, "link")), Ridge: float64(rapid.IntRange(0, 2).Draw(t, "ridge")),
			Weight: w, Cluster: cluster,
		}
		m, err := classify.Fit(y, x, o)
		var rows []int
		for i, k := range w {
			rows = append(rows, slices.Repeat([]int{i}, int(k))...)
		}
		rows = rapid.Permutation(rows).Draw(t, "order")
		var again []float64
		z := mat.NewDense(len(rows), 2, nil)
		o.Weight, o.Cluster = nil, nil
		for k, i := range rows {
			again, o.Cluster = append(again, y[i]), append(o.Cluster, cluster[i])
			z.SetRow(k, x.RawRowView(i))
		}
		r, other := classify.Fit(again, z, o)
		if (err == nil) != (other == nil) {
			t.Fatalf("%v and %v", err, other)
		}
		if err != nil {
			return
		}
		same(t, "coefficients", m.Coef, r.Coef)
		same(t, "se", m.SE(), r.SE())
		same(t, "robust se", m.RobustSE(), r.RobustSE())
		if o.Ridge == 0 {
			// Units of covariates don't matter, and for the logit the
			// expected outcomes add up.
			z.Scale(100, z)
			if s, err := classify.Fit(again, z, o); err != nil || !slices.EqualFunc(s.Coef[1:], r.Coef[1:], func(a, b float64) bool { return math.Abs(100*a-b) < 1e-6*(1+math.Abs(b)) }) {
				t.Fatalf("scaled: %v, %v; want a hundredth of %v", s.Coef, err, r.Coef)
			}
			sum := 0.0
			for i := range y {
				sum += w[i] * (m.Predict(x.RawRowView(i)...) - y[i])
			}
			if o.Link == classify.Logit && math.Abs(sum) > 1e-7*float64(len(rows)) {
				t.Fatalf("expected outcomes are off by %v", sum)
			}
		}
	})
}

func TestAreas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		y, x, _, _ := sample(t)
		score := mat.Col(nil, 0, x)
		a, err := classify.AUC(score, y)
		if err != nil {
			return
		}
		pairs, right := 0.0, 0.0
		bent, turned := make([]float64, len(score)), make([]float64, len(score))
		for i, s := range score {
			bent[i], turned[i] = math.Exp(3*s), -s
			for j, r := range score {
				if y[i] == 1 && y[j] == 0 {
					pairs++
					switch {
					case s > r:
						right++
					case s == r:
						right += 0.5
					}
				}
			}
		}
		b, _ := classify.AUC(bent, y)
		c, _ := classify.AUC(turned, y)
		if math.Abs(a.Value-right/pairs) > 1e-12 || math.Abs(b.Value-a.Value) > 1e-12 || math.Abs(c.Value+a.Value-1) > 1e-12 {
			t.Fatalf("areas %v, bent %v, turned %v; want %v", a.Value, b.Value, c.Value, right/pairs)
		}
		low, high := a.Interval(0.8)
		wide, broad := a.Interval(0.95)
		if !math.IsNaN(low) && !(wide <= low && low <= a.Value && a.Value <= high && high <= broad) && !math.IsNaN(a.SE) {
			t.Fatalf("%v %v not within %v %v", low, high, wide, broad)
		}
	})
}

func TestIsotonicAndCalibration(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		y, x, _, _ := sample(t)
		score := mat.Col(nil, 0, x)
		s, err := classify.Isotonic(score, y)
		if err != nil {
			t.Fatal(err)
		}
		p, off := make([]float64, len(y)), 0.0
		for i, v := range score {
			p[i] = s.At(v)
			off += p[i] - y[i]
		}
		if !slices.IsSorted(s.Probability) || !slices.IsSorted(s.Score) || math.Abs(off) > 1e-9 {
			t.Fatalf("%+v: probabilities add up to %v too much", s, off)
		}
		bins, err := classify.Calibration(p, y, 4)
		if err != nil {
			t.Fatal(err)
		}
		order := rapid.Permutation(indices(len(y))).Draw(t, "order")
		q, z := make([]float64, len(y)), make([]float64, len(y))
		for k, i := range order {
			q[k], z[k] = p[i], y[i]
		}
		again, err := classify.Calibration(q, z, 4)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for g, b := range bins {
			n += b.N
			if math.Abs(b.Observed-again[g].Observed) > 1e-12 || !(b.Low <= b.Observed && b.Observed <= b.High) {
				t.Fatalf("group %d: %+v, in another order %+v", g, b, again[g])
			}
		}
		if n != len(y) {
			t.Fatalf("groups hold %d of %d rows", n, len(y))
		}
	})
}

func indices(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// FuzzFit: any data give finite results or an error, and soon.
func FuzzFit(f *testing.F) {
	f.Add([]byte("rows of two bytes each, taken for data"), 1.0, 0.0, 0.0)
	f.Add([]byte{1, 1, 2, 0, 3, 1, 200, 0}, 1e200, -1e200, 1e-3)
	f.Fuzz(func(t *testing.T, raw []byte, scale, shift, ridge float64) {
		n := min(len(raw)/2, 80)
		if n == 0 {
			return
		}
		y, x, score := make([]float64, n), mat.NewDense(n, 2, nil), make([]float64, n)
		for i := range n {
			y[i] = float64(raw[2*i+1] & 1)
			score[i] = shift + scale*float64(raw[2*i])
			x.SetRow(i, []float64{score[i], float64(raw[2*i+1] >> 4)})
		}
		for _, link := range []classify.Link{classify.Logit, classify.CLogLog} {
			m, err := classify.Fit(y, x, classify.FitOptions{Link: link, Ridge: ridge})
			if err != nil {
				continue
			}
			for _, v := range slices.Concat(m.Coef, m.SE(), m.RobustSE(), []float64{m.LogLik, m.NullLogLik}) {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					t.Fatalf("%+v of %v, %v", m, y, mat.Formatted(x))
				}
			}
		}
		if a, err := classify.AUC(score, y); err == nil && !(a.Value >= 0 && a.Value <= 1) {
			t.Fatalf("area %v", a.Value)
		}
		if s, err := classify.Isotonic(score, y); err == nil {
			for _, v := range score {
				if p := s.At(v); !(p >= 0 && p <= 1) {
					t.Fatalf("probability %v of %v in %+v", p, v, s)
				}
			}
		}
		_, _ = classify.Platt(score, y)
	})
}
