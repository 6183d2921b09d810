package uplift_test

import (
	"math"
	"testing"

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

func BenchmarkQini100k(b *testing.B) {
	t := campaign(1e5, 1)
	for b.Loop() {
		if _, err := t.Qini(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGroups100k(b *testing.B) {
	t := campaign(1e5, 1)
	for b.Loop() {
		if _, err := t.Groups(10); err != nil {
			b.Fatal(err)
		}
	}
}
