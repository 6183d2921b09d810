package migration_test

import (
	"encoding/csv"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"gonum.org/v1/gonum/mat"

	"loyaltymcp/stats/internal/golden"
	"loyaltymcp/stats/migration"
)

func near(a, b, tol float64) bool { return math.Abs(a-b) <= tol*math.Max(1, math.Abs(b)) }

func TestCount(t *testing.T) {
	a, b := []int{0, 1, 1, 2}, []int{1}
	if got := migration.Count(3, a, b, nil); got.At(0, 1) != 1 || got.At(1, 1) != 1 || got.At(1, 2) != 1 || mat.Sum(got) != 3 {
		t.Errorf("counts\n%v", mat.Formatted(got))
	}
	if got := migration.CountPairs(3, a); got[0].At(1, 1) != 1 || got[1].At(1, 2) != 1 || mat.Sum(got[0])+mat.Sum(got[1])+mat.Sum(got[2]) != 2 {
		t.Errorf("pairs %v", got)
	}
}

// A symmetric walk over 5 places with both ends absorbing: from the middle,
// 4 steps are expected, and either end is as likely.
func TestAbsorbByHand(t *testing.T) {
	p := mat.NewDense(5, 5, nil)
	p.Set(0, 0, 1)
	p.Set(4, 4, 1)
	for i := 1; i < 4; i++ {
		p.Set(i, i-1, 0.5)
		p.Set(i, i+1, 0.5)
	}
	a, err := migration.Absorb(p, 0, 4)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{3, 4, 3} {
		if !near(a.Periods[i], want, 1e-12) {
			t.Errorf("periods from %d = %v, want %v", i+1, a.Periods[i], want)
		}
	}
	if !near(a.Ends.At(0, 0), 0.75, 1e-12) || !near(a.Ends.At(1, 1), 0.5, 1e-12) {
		t.Errorf("ends\n%v, want .75 and .5", mat.Formatted(a.Ends))
	}
	if _, err := migration.Stationary(p); err == nil {
		t.Error("two absorbing states: want no single stationary mix")
	}
	two := mat.NewDense(2, 2, []float64{0.9, 0.1, 0.3, 0.7})
	mix, err := migration.Stationary(two)
	if err != nil || !near(mix[0], 0.75, 1e-12) || !near(mix[1], 0.25, 1e-12) {
		t.Errorf("stationary mix = %v, %v; want .75, .25", mix, err)
	}
}

func TestRefusals(t *testing.T) {
	square := func(v ...float64) *mat.Dense { return mat.NewDense(2, 2, v) }
	if _, err := migration.Fit(square(1, 2, 0, 0)); err == nil {
		t.Error("a state without moves: no error")
	}
	if _, err := migration.Fit(square(1, -2, 1, 1)); err == nil {
		t.Error("negative count: no error")
	}
	if _, err := migration.Fit(square(math.NaN(), 2, 1, 1)); err == nil {
		t.Error("NaN: no error")
	}
	if _, err := migration.Absorb(square(1, 0, 0, 1), 1); err == nil {
		t.Error("absorption never reached: no error")
	}
	if _, err := migration.Absorb(square(1, 0, 0, 1)); err == nil {
		t.Error("nothing absorbs: no error")
	}
	if _, err := migration.Live(square(0, 1, 0, 1), 1); err == nil {
		t.Error("only absorbed: no error")
	}
	if _, err := migration.OrderTest([]*mat.Dense{square(1, 0, 0, 0), square(0, 0, 0, 0)}); err == nil {
		t.Error("one way only: no error")
	}
	if _, err := migration.HomogeneityTest(nil); err == nil {
		t.Error("no periods: no error")
	}
	if _, err := migration.Shrink(square(0, 0, 1, 1), square(0.5, 0.5, 0.5, 0.5), 0); err == nil {
		t.Error("neither counts nor prior: no error")
	}
	if _, err := migration.Shrink(square(1, 1, 1, 1), square(0.5, 0.6, 0.5, 0.5), 1); err == nil {
		t.Error("prior that does not sum to 1: no error")
	}
	e, err := migration.Fit(square(1, 1, 1, 1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Project([]float64{1, math.Inf(1)}, 1); err == nil {
		t.Error("infinite mix: no error")
	}
}

func TestShrink(t *testing.T) {
	p, err := migration.Shrink(mat.NewDense(2, 2, []float64{8, 0, 0, 0}), mat.NewDense(2, 2, []float64{0.5, 0.5, 0.1, 0.9}), 2)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{0.9, 0.1, 0.1, 0.9} {
		if got := p.At(i/2, i%2); !near(got, want, 1e-15) {
			t.Errorf("p%d = %v, want %v", i, got, want)
		}
	}
}

// The projection's standard error is the spread of projections of samples.
func TestProjectionErrorIsTheSpreadOfSamples(t *testing.T) {
	truth := mat.NewDense(3, 3, []float64{0.8, 0.15, 0.05, 0.2, 0.7, 0.1, 0, 0, 1})
	rng := rand.New(rand.NewPCG(5, 6))
	const samples, moves, steps = 3000, 400, 4
	mix := []float64{0.7, 0.3, 0}
	var sum, square, se [3]float64
	for range samples {
		counts := mat.NewDense(3, 3, nil)
		for i := range 2 {
			for range moves {
				u, j := rng.Float64(), 0
				for u > truth.At(i, j) {
					u -= truth.At(i, j)
					j++
				}
				counts.Set(i, j, counts.At(i, j)+1)
			}
		}
		e, err := migration.Fit(counts, 2)
		if err != nil {
			t.Fatal(err)
		}
		got, err := e.Project(mix, steps)
		if err != nil {
			t.Fatal(err)
		}
		for l, m := range got.Mix {
			sum[l] += m
			square[l] += m * m
			se[l] += got.SE[l]
		}
	}
	for l := range sum {
		mean := sum[l] / samples
		spread := math.Sqrt(square[l]/samples - mean*mean)
		if got := se[l] / samples; math.Abs(got/spread-1) > 0.05 {
			t.Errorf("state %d: mean standard error %v, spread of samples %v", l, got, spread)
		}
	}
}

// Under a true chain the order test's P is uniform; with memory it is small.
func TestOrderTestHoldsItsLevel(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	walk := func(memory float64) []int {
		s := []int{rng.IntN(2), rng.IntN(2)}
		for range 30 {
			stay := 0.7
			if n := len(s); s[n-1] != s[n-2] {
				stay += memory // who has just moved stays
			}
			next := s[len(s)-1]
			if rng.Float64() > stay {
				next = 1 - next
			}
			s = append(s, next)
		}
		return s
	}
	rejected, found := 0, 0
	for range 400 {
		var plain, sticky [][]int
		for range 20 {
			plain, sticky = append(plain, walk(0)), append(sticky, walk(0.2))
		}
		a, err := migration.OrderTest(migration.CountPairs(2, plain...))
		if err != nil {
			t.Fatal(err)
		}
		b, err := migration.OrderTest(migration.CountPairs(2, sticky...))
		if err != nil {
			t.Fatal(err)
		}
		if a.P < 0.05 {
			rejected++
		}
		if b.P < 0.05 {
			found++
		}
	}
	// 20 expected of 400, standard deviation 4.4.
	if rejected < 5 || rejected > 38 {
		t.Errorf("rejected %d of 400 true chains at 5%%", rejected)
	}
	if found < 350 {
		t.Errorf("found memory in %d of 400 chains that have it", found)
	}
}

func TestHomogeneityByHand(t *testing.T) {
	// Two periods of a 2 x 2 chain in which only state 0 moves differently.
	a, b := mat.NewDense(2, 2, []float64{30, 10, 5, 15}), mat.NewDense(2, 2, []float64{10, 30, 5, 15})
	got, err := migration.HomogeneityTest([]*mat.Dense{a, b})
	want := 2 * (2*30*math.Log(30./20) + 2*10*math.Log(10./20))
	if err != nil || got.DF != 2 || !near(got.G2, want, 1e-12) {
		t.Errorf("test = %+v, %v; want G2 %v with 2 degrees of freedom", got, err, want)
	}
	if p := math.Exp(-want / 2); !near(got.P, p, 1e-10) {
		t.Errorf("P = %v, want %v", got.P, p)
	}
}

func TestGoldenTiers(t *testing.T) {
	var want struct {
		States          []string
		Counts, MLE     [][]float64
		SE              [][]float64        `json:"se_binomial"`
		Twelve          [][]float64        `json:"twelve_step"`
		Periods         []float64          `json:"expected_periods_to_lapse"`
		Fundamental     [][]float64        `json:"fundamental_matrix"`
		Steady          map[string]float64 `json:"steady_state_given_never_lapsing"`
		LogLik          float64
		MarkovchainRows map[string]map[string]float64 `json:"markovchain_mle_rows"`
	}
	golden.Load(t, &want, "tiers", "markov_transition", "expected.json")
	tol := golden.Tolerance{Rel: 1e-9, Abs: 1e-12}
	counts := migration.Count(len(want.States), sequences(t, want.States)...)
	var w golden.Worst
	same := func(what string, got mat.Matrix, want [][]float64) {
		t.Helper()
		for i, row := range want {
			for j, v := range row {
				w.Check(t, fmt.Sprintf("%s %d %d", what, i, j), got.At(i, j), v, tol)
			}
		}
	}
	same("count", counts, want.Counts)
	lapsed := slices.Index(want.States, "lapsed")
	e, err := migration.Fit(counts, lapsed)
	if err != nil {
		t.Fatal(err)
	}
	same("probability", e.P, want.MLE)
	same("standard error", e.SE(), want.SE)
	same("twelve steps", migration.Power(e.P, 12), want.Twelve)
	w.Check(t, "log-likelihood", e.LogLik, want.LogLik, tol)
	for from, row := range want.MarkovchainRows {
		for to, p := range row {
			if from != "lapsed" { // the reference leaves its row empty
				w.Check(t, from+" to "+to, e.P.At(slices.Index(want.States, from), slices.Index(want.States, to)), p, tol)
			}
		}
	}
	a, err := migration.Absorb(e.P, lapsed)
	if err != nil {
		t.Fatal(err)
	}
	same("fundamental", a.Fundamental, want.Fundamental)
	for i, v := range want.Periods {
		w.Check(t, "periods", a.Periods[i], v, tol)
	}
	live, err := migration.Live(e.P, lapsed)
	if err != nil {
		t.Fatal(err)
	}
	steady, err := migration.Stationary(live)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range steady {
		w.Check(t, "steady "+want.States[i], v, want.Steady[want.States[i]], tol)
	}
	w.Log(t)
}

// sequences reads the members' tiers, in order of period.
func sequences(t *testing.T, states []string) [][]int {
	t.Helper()
	file, err := os.Open(golden.Path(t, "tiers", "markov_transition", "tiers.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out [][]int
	last := ""
	for _, row := range rows[1:] {
		if row[0] != last {
			out, last = append(out, nil), row[0]
		}
		n := len(out) - 1
		if period, err := strconv.Atoi(row[1]); err != nil || period != len(out[n]) {
			t.Fatalf("member %s: period %s is out of order", row[0], row[1])
		}
		out[n] = append(out[n], slices.Index(states, row[2]))
	}
	return out
}

// What is no matrix of probabilities is not taken for one.
func TestImpossibleInput(t *testing.T) {
	t.Parallel()
	if a, err := migration.Absorb(mat.NewDense(2, 2, []float64{.5, .4, 0, 1}), 1); err == nil {
		t.Errorf("a row sum of 0.9: %+v, no error", a)
	}
	counts := mat.NewDense(2, 2, []float64{5, 4, 1, 1})
	for name, f := range map[string]func(){
		"fit":    func() { _, _ = migration.Fit(counts, 7) },
		"absorb": func() { _, _ = migration.Absorb(counts, 1, 7) },
		"live":   func() { _, _ = migration.Live(counts, -1) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic on an absorbing state out of range", name)
				}
			}()
			f()
		}()
	}
}

func TestPowerRows(t *testing.T) {
	t.Parallel()
	p := mat.NewDense(3, 3, []float64{.7, .2, .1, .1, .6, .3, 1. / 3, 1. / 3, 1. / 3})
	p.Set(0, 0, .7+1e-10) // within what is taken for rounding
	far := migration.Power(p, 1<<40)
	for i := range 3 {
		if s := mat.Sum(far.RowView(i)); math.Abs(s-1) > 1e-15 {
			t.Errorf("row %d sums to %v", i, s)
		}
	}
	if got := migration.Power(mat.NewDense(1, 1, []float64{.5}), 2).At(0, 0); got != .25 {
		t.Errorf("another matrix: %v", got)
	}
}

// The rarest moves lose no digits: a member who lapses once in 1e17 periods, and
// two states that exchange members at rates of 1e-18 and 3e-18.
func TestRareMoves(t *testing.T) {
	t.Parallel()
	a, err := migration.Absorb(mat.NewDense(3, 3, []float64{0, 1, 0, 1 - 1e-17, 0, 1e-17, 0, 0, 1}), 2)
	if err != nil || !near(a.Periods[1], 2e17, 1e-15) || a.Ends.At(0, 0) != 1 {
		t.Errorf("%v periods, %v; want 2e17", a.Periods, err)
	}
	mix, err := migration.Stationary(mat.NewDense(2, 2, []float64{1, 1e-18, 3e-18, 1}))
	if err != nil || !near(mix[0], 0.75, 1e-15) {
		t.Errorf("mix %v, %v; want .75, .25", mix, err)
	}
	e, err := migration.Fit(mat.NewDense(2, 2, []float64{1e18, 1, 1, 1}))
	if err != nil {
		t.Fatal(err)
	}
	if se := e.SE().At(0, 0); !near(se*1e18, 1, 1e-12) {
		t.Errorf("standard error of a share of nearly 1: %v, want 1e-18", se)
	}
}

// Equal rows have no gain in likelihood, whatever their size; a mix that is left
// for ever has no share.
func TestNothingToFind(t *testing.T) {
	t.Parallel()
	a := mat.NewDense(2, 2, []float64{1e9, 3e9, 7e9, 1e9})
	var b mat.Dense
	b.Scale(1.0/3, a)
	if test, err := migration.HomogeneityTest([]*mat.Dense{a, &b}); err != nil || test.G2 != 0 || test.P != 1 {
		t.Errorf("%+v, %v; want nothing", test, err)
	}
	mix, err := migration.Stationary(mat.NewDense(3, 3, []float64{.5, .5, 0, 0, .2, .8, 0, .4, .6}))
	if want := 1. / 3; err != nil || mix[0] != 0 || !near(mix[1], want, 1e-15) || !near(mix[2], 2*want, 1e-15) {
		t.Errorf("mix %v, %v; want 0, 1/3, 2/3", mix, err)
	}
	if mix, err := migration.Stationary(mat.NewDense(2, 2, []float64{.5, .4, .5, .5})); err == nil {
		t.Errorf("a row sum of .9: mix %v, no error", mix)
	}
	if p, err := migration.Shrink(mat.NewDense(2, 2, []float64{1, 1, 1, 1}), mat.NewDense(2, 2, []float64{-.5, 1.5, .5, .5}), 1); err == nil {
		t.Errorf("a negative prior: %v, no error", mat.Formatted(p))
	}
}
