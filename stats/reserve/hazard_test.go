package reserve

import (
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"loyaltymcp/stats/internal/golden"
)

// exampleCells is a program of points that expire after 6 months, from January
// 2025 on, with the same redemptions in every cohort but for December.
func exampleCells() []Cell {
	share := []float64{0.05, 0.20, 0.12, 0.08, 0.09, 0.25}
	var cells []Cell
	const first = 12 * 2025
	for i := range 18 {
		open := 10_000.0
		for age := 0; age < 6 && i+age < 18; age++ {
			h := share[age]
			if (first+i+age)%12 == 11 {
				h *= 1.5
			}
			redeemed := math.Round(open * h)
			cells = append(cells, Cell{Age: age, Month: first + i + age, Left: 6 - age, Cluster: i, AtRisk: open, Redeemed: redeemed})
			open -= redeemed
		}
	}
	return cells
}

// Points of 2026-06 valued at its end: the first month to project is 2026-07,
// in which they are one month old and have five months left.
func ExampleFitHazard() {
	h, err := FitHazard(exampleCells(), HazardOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	lots := []OpenLot{
		{Age: 1, Left: 5, Points: 9500},
		{Age: 4, Left: 2, Points: 6150},
	}
	p, err := h.Project(lots, 12*2026+6, 0, Scenario{})
	fmt.Printf("%.0f of %.0f points redeemed, %.0f expired, rates %.2f %v\n", p.Redeemed, p.Points, p.Expired, p.Rates, err)
	// Output:
	// 7259 of 15650 points redeemed, 8391 expired, rates [0.56 0.32] <nil>
}

// The core of the fit against the reference's model of person-months.
func TestGoldenHazardCore(t *testing.T) {
	t.Parallel()
	var want struct {
		Tolerance struct{ Rel, Abs float64 }
		Model     struct {
			Coef, SE map[string]float64
			Deviance float64
		} `json:"discrete_cloglog"`
	}
	golden.Load(t, &want, "survival", "time_varying_discrete", "expected.json")
	f, err := os.Open(golden.Path(t, "survival", "time_varying_discrete", "person_months.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	const width = 14
	var patterns []pattern
	for _, r := range records[1:] {
		var v [6]int
		for k := range v {
			if v[k], err = strconv.Atoi(r[k]); err != nil {
				t.Fatal(err)
			}
		}
		p := pattern{atRisk: 1, redeemed: float64(v[3]), x: make([]float64, width)}
		p.x[0], p.x[1], p.x[2] = 1, float64(v[4]), float64(v[5])
		if month := min(v[1], 11); month > 0 {
			p.x[2+month] = 1
		}
		patterns = append(patterns, p)
	}
	d := &design{width: width}
	beta, chol, err := d.score(patterns)
	if err != nil {
		t.Fatal(err)
	}
	var inverse mat.SymDense
	if err := chol.InverseTo(&inverse); err != nil {
		t.Fatal(err)
	}
	names := []string{"(Intercept)", "promo", "gold"}
	for m := 1; m < 12; m++ {
		names = append(names, fmt.Sprintf("factor(pmin(start, 11))%d", m))
	}
	tol := golden.Tolerance{Rel: want.Tolerance.Rel, Abs: want.Tolerance.Abs}
	var w golden.Worst
	var deviance float64
	for _, p := range patterns {
		deviance += p.deviance()
	}
	w.Check(t, "deviance", deviance, want.Model.Deviance, tol)
	for k, name := range names {
		w.Check(t, name, beta[k], want.Model.Coef[name], tol)
		w.Check(t, name+" se", math.Sqrt(inverse.At(k, k)), want.Model.SE[name], tol)
	}
	w.Log(t)
}

// With tiers alone the model is saturated, and all is known in closed form.
func TestHazardOfTiers(t *testing.T) {
	t.Parallel()
	cells := []Cell{
		{Tier: 1, Cluster: 1, AtRisk: 100, Redeemed: 20}, {Tier: 1, Cluster: 2, AtRisk: 300, Redeemed: 30},
		{Tier: 3, Cluster: 3, AtRisk: 50, Redeemed: 25}, {Tier: 3, Cluster: 4, AtRisk: 150, Redeemed: 35},
	}
	for _, link := range []Link{CLogLog, Logit} {
		h, err := FitHazard(cells, HazardOptions{Link: link, NoSeason: true, Rush: -1})
		if err != nil {
			t.Fatal(err)
		}
		for tier, want := range map[int]float64{1: 50.0 / 400, 3: 60.0 / 200} {
			if got := h.Rate(0, 0, 0, tier); math.Abs(got-want) > 1e-12 {
				t.Errorf("link %d, tier %d: rate %.15g, want %.15g", link, tier, got, want)
			}
		}
		// The robust variance of the share of a tier is sum of squared residuals
		// over the square of its points, times G/(G-1).
		p, err := h.Project([]OpenLot{{Left: 1, Tier: 3, Points: 1000}}, 0, 0, Scenario{})
		if err != nil {
			t.Fatal(err)
		}
		r := 25 - 50*0.3
		want := 1000 * math.Sqrt(2*r*r*4/3) / 200
		if math.Abs(p.Parameter-want) > 1e-9*want || math.Abs(p.Redeemed-300) > 1e-9 || math.Abs(p.Expired-700) > 1e-9 {
			t.Errorf("link %d: %+v, want 300 redeemed with parameter error %g", link, p, want)
		}
		if v := h.Dispersion * 1000 * 0.3 * 0.7; math.Abs(p.Process*p.Process-v) > 1e-9*v || math.Abs(p.SE-math.Hypot(p.Process, p.Parameter)) > 1e-9 {
			t.Errorf("link %d: process %g, se %g", link, p.Process, p.SE)
		}
		if want := []string{"age 0", "ln(1+age)"}; !slices.Equal(h.Aliased, want) {
			t.Errorf("aliased %q, want %q", h.Aliased, want)
		}
	}
}

// The parameter error of a projection is that of the numerical gradient.
func TestProjectGradient(t *testing.T) {
	t.Parallel()
	for _, o := range []HazardOptions{{}, {Link: Logit}} {
		h, err := FitHazard(exampleCells(), o)
		if err != nil {
			t.Fatal(err)
		}
		lots := []OpenLot{{Age: 0, Left: 6, Points: 500}, {Age: 3, Left: 3, Points: 700}, {Age: 2, Points: 900}}
		project := func() *Projection {
			p, err := h.Project(lots, 12*2026+6, 24, Scenario{Rush: 1.5, Months: 2})
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		p := project()
		grad := mat.NewVecDense(len(h.Coef), nil)
		const step = 1e-5
		for k, c := range h.Coef {
			h.Coef[k] = c + step
			up := project().Redeemed
			h.Coef[k] = c - step
			grad.SetVec(k, (up-project().Redeemed)/(2*step))
			h.Coef[k] = c
		}
		if want := math.Sqrt(mat.Inner(grad, h.cov, grad)); math.Abs(p.Parameter-want) > 1e-5*want {
			t.Errorf("parameter error %g, want %g", p.Parameter, want)
		}
		var months float64
		for _, v := range p.ByMonth {
			months += v
		}
		if math.Abs(months-p.Redeemed) > 1e-9 || math.Abs(p.Points-p.Redeemed-p.Expired-p.Open) > 1e-9 {
			t.Errorf("%+v does not add up", p)
		}
	}
}

func TestProjectScenario(t *testing.T) {
	t.Parallel()
	h, err := FitHazard(exampleCells(), HazardOptions{})
	if err != nil {
		t.Fatal(err)
	}
	project := func(s Scenario) *Projection {
		p, err := h.Project([]OpenLot{{Age: 1, Left: 5, Points: 1000}}, 12*2026+6, 0, s)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	base, none, same := project(Scenario{}), project(Scenario{Months: 3}), project(Scenario{Rush: 1})
	if base.Redeemed != none.Redeemed || math.Abs(base.Redeemed-same.Redeemed) > 1e-9 {
		t.Errorf("%g, %g and %g redeemed, want them equal", base.Redeemed, none.Redeemed, same.Redeemed)
	}
	// On the cloglog scale a rush of 2 squares what stays open.
	if got, want := project(Scenario{Rush: 2}).Expired/1000, math.Pow(base.Expired/1000, 2); math.Abs(got-want) > 1e-9 {
		t.Errorf("a double rate leaves %g, want %g", got, want)
	}
	if got := project(Scenario{Rush: 2, Months: 1}).Redeemed; got <= base.Redeemed || got >= project(Scenario{Rush: 2}).Redeemed {
		t.Errorf("a rush of a month redeems %g, between %g and %g", got, base.Redeemed, project(Scenario{Rush: 2}).Redeemed)
	}
	if low, high := base.Interval(0.5); !(low > 0 && low < base.Redeemed && base.Redeemed < high && high < 1000) {
		t.Errorf("interval %g to %g around %g", low, high, base.Redeemed)
	}
}

// What the data have never seen is said to be a guess.
func TestProjectUnseen(t *testing.T) {
	t.Parallel()
	var cells []Cell
	for _, c := range exampleCells() {
		if c.Month < 12*2025+6 && c.Age < 4 { // January to June, none near expiry
			cells = append(cells, c)
		}
	}
	h, err := FitHazard(cells, HazardOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(h.Aliased, "1 to expiry") || !slices.Contains(h.Aliased, "2 to expiry") {
		t.Errorf("aliased %q, want both months before expiry", h.Aliased)
	}
	for _, tt := range []struct {
		lot    OpenLot
		month  int
		unseen bool
	}{
		{OpenLot{Age: 1, Points: 100}, 12*2026 + 2, false},
		{OpenLot{Age: 9, Points: 100}, 12*2026 + 2, true},          // age
		{OpenLot{Age: 1, Points: 100}, 12*2026 + 8, true},          // September
		{OpenLot{Age: 1, Left: 1, Points: 100}, 12*2026 + 2, true}, // before expiry
	} {
		p, err := h.Project([]OpenLot{tt.lot}, tt.month, 1, Scenario{})
		if err != nil {
			t.Fatal(err)
		}
		if want := map[bool]float64{true: p.Redeemed}[tt.unseen]; math.Abs(p.Unseen-want) > 1e-12 {
			t.Errorf("%+v in month %d: %g of %g unseen, want %g", tt.lot, tt.month%12, p.Unseen, p.Redeemed, want)
		}
	}
}

// The clustered covariance is near that of leaving out clusters one at a time.
func TestHazardJackknife(t *testing.T) {
	t.Parallel()
	w := worlds[1]
	cells, _, _, _, _, _ := w.run(rand.New(rand.NewPCG(3, 4)))
	h, err := FitHazard(cells, HazardOptions{NoSeason: true})
	if err != nil {
		t.Fatal(err)
	}
	const groups = 20 // of members
	var part []Cell
	values := make([][]float64, len(h.Coef))
	for g := range groups {
		part = part[:0]
		for _, c := range cells {
			if c.Cluster%groups != g {
				part = append(part, c)
			}
		}
		j, err := FitHazard(part, HazardOptions{NoSeason: true})
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range j.Coef {
			values[k] = append(values[k], v)
		}
	}
	for k, v := range values {
		var mean, ss float64
		for _, x := range v {
			mean += x / groups
		}
		for _, x := range v {
			ss += (x - mean) * (x - mean)
		}
		// 20 groups know a standard error to about 16%.
		if se := math.Sqrt(ss * (groups - 1) / groups); h.SE[k]/se < 0.5 || h.SE[k]/se > 2 {
			t.Errorf("%s: se %.4f, by jackknife %.4f", h.Names[k], h.SE[k], se)
		}
	}
}

func TestHazardErrors(t *testing.T) {
	t.Parallel()
	good := exampleCells()
	with := func(f func([]Cell)) []Cell {
		c := slices.Clone(good)
		f(c)
		return c
	}
	for _, tt := range []struct {
		name  string
		cells []Cell
		o     HazardOptions
		want  string
	}{
		{"none", nil, HazardOptions{}, "no points at risk"},
		{"no risk", []Cell{{}}, HazardOptions{}, "no points at risk"},
		{"too many redeemed", with(func(c []Cell) { c[3].Redeemed = 1e9 }), HazardOptions{}, "cell 3"},
		{"NaN", with(func(c []Cell) { c[3].AtRisk = math.NaN() }), HazardOptions{}, "cell 3"},
		{"negative age", with(func(c []Cell) { c[3].Age = -1 }), HazardOptions{}, "age -1"},
		{"nothing redeemed", with(func(c []Cell) {
			for i := range c {
				c[i].Redeemed = 0
			}
		}), HazardOptions{}, "nothing was redeemed"},
		{"everything redeemed", with(func(c []Cell) {
			for i := range c {
				c[i].Redeemed = c[i].AtRisk
			}
		}), HazardOptions{}, "everything was redeemed"},
		{"nothing at first", with(func(c []Cell) {
			for i := range c {
				if c[i].Age == 0 {
					c[i].Redeemed = 0
				}
			}
		}), HazardOptions{}, "set Start"},
		{"nothing in a tier", with(func(c []Cell) {
			for i := range c {
				if c[i].Cluster == 2 {
					c[i].Tier, c[i].Redeemed = 7, 0
				}
			}
		}), HazardOptions{}, "tier 7"},
		{"nothing in May", with(func(c []Cell) {
			for i := range c {
				if c[i].Month%12 == 4 {
					c[i].Redeemed = 0
				}
			}
		}), HazardOptions{}, "May"},
		{"knots", good, HazardOptions{Knots: []int{3, 3}}, "knots"},
	} {
		_, err := FitHazard(tt.cells, tt.o)
		if !errors.Is(err, ErrHazard) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want one of %q", tt.name, err, tt.want)
		}
	}
	h, err := FitHazard(good, HazardOptions{Start: 1})
	if err != nil {
		t.Fatal(err)
	}
	if got := h.Rate(0, 0, 0, 0); got != 0 {
		t.Errorf("rate before the start %g, want 0", got)
	}
	for name, lot := range map[string]OpenLot{
		"tier": {Left: 3, Tier: 9, Points: 1}, "horizon": {Points: 1}, "points": {Left: 3, Points: -1}, "age": {Age: -1, Left: 2},
	} {
		if _, err := h.Project([]OpenLot{lot}, 0, 0, Scenario{}); !errors.Is(err, ErrHazard) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if _, err := h.Project(nil, 0, 0, Scenario{Rush: -1}); !errors.Is(err, ErrHazard) {
		t.Errorf("negative rush: error %v", err)
	}
	if p, err := h.Project(nil, 0, 0, Scenario{}); err != nil || p.Rate() != 0 {
		t.Errorf("no lots: %+v, %v", p, err)
	}
}

// A horizon cuts a projection, whose months stay the same.
func TestProjectHorizon(t *testing.T) {
	t.Parallel()
	h, err := FitHazard(exampleCells(), HazardOptions{})
	if err != nil {
		t.Fatal(err)
	}
	lots := []OpenLot{{Age: 1, Left: 5, Points: 1000}, {Age: 3, Left: 2, Points: 500}}
	full, err := h.Project(lots, 12*2026+6, 0, Scenario{})
	if err != nil {
		t.Fatal(err)
	}
	part, err := h.Project(lots, 12*2026+6, 3, Scenario{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(part.ByMonth, full.ByMonth[:3]) || full.Open != 0 {
		t.Errorf("months %g of %g, %g open at the end", part.ByMonth, full.ByMonth, full.Open)
	}
	if got := part.Redeemed + part.Expired + part.Open; math.Abs(got-1500) > 1e-9 || part.Open == 0 || part.Expired == 0 || part.SE >= full.SE {
		t.Errorf("%+v after 3 months, %+v in the end", part, full)
	}
}

func TestOutstandingRate(t *testing.T) {
	t.Parallel()
	// 1000 issued, 80% of which will be redeemed; 700 are, 100 expired.
	if got, err := OutstandingRate(0.8, 1000, 700, 100); err != nil || math.Abs(got-0.5) > 1e-15 {
		t.Errorf("got %g, %v, want 0.5", got, err)
	}
	if got, err := OutstandingRate(0.8, 1000, 800, 200); err != nil || !math.IsNaN(got) {
		t.Errorf("nothing open: got %g, %v, want NaN", got, err)
	}
	if got, err := OutstandingRate(0.7, 1000, 700, 100); err != nil || got != 0 {
		t.Errorf("nothing more to come: got %g, %v, want 0", got, err)
	}
	for _, in := range [][4]float64{{.5, 100, 60, 10}, {.9, 100, 10, 85}, {.5, 100, 60, 60}, {math.NaN(), 100, 10, 10}, {.5, math.Inf(1), 10, 10}} {
		if got, err := OutstandingRate(in[0], in[1], in[2], in[3]); !errors.Is(err, ErrHazard) {
			t.Errorf("%v: got %g, %v, want an error", in, got, err)
		}
	}
}

func TestRateOfUnknownTier(t *testing.T) {
	t.Parallel()
	h, err := FitHazard(exampleCells(), HazardOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if r := recover(); r == nil || !strings.Contains(fmt.Sprint(r), "tier 99") {
			t.Errorf("panic %v, want one of tier 99", r)
		}
	}()
	t.Errorf("a rate of %g", h.Rate(1, 0, 3, 99))
}
