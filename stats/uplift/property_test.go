package uplift_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	"loyaltymcp/stats/uplift"
)

func sample(t *rapid.T) uplift.Trial {
	n := rapid.IntRange(4, 40).Draw(t, "n")
	var trial uplift.Trial
	for range n {
		trial.Score = append(trial.Score, float64(rapid.IntRange(0, 6).Draw(t, "score")))
		trial.Treated = append(trial.Treated, rapid.Bool().Draw(t, "treated"))
		trial.Outcome = append(trial.Outcome, float64(rapid.IntRange(0, 1).Draw(t, "outcome")))
	}
	return trial
}

func reordered(t *rapid.T, trial uplift.Trial) uplift.Trial {
	places := make([]int, len(trial.Score))
	for i := range places {
		places[i] = i
	}
	var out uplift.Trial
	for _, i := range rapid.Permutation(places).Draw(t, "order") {
		out.Score, out.Treated, out.Outcome = append(out.Score, trial.Score[i]), append(out.Treated, trial.Treated[i]), append(out.Outcome, trial.Outcome[i])
	}
	return out
}

// Neither the order of members matters, nor a rising change of the score, and
// groups add up to the whole.
func TestOrderAndScaleDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		trial := sample(t)
		other := reordered(t, trial)
		for i, s := range other.Score {
			other.Score[i] = math.Exp(s)
		}
		for name, f := range map[string]func(uplift.Trial) (float64, error){
			"AUUC": uplift.Trial.AUUC, "Qini": uplift.Trial.Qini, "Qini without harm": uplift.Trial.QiniWithoutHarm,
			"at":     func(t uplift.Trial) (float64, error) { g, err := t.At(0.4); return g.Uplift, err },
			"by arm": func(t uplift.Trial) (float64, error) { g, err := t.AtByArm(0.4); return g.Uplift, err },
		} {
			a, err := f(trial)
			b, again := f(other)
			if (err == nil) != (again == nil) || math.IsNaN(a) != math.IsNaN(b) || math.Abs(a-b) > 1e-9*math.Max(1, math.Abs(a)) {
				t.Fatalf("%s: %v, %v; in another order %v, %v", name, a, err, b, again)
			}
		}
		groups, err := trial.Groups(3)
		if err != nil {
			return
		}
		members, outcome := 0.0, 0.0
		for _, g := range groups {
			members += g.Treated + g.Control
			if g.Treated > 0 {
				outcome += g.Treated * g.TreatedMean
			}
			if g.Control > 0 {
				outcome += g.Control * g.ControlMean
			}
		}
		for _, y := range trial.Outcome {
			outcome -= y
			members--
		}
		if math.Abs(members) > 1e-9 || math.Abs(outcome) > 1e-9 {
			t.Fatalf("groups are off by %v members and %v outcomes", members, outcome)
		}
	})
}

// An effect that all members share does not depend on the priority.
func TestAUTOCOfShiftedScores(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(4, 30).Draw(t, "n")
		scores, shifted, priority := make([]float64, n), make([]float64, n), make([]float64, n)
		shift := float64(rapid.IntRange(-100, 100).Draw(t, "shift"))
		for i := range scores {
			scores[i] = float64(rapid.IntRange(-9, 9).Draw(t, "score"))
			shifted[i] = scores[i] + shift
			priority[i] = float64(rapid.IntRange(0, 5).Draw(t, "priority"))
		}
		a, err := uplift.AUTOC(scores, priority, 0, nil)
		b, again := uplift.AUTOC(shifted, priority, 0, nil)
		if err != nil || again != nil || math.Abs(a.Value-b.Value) > 1e-9 {
			t.Fatalf("%v, %v; shifted %v, %v", a, err, b, again)
		}
	})
}

// Weights are repetitions: everyone k times ranks the same, and the squared errors
// of a group are a k-th.
func TestRepetitions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		trial := sample(t)
		k := rapid.IntRange(2, 4).Draw(t, "times")
		often := uplift.Trial{Score: slices.Repeat(trial.Score, k), Treated: slices.Repeat(trial.Treated, k), Outcome: slices.Repeat(trial.Outcome, k)}
		for name, f := range map[string]func(uplift.Trial) (float64, error){"AUUC": uplift.Trial.AUUC, "Qini": uplift.Trial.Qini} {
			a, err := f(trial)
			b, again := f(often)
			if (err == nil) != (again == nil) || math.Abs(a-b) > 1e-9*math.Max(1, math.Abs(a)) {
				t.Fatalf("%s: %v, %v; repeated %v, %v", name, a, err, b, again)
			}
		}
		a, err := trial.At(1)
		b, again := often.At(1)
		if (err == nil) != (again == nil) {
			t.Fatalf("%v; repeated %v", err, again)
		}
		if err == nil && !math.IsNaN(a.SE) && math.Abs(a.SE-math.Sqrt(float64(k))*b.SE) > 1e-12 {
			t.Fatalf("error %v, repeated %v", a.SE, b.SE)
		}
		low, high := a.Interval(0.8)
		wide, broad := a.Interval(0.95)
		if !math.IsNaN(a.SE) && !(wide <= low && low <= a.Uplift && a.Uplift <= high && high <= broad) {
			t.Fatalf("%v to %v within %v to %v", low, high, wide, broad)
		}
	})
}

// Whatever numbers are given, results are finite, or an error says why there is
// none; a group without an arm, or with one member in it, has NaN where it must.
func TestFiniteOrExplained(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		anything := rapid.OneOf(rapid.Float64Range(-5, 5), rapid.Float64(), rapid.Map(rapid.IntRange(-330, 308), func(e int) float64 { return math.Pow(10, float64(e)) }),
			rapid.SampledFrom([]float64{0, 1, 5e-324, math.MaxFloat64, math.NaN(), math.Inf(1), math.Inf(-1)}))
		if rapid.Bool().Draw(t, "moderate") {
			anything = rapid.Float64Range(-1e100, 1e100)
		}
		n := rapid.IntRange(1, 8).Draw(t, "n")
		draw := func(name string) []float64 { return rapid.SliceOfN(anything, n, n).Draw(t, name) }
		trial := uplift.Trial{Score: draw("score"), Outcome: draw("outcome"), Treated: rapid.SliceOfN(rapid.Bool(), n, n).Draw(t, "treated")}
		finite := func(what string, values ...float64) {
			for i, v := range values {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					t.Fatalf("%s: value %d is %v", what, i, v)
				}
			}
		}
		if c, err := trial.Curve(); err == nil {
			finite("curve", slices.Concat(c.N, c.Gain, c.Qini)...)
		}
		if groups, err := trial.Groups(2); err == nil {
			for _, g := range groups {
				if g.Treated > 0 && g.Control > 0 {
					finite("group", g.TreatedMean, g.ControlMean, g.Uplift)
				}
				if g.Treated > 1 && g.Control > 1 {
					finite("error", g.TreatedSE, g.ControlSE, g.SE)
				}
			}
		}
		propensity := rapid.SliceOfN(rapid.OneOf(rapid.Float64Range(0.1, 0.9), anything), n, n).Draw(t, "propensity")
		nuisance := uplift.Nuisance{Control: draw("control"), Treated: draw("prediction"), Propensity: propensity}
		if s, err := uplift.Scores(trial.Outcome, trial.Treated, nuisance); err == nil {
			finite("scores", s...)
		}
		if e, err := uplift.Overlap(trial.Outcome, trial.Treated, nuisance); err == nil {
			finite("overlap", e.Value, e.SE)
		}
		if line, err := uplift.Projection(trial.Outcome, mat.NewDense(n, 1, trial.Score)); err == nil {
			for _, e := range line {
				finite("projection", e.Value, e.SE)
			}
		}
		if e, err := uplift.AUTOC(trial.Outcome, trial.Score, 10, rand.New(rand.NewPCG(1, 1))); err == nil {
			finite("AUTOC", e.Value, e.SE)
		}
	})
}

// FuzzTrial: any data give results or an error, and soon.
func FuzzTrial(f *testing.F) {
	f.Add([]byte("members of two bytes each"), 1.0)
	f.Add([]byte{1, 0, 2, 1, 3, 2, 4, 3}, 1e300)
	f.Fuzz(func(t *testing.T, raw []byte, scale float64) {
		var trial uplift.Trial
		for i := 0; i+1 < min(len(raw), 200); i += 2 {
			trial.Score = append(trial.Score, scale*float64(raw[i]))
			trial.Treated, trial.Outcome = append(trial.Treated, raw[i+1]&1 == 1), append(trial.Outcome, float64(raw[i+1]>>1&1))
		}
		if q, err := trial.Qini(); err == nil && (math.IsNaN(q) || math.IsInf(q, 0)) {
			t.Fatalf("Qini %v of %+v", q, trial)
		}
		if a, err := trial.AUUC(); err == nil && (math.IsNaN(a) || math.IsInf(a, 0)) {
			t.Fatalf("AUUC %v of %+v", a, trial)
		}
		_, _ = trial.Groups(4)
		_, _ = trial.AtByArm(0.3)
	})
}
