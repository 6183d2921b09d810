package survival_test

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"loyaltymcp/stats/survival"
)

// sample draws rows with late entry, ties, weights and clusters, and two
// covariates.
func sample(t *rapid.T, causes int) (survival.Data, *mat.Dense) {
	n := rapid.IntRange(6, 40).Draw(t, "n")
	var d survival.Data
	x := mat.NewDense(n, 2, nil)
	for i := range n {
		start := rapid.IntRange(0, 4).Draw(t, "start")
		d.Start = append(d.Start, float64(start))
		d.Stop = append(d.Stop, float64(start+rapid.IntRange(1, 6).Draw(t, "length")))
		d.Event = append(d.Event, rapid.IntRange(0, causes).Draw(t, "event"))
		d.Weight = append(d.Weight, float64(rapid.IntRange(1, 4).Draw(t, "weight")))
		d.Cluster = append(d.Cluster, rapid.IntRange(0, 9).Draw(t, "cluster"))
		d.Stratum = append(d.Stratum, i%2)
		x.SetRow(i, []float64{float64(rapid.IntRange(-3, 3).Draw(t, "x")), float64(rapid.IntRange(0, 1).Draw(t, "y"))})
	}
	return d, x
}

// pick returns the rows of the data in the given order.
func pick(d survival.Data, x *mat.Dense, rows []int) (survival.Data, *mat.Dense) {
	var out survival.Data
	z := mat.NewDense(len(rows), 2, nil)
	for k, i := range rows {
		out.Start, out.Stop, out.Event = append(out.Start, d.Start[i]), append(out.Stop, d.Stop[i]), append(out.Event, d.Event[i])
		out.Weight, out.Cluster, out.Stratum = append(out.Weight, d.Weight[i]), append(out.Cluster, d.Cluster[i]), append(out.Stratum, d.Stratum[i])
		z.SetRow(k, x.RawRowView(i))
	}
	return out, z
}

// answers are all results for some data, NaN for an error.
func answers(d survival.Data, x *mat.Dense, causes int, ties survival.Ties) []float64 {
	var out []float64
	estimate := func(e survival.Estimate) { out = append(out, e.Value, e.SE) }
	if in, err := survival.AalenJohansen(d, causes); err == nil {
		estimate(in.At(1, 5))
		estimate(in.At(causes, 8))
	}
	if causes > 1 {
		return out
	}
	if c, err := survival.KaplanMeier(d); err == nil {
		estimate(c.At(4))
		estimate(c.RobustAt(6))
		mean, se, _ := c.RMST(5)
		_, robust, _ := c.RobustRMST(5)
		out = append(out, mean, se, robust)
	}
	group := make([]int, len(d.Stop))
	score := make([]float64, len(d.Stop))
	for i := range group {
		group[i], score[i] = int(x.At(i, 1)), x.At(i, 0)
	}
	if test, err := survival.LogRank(d, group, 0.5); err == nil {
		out = append(out, test.ChiSquare)
	}
	if e, err := survival.Concordance(d, score); err == nil {
		estimate(e)
	}
	if f, err := survival.Cox(d, x, ties); err == nil {
		out = append(append(append(out, f.Coef...), f.SE()...), f.RobustSE()...)
		out = append(out, f.LogLik-f.NullLogLik, f.Score)
	}
	// Of events at nearly one time the shape hardly has a top: whether the search
	// finds it hangs on rounding.
	if f, err := survival.Weibull(d, x); err == nil && f.Shape < 20 {
		out = append(append(out, f.Coef...), f.Shape)
	}
	return out
}

func same(t *rapid.T, what string, a, b []float64) {
	t.Helper()
	if len(a) != len(b) {
		t.Fatalf("%s: %v and %v", what, a, b)
	}
	for i := range a {
		if math.Abs(a[i]-b[i]) > 1e-6*math.Max(1, math.Abs(a[i])) || math.IsNaN(a[i]) != math.IsNaN(b[i]) {
			t.Fatalf("%s: %v and %v", what, a, b)
		}
	}
}

func TestOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		causes := rapid.IntRange(1, 2).Draw(t, "causes")
		d, x := sample(t, causes)
		rows := rapid.Permutation(rangeTo(len(d.Stop))).Draw(t, "order")
		e, z := pick(d, x, rows)
		same(t, "in another order", answers(d, x, causes, survival.Efron), answers(e, z, causes, survival.Efron))
	})
}

func rangeTo(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// A row of weight k says what k rows of weight 1 of its cluster say.
func TestWeightsAreRepetitions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		causes := rapid.IntRange(1, 2).Draw(t, "causes")
		d, x := sample(t, causes)
		var rows []int
		for i, w := range d.Weight {
			rows = append(rows, slices.Repeat([]int{i}, int(w))...)
		}
		e, z := pick(d, x, rows)
		e.Weight = nil
		same(t, "repeated", answers(d, x, causes, survival.Breslow), answers(e, z, causes, survival.Breslow))
	})
}

// A time cut into two rows of one cluster says what the whole does.
func TestCutsDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		causes := rapid.IntRange(1, 2).Draw(t, "causes")
		d, x := sample(t, causes)
		rows := rangeTo(len(d.Stop))
		var again []int
		cutAt := float64(rapid.IntRange(1, 8).Draw(t, "cut")) + 0.5
		for _, i := range rows {
			if d.Start[i] < cutAt && cutAt < d.Stop[i] {
				again = append(again, i)
			}
		}
		e, z := pick(d, x, append(rows, again...))
		for k, i := range again {
			e.Stop[i], e.Event[i] = cutAt, 0
			e.Start[len(rows)+k] = cutAt
		}
		a, b := answers(d, x, causes, survival.Efron), answers(e, z, causes, survival.Efron)
		same(t, "cut", a, b)
	})
}

// The time scale does not matter to what only orders times.
func TestTimesAreOrdered(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, x := sample(t, 1)
		e, z := pick(d, x, rangeTo(len(d.Stop)))
		for i := range e.Stop {
			e.Start[i], e.Stop[i] = math.Exp(e.Start[i]), math.Exp(e.Stop[i])
			z.Set(i, 0, 100+10*z.At(i, 0))
		}
		f, err := survival.Cox(d, x, survival.Efron)
		g, other := survival.Cox(e, z, survival.Efron)
		if (err == nil) != (other == nil) {
			t.Fatalf("%v, %v", err, other)
		}
		if err != nil {
			return
		}
		g.Coef[0] *= 10
		same(t, "coefficients", f.Coef, g.Coef)
		fe, fg, ferr := f.ProportionalHazards()
		ge, gg, gerr := g.ProportionalHazards()
		// Where the likelihood is nearly flat the residuals are of its rounding.
		if ferr == nil && gerr == nil && f.SE()[0] < 5 {
			same(t, "tests", []float64{fg.ChiSquare, fe[0].ChiSquare}, []float64{gg.ChiSquare, ge[0].ChiSquare})
		}
	})
}

// The robust standard errors are the changes of the results by the weight of
// each cluster.
func TestRobustIsTheJackknife(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, x := sample(t, 2)
		results := func(d survival.Data) []survival.Estimate {
			in, err := survival.AalenJohansen(d, 2)
			if err != nil {
				return nil
			}
			out := []survival.Estimate{in.At(1, 4), in.At(2, 6)}
			one := d
			one.Event = nil
			for _, e := range d.Event {
				one.Event = append(one.Event, e%2)
			}
			c, err := survival.KaplanMeier(one)
			if err != nil {
				return out
			}
			out = append(out, c.RobustAt(5))
			if mean, se, err := c.RobustRMST(6.5); err == nil {
				out = append(out, survival.Estimate{Value: mean, SE: se})
			}
			if f, err := survival.Cox(one, x, survival.Breslow); err == nil {
				out = append(out, survival.Estimate{Value: f.Coef[0], SE: f.RobustSE()[0]})
				if e, err := survival.Concordance(one, x.RawMatrix().Data[:len(d.Stop)]); err == nil {
					out = append(out, e)
				}
			}
			return out
		}
		base := results(d)
		sums := make([]float64, len(base))
		// Newton's method leaves a coefficient off by up to about 1e-6 standard
		// errors, which a smaller step would magnify.
		const eps = 1e-3
		for k := range 10 {
			moved := func(by float64) []survival.Estimate {
				e := d
				e.Weight = slices.Clone(d.Weight)
				for i := range e.Weight {
					if d.Cluster[i] == k {
						e.Weight[i] *= by
					}
				}
				return results(e)
			}
			up, down := moved(1+eps), moved(1-eps)
			if len(up) != len(base) || len(down) != len(base) {
				return
			}
			for j := range base {
				diff := (up[j].Value - down[j].Value) / (2 * eps)
				sums[j] += diff * diff
			}
		}
		for j, e := range base {
			if want := math.Sqrt(sums[j]); !math.IsNaN(e.SE) && math.Abs(e.SE-want) > 2e-4*(1+want) {
				t.Fatalf("result %d: %+v, by changing weights %v", j, e, want)
			}
		}
	})
}

// The concordance is what counting all pairs gives.
func TestConcordanceOfAllPairs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, x := sample(t, 1)
		score := mat.Col(nil, 0, x)
		right, total := 0.0, 0.0
		for i := range score {
			for j := range score {
				later := d.Stop[j] > d.Stop[i] || d.Stop[j] == d.Stop[i] && d.Event[j] == 0
				if d.Event[i] == 0 || d.Stratum[i] != d.Stratum[j] || !later || d.Start[j] >= d.Stop[i] {
					continue
				}
				w := d.Weight[i] * d.Weight[j]
				total += w
				switch {
				case score[i] > score[j]:
					right += w
				case score[i] == score[j]:
					right += w / 2
				}
			}
		}
		e, err := survival.Concordance(d, score)
		if err != nil {
			if total > 0 {
				t.Fatal(err)
			}
			return
		}
		if math.Abs(e.Value-right/total) > 1e-12 {
			t.Fatalf("%v, want %v", e.Value, right/total)
		}
	})
}

// Shares are shares, they add up, and intervals are nested by level.
func TestShares(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, _ := sample(t, 2)
		in, err := survival.AalenJohansen(d, 2)
		if err != nil {
			return
		}
		for i, s := range in.Survival {
			if sum := s + in.Cause[0][i] + in.Cause[1][i]; math.Abs(sum-1) > 1e-12 {
				t.Fatalf("shares add up to %v", sum)
			}
		}
		e := in.At(1, 6)
		for _, scale := range []survival.Scale{survival.LogLog, survival.Log, survival.Plain} {
			low, high := e.Interval(0.8, scale)
			wide, broad := e.Interval(0.95, scale)
			if !(wide <= low && low <= e.Value && e.Value <= high && high <= broad && wide >= 0 && broad <= 1) && !math.IsNaN(e.SE) {
				t.Fatalf("%+v: %v %v within %v %v", e, low, high, wide, broad)
			}
		}
	})
}
