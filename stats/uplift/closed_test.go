package uplift_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"loyaltymcp/stats/uplift"
)

func near(a, b, tol float64) bool { return math.Abs(a-b) <= tol*math.Max(1, math.Abs(b)) }

// Eight members, counted by hand.
func TestByHand(t *testing.T) {
	trial := uplift.Trial{
		Score:   []float64{8, 7, 6, 5, 4, 3, 2, 1},
		Treated: []bool{true, false, true, false, true, false, true, false},
		Outcome: []float64{1, 0, 1, 0, 0, 1, 0, 1},
	}
	c, err := trial.Curve()
	if err != nil {
		t.Fatal(err)
	}
	// After 4: treated 2 of 2, control 0 of 2. At the end both 2 of 4.
	if c.Gain[4] != 4 || c.Qini[4] != 2 || c.Gain[8] != 0 || c.Qini[8] != 0 {
		t.Errorf("curve %+v", c)
	}
	// Areas of 9 2/3, and of 12 with the four that don't matter in one run.
	q, err := trial.Qini()
	if err != nil || !near(q, 29./36, 1e-14) {
		t.Errorf("Qini %v, %v; want 29/36", q, err)
	}
	half, err := trial.At(0.5)
	if err != nil || half.Uplift != 1 || half.Treated != 2 || half.SE != 0 {
		t.Errorf("the upper half %+v, %v", half, err)
	}
	arms, err := trial.AtByArm(0.75)
	if want := 2./3 - 1./3; err != nil || !near(arms.Uplift, want, 1e-15) || !near(arms.SE, math.Sqrt(2*(2./9)/3), 1e-15) {
		t.Errorf("three quarters of each arm %+v, %v; want %v", arms, err, want)
	}
	// A score that says nothing has no area.
	trial.Score = make([]float64, 8)
	for name, f := range map[string]func() (float64, error){"AUUC": trial.AUUC, "Qini": trial.Qini} {
		if v, err := f(); err != nil || !near(v, 0, 1e-15) {
			t.Errorf("%s of a constant score %v, %v; want 0", name, v, err)
		}
	}
}

// With predictions of 0 and the propensity of a half, the mean of the scores is
// the difference of the arms' sums by half the members; with the arms' means as
// predictions, it is the difference of means.
func TestScoresByHand(t *testing.T) {
	y, treated := []float64{3, 1, 4, 1, 5, 9}, []bool{true, false, true, false, false, true}
	n := uplift.Nuisance{Control: make([]float64, 6), Treated: make([]float64, 6), Propensity: []float64{.5, .5, .5, .5, .5, .5}}
	s, err := uplift.Scores(y, treated, n)
	if err != nil || !near(uplift.Average(s).Value, (16.-7)/3, 1e-14) {
		t.Errorf("scores %v, %v", s, err)
	}
	for i := range y {
		n.Treated[i], n.Control[i] = 16./3, 7./3
	}
	s, err = uplift.Scores(y, treated, n)
	if err != nil || !near(uplift.Average(s).Value, 3, 1e-14) {
		t.Errorf("scores %v, %v", s, err)
	}
	o, err := uplift.Overlap(y, treated, n)
	if err != nil || !near(o.Value, 3, 1e-14) {
		t.Errorf("overlap %+v, %v", o, err)
	}
	all := []bool{true, true, true, true, true, true}
	if p := uplift.Policy(s, all, 1); !near(p.Value, 2, 1e-14) {
		t.Errorf("treating all at a cost of 1: %+v, want 2", p)
	}
	if p := uplift.Policy(s, make([]bool, 6), 1); p.Value != 0 || p.SE != 0 {
		t.Errorf("treating nobody: %+v", p)
	}
}

// A line through the scores of two groups is their means; HC3 of a group of n
// is its squared deviations over (n-1)².
func TestProjectionOfTwoGroups(t *testing.T) {
	scores, x := []float64{1, 2, 3, 6, 8, 10, 12}, mat.NewDense(7, 1, []float64{0, 0, 0, 1, 1, 1, 1})
	line, err := uplift.Projection(scores, x)
	if err != nil {
		t.Fatal(err)
	}
	v0, v1 := 2./4, 20./9
	if !near(line[0].Value, 2, 1e-13) || !near(line[1].Value, 7, 1e-13) || !near(line[0].SE, math.Sqrt(v0), 1e-12) || !near(line[1].SE, math.Sqrt(v0+v1), 1e-12) {
		t.Errorf("%+v, want 2 ± %v and 7 ± %v", line, math.Sqrt(v0), math.Sqrt(v0+v1))
	}
}

func TestAUTOCByHand(t *testing.T) {
	// Means of the first 1, 2, 3, 4: 4, 3.5, 3, 2.5, less 2.5.
	e, err := uplift.AUTOC([]float64{4, 3, 2, 1}, []float64{4, 3, 2, 1}, 0, nil)
	if err != nil || !near(e.Value, 0.75, 1e-15) {
		t.Errorf("%+v, %v; want 0.75", e, err)
	}
	if e, err = uplift.AUTOC([]float64{4, 3, 2, 1}, make([]float64, 4), 0, nil); err != nil || e.Value != 0 {
		t.Errorf("no priority: %+v, %v; want 0", e, err)
	}
}

// An effect that the score follows is seen, and none is not.
func TestIntervals(t *testing.T) {
	good, useless := campaign(3000, 5), campaign(3000, 5)
	rng := rand.New(rand.NewPCG(2, 2))
	for i := range useless.Score {
		useless.Score[i] = rng.Float64()
	}
	auuc, qini, err := good.Interval(0.95, 200, rng)
	if err != nil || auuc.Low <= 0 || qini.Low <= 0 || !(qini.Low < qini.Value && qini.Value < qini.High) {
		t.Errorf("AUUC %+v, Qini %+v, %v; want above 0", auuc, qini, err)
	}
	auuc, qini, err = useless.Interval(0.95, 200, rng)
	if err != nil || auuc.Low > 0 || auuc.High < 0 || qini.Low > 0 || qini.High < 0 {
		t.Errorf("AUUC %+v, Qini %+v, %v; want 0 within", auuc, qini, err)
	}
}

// Shares are of whole members, whatever the product rounds to, and the error of a
// single outcome is not known.
func TestShares(t *testing.T) {
	trial := campaign(100, 1)
	for share, want := range map[float64]float64{0.29: 29, 0.57: 57, 0.07: 7, 0.999: 99, 1: 100} {
		g, err := trial.At(share)
		if err != nil || g.Treated+g.Control != want {
			t.Errorf("share %v: %v members, %v; want %v", share, g.Treated+g.Control, err, want)
		}
	}
	one := uplift.Trial{Score: []float64{3, 2, 1}, Treated: []bool{true, false, false}, Outcome: []float64{5, 1, 2}}
	g, err := one.At(1)
	if low, high := g.Interval(0.95); err != nil || g.Uplift != 3.5 || !math.IsNaN(g.TreatedSE) || !math.IsNaN(g.SE) || !math.IsNaN(low) || !math.IsNaN(high) {
		t.Errorf("one treated member: %+v, %v", g, err)
	}
}

func TestRefusals(t *testing.T) {
	trial := func(treated []bool, outcome ...float64) uplift.Trial {
		return uplift.Trial{Score: []float64{3, 2, 1, 0}, Treated: treated, Outcome: outcome}
	}
	both, none := []bool{true, false, true, false}, make([]bool, 4)
	area := func(t uplift.Trial) error { _, err := t.AUUC(); return err }
	groups := func(n int) error { _, err := trial(both, 1, 0, 1, 1).Groups(n); return err }
	at := func(share float64) error { _, err := trial(both, 1, 0, 1, 1).At(share); return err }
	scores := func(e float64) error {
		_, err := uplift.Scores([]float64{1, 2}, []bool{true, false}, uplift.Nuisance{Control: []float64{0, 0}, Treated: []float64{0, 0}, Propensity: []float64{e, e}})
		return err
	}
	project := func(x ...float64) error {
		_, err := uplift.Projection([]float64{1, 2, 4, 3}, mat.NewDense(4, 1, x))
		return err
	}
	cross := func(fold ...int) error {
		_, err := uplift.CrossFit([]float64{1, 0, 1, 0}, both, mat.NewDense(4, 1, []float64{1, 2, 3, 4}), fold, 1)
		return err
	}
	for name, err := range map[string]error{
		"one arm":      area(trial(none, 1, 0, 1, 0)),
		"amounts":      area(trial(both, 1, 0, 12.5, 0)),
		"alike":        area(trial(both, 0, 0, 0, 0)),
		"NaN":          area(trial(both, 0, math.NaN(), 0, 0)),
		"groups 0":     groups(0),
		"groups 5":     groups(5),
		"share 0":      at(0),
		"share 2":      at(2),
		"propensity 1": scores(1),
		"constant":     project(2, 2, 2, 2),
		"not a number": project(1, 2, math.NaN(), 4),
		"one member":   project(0, 0, 1, 0),
		"one fold":     cross(0, 0, 0, 0),
		"empty arm":    cross(0, 1, 0, 1),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, _, err := trial(both, 1, 0, 1, 0).Interval(0.95, 10, nil); err == nil {
		t.Error("10 resamples: no error")
	}
}
