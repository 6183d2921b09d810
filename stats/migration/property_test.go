package migration_test

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"loyaltymcp/stats/migration"
)

// members draws sequences of states, such as the tiers of members by year.
func members(t *rapid.T, states int) [][]int {
	out := make([][]int, rapid.IntRange(1, 30).Draw(t, "members"))
	for i := range out {
		out[i] = rapid.SliceOfN(rapid.IntRange(0, states-1), 0, 8).Draw(t, "states")
	}
	return out
}

// counts draws a matrix of counts in which every state is left or kept, and many
// moves were never seen.
func counts(t *rapid.T, states int) *mat.Dense {
	m := mat.NewDense(states, states, nil)
	for i := range states {
		for j := range states {
			m.Set(i, j, float64(rapid.SampledFrom([]int{0, 0, 1, 2, 7, 40, 3000}).Draw(t, "count")))
		}
		if mat.Sum(m.RowView(i)) == 0 {
			m.Set(i, rapid.IntRange(0, states-1).Draw(t, "to"), 1)
		}
	}
	return m
}

// relabelled returns the matrix with its states in another order: state k is the
// old order[k].
func relabelled(m mat.Matrix, order []int) *mat.Dense {
	out := mat.NewDense(len(order), len(order), nil)
	for r, i := range order {
		for c, j := range order {
			out.Set(r, c, m.At(i, j))
		}
	}
	return out
}

func permutation(t *rapid.T, n int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	return rapid.Permutation(order).Draw(t, "order")
}

func fit(t *rapid.T, m mat.Matrix, absorbing ...int) migration.Estimate {
	t.Helper()
	e, err := migration.Fit(m, absorbing...)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// The order in which states are numbered, periods given and members read does not
// matter.
func TestOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 5).Draw(t, "n")
		m, order := counts(t, n), permutation(t, n)
		a, b := fit(t, m, order[0]), fit(t, relabelled(m, order), 0)
		mix := make([]float64, n)
		for i := range mix {
			mix[i] = float64(rapid.IntRange(0, 9).Draw(t, "mix"))
		}
		moved := make([]float64, n)
		for k, i := range order {
			moved[k] = mix[i]
		}
		steps := rapid.IntRange(0, 7).Draw(t, "steps")
		pa, err := a.Project(mix, steps)
		if err != nil {
			t.Fatal(err)
		}
		pb, err := b.Project(moved, steps)
		if err != nil {
			t.Fatal(err)
		}
		sa, sb := a.SE(), b.SE()
		for k, i := range order {
			if !near(pa.Mix[i], pb.Mix[k], 1e-12) || !near(pa.SE[i], pb.SE[k], 1e-9) {
				t.Fatalf("projection %+v, in another order %+v", pa, pb)
			}
			for l, j := range order {
				low, high := a.Interval(i, j, 0.9)
				other, upper := b.Interval(k, l, 0.9)
				if a.P.At(i, j) != b.P.At(k, l) || !near(sa.At(i, j), sb.At(k, l), 1e-14) || !near(low, other, 1e-13) || !near(high, upper, 1e-13) {
					t.Fatalf("move %d to %d is estimated otherwise in another order", i, j)
				}
			}
		}
		sequences := members(t, n)
		shuffled := rapid.Permutation(sequences).Draw(t, "members' order")
		if !mat.Equal(migration.Count(n, sequences...), migration.Count(n, shuffled...)) {
			t.Fatal("counts depend on the order of members")
		}
		periods := []*mat.Dense{m, counts(t, n), counts(t, n)}
		ha, err := migration.HomogeneityTest(periods)
		slices.Reverse(periods)
		hb, again := migration.HomogeneityTest(periods)
		if (err == nil) != (again == nil) || math.Abs(ha.G2-hb.G2) > 1e-9*(1+ha.G2) || ha.DF != hb.DF {
			t.Fatalf("homogeneity %+v, %v; periods in another order %+v, %v", ha, err, hb, again)
		}
	})
}

// Each member k times is each move k times: the probabilities stay, the squared
// errors are a k-th, and tests k times as sure.
func TestWeightsAreRepetitions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, k := rapid.IntRange(2, 4).Draw(t, "n"), rapid.IntRange(2, 6).Draw(t, "times")
		sequences := members(t, n)
		once, often := migration.Count(n, sequences...), migration.Count(n, slices.Repeat(sequences, k)...)
		var weighted mat.Dense
		weighted.Scale(float64(k), once)
		if !mat.Equal(often, &weighted) {
			t.Fatal("counts of repeated members are not multiples")
		}
		a, err := migration.Fit(once)
		b, again := migration.Fit(often)
		if (err == nil) != (again == nil) {
			t.Fatalf("%v; repeated %v", err, again)
		}
		if err == nil {
			var scaled mat.Dense
			scaled.Scale(math.Sqrt(float64(k)), b.SE())
			if !mat.EqualApprox(a.P, b.P, 1e-15) || !mat.EqualApprox(a.SE(), &scaled, 1e-14) || !near(float64(k)*a.LogLik, b.LogLik, 1e-12) {
				t.Fatalf("%+v; repeated %+v", a, b)
			}
		}
		x, err := migration.OrderTest(migration.CountPairs(n, sequences...))
		y, again := migration.OrderTest(migration.CountPairs(n, slices.Repeat(sequences, k)...))
		if (err == nil) != (again == nil) || x.DF != y.DF || !near(float64(k)*x.G2, y.G2, 1e-9) {
			t.Fatalf("%+v, %v; repeated %+v, %v", x, err, y, again)
		}
		if err == nil && y.P > x.P+1e-12 {
			t.Fatalf("P %v, repeated %v", x.P, y.P)
		}
	})
}

// A state cut in two that move alike is one: nothing else changes, and the two
// have its shares and times together.
func TestGroupingOfLikeStates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 4).Draw(t, "n")
		p := fit(t, counts(t, n)).P
		share := rapid.Float64Range(0.05, 0.95).Draw(t, "share")
		cut := mat.NewDense(n+1, n+1, nil) // the last state is cut
		for i := range n + 1 {
			for j := range n + 1 {
				v := p.At(min(i, n-1), min(j, n-1))
				switch j {
				case n - 1:
					v *= share
				case n:
					v *= 1 - share
				}
				cut.Set(i, j, v)
			}
		}
		whole, err := migration.Stationary(p)
		parts, again := migration.Stationary(cut)
		if (err == nil) != (again == nil) {
			t.Fatalf("%v; cut %v", err, again)
		}
		if err == nil {
			for i, v := range whole {
				got := parts[i]
				if i == n-1 {
					got += parts[n]
				}
				if math.Abs(got-v) > 1e-12 {
					t.Fatalf("mix %v; cut %v", whole, parts)
				}
			}
		}
		a, err := migration.Absorb(p, 0)
		b, again := migration.Absorb(cut, 0)
		if (err == nil) != (again == nil) {
			t.Fatalf("%v; cut %v", err, again)
		}
		for i, v := range a.Periods {
			if !near(b.Periods[i], v, 1e-9) {
				t.Fatalf("periods %v; cut %v", a.Periods, b.Periods)
			}
		}
	})
}

// The results are what their definitions ask for: the stationary mix stays, times
// and ends are those after one step, steps add up, and members are kept.
func TestDefinitionsHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 5).Draw(t, "n")
		e := fit(t, counts(t, n), 0)
		free := fit(t, counts(t, n))
		if mix, err := migration.Stationary(free.P); err == nil {
			var next mat.VecDense
			next.MulVec(free.P.T(), mat.NewVecDense(n, mix))
			for i, v := range mix {
				if math.Abs(next.AtVec(i)-v) > 1e-14 {
					t.Fatalf("mix %v moves to %v", mix, mat.Formatted(&next))
				}
			}
		}
		if a, err := migration.Absorb(e.P, 0); err == nil {
			for r, i := range a.Transient {
				periods := 1.0
				for c, j := range a.Transient {
					periods += e.P.At(i, j) * a.Periods[c]
				}
				if !near(a.Periods[r], periods, 1e-12) || !near(a.Ends.At(r, 0), 1, 1e-14) {
					t.Fatalf("from %d: %v periods, by a step %v; ends %v", i, a.Periods[r], periods, a.Ends.At(r, 0))
				}
			}
		}
		x, y := rapid.IntRange(0, 9).Draw(t, "steps"), rapid.IntRange(0, 9).Draw(t, "more")
		var both mat.Dense
		both.Mul(migration.Power(e.P, x), migration.Power(e.P, y))
		if !mat.EqualApprox(&both, migration.Power(e.P, x+y), 1e-13) {
			t.Fatalf("%d and %d steps are not %d", x, y, x+y)
		}
		mix, total := make([]float64, n), 0.0
		for i := range mix {
			mix[i] = float64(rapid.IntRange(0, 1000).Draw(t, "mix"))
			total += mix[i]
		}
		next, err := e.Project(mix, x)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range next.Mix {
			want := mat.Dot(mat.NewVecDense(n, mix), migration.Power(e.P, x).ColView(i))
			if !near(v, want, 1e-12) {
				t.Fatalf("projected %v, by the power %v", next.Mix, want)
			}
			total -= v
		}
		if math.Abs(total) > 1e-9 {
			t.Fatalf("%v members too few", total)
		}
	})
}

// Intervals hold the estimate, lie within 0 and 1 and are nested by level.
func TestIntervalsAreNested(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 4).Draw(t, "n")
		e := fit(t, counts(t, n))
		i, j := rapid.IntRange(0, n-1).Draw(t, "from"), rapid.IntRange(0, n-1).Draw(t, "to")
		levels := rapid.SliceOfN(rapid.Float64Range(1e-6, 1-1e-9), 3, 3).Draw(t, "levels")
		slices.Sort(levels)
		low, high := math.Inf(1), math.Inf(-1)
		for _, level := range levels {
			l, h := e.Interval(i, j, level)
			if p := e.P.At(i, j); !(0 <= l && l <= p && p <= h && h <= 1) || l > low+1e-14 || h < high-1e-14 {
				t.Fatalf("at %v %v to %v around %v, within it %v to %v", level, l, h, p, low, high)
			}
			low, high = l, h
		}
	})
}
