package special

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mathext"

	"loyaltymcp/stats/internal/golden"
)

func within(got, want, rel float64) bool {
	return got == want || math.Abs(got-want) <= rel*math.Abs(want)
}

func TestNormal(t *testing.T) {
	t.Parallel()
	// erfc evaluated with mpmath 1.3 at 60 digits.
	for _, tt := range []struct{ z, want float64 }{
		{0, 0.5},
		{1.297, 0.09731559339913028},
		{4.606, 2.0524419383689624e-06},
		{8.554, 5.944745374161187e-18},
		{25.5, 9.856236518963929e-144},
		{60, 0},
		{math.Inf(1), 0},
		{math.Inf(-1), 1},
	} {
		if got := NormalSurvival(tt.z); !within(got, tt.want, 1e-13) {
			t.Errorf("NormalSurvival(%v) = %v, want %v", tt.z, got, tt.want)
		}
	}
	if got := NormalSurvival(-3) + NormalSurvival(3); math.Abs(got-1) > 1e-15 {
		t.Errorf("both tails at 3 sum to %v, want 1", got)
	}
	if got, want := NormalTwoSided(-8.554), 2*5.944745374161187e-18; !within(got, want, 1e-13) {
		t.Errorf("NormalTwoSided(-8.554) = %v, want %v", got, want)
	}

	// Quantiles by root finding with mpmath 1.3 at 50 digits; 1.95996 is also
	// Abramowitz and Stegun, table 26.5.
	for _, tt := range []struct{ p, want float64 }{
		{0.5, 0},
		{0.975, 1.9599639845400542},
		{0.025, -1.9599639845400542},
		{1e-10, -6.3613409024040562},
		{1e-300, -37.047096299361199},
		{0, math.Inf(-1)},
		{1, math.Inf(1)},
	} {
		if got := NormalQuantile(tt.p); !within(got, tt.want, 1e-14) {
			t.Errorf("NormalQuantile(%v) = %v, want %v", tt.p, got, tt.want)
		}
	}
}

func TestTSurvival(t *testing.T) {
	t.Parallel()
	// Incomplete beta function and quadrature of the density with mpmath 1.3 at
	// 50 digits.
	for _, tt := range []struct{ x, nu, want float64 }{
		{0.5, 3, 0.3257239824240755},
		{2.5, 3.7, 0.035911011455913388},
		{8.9, 40, 2.4876980348409374e-11},
		{30, 40, 2.425453830295104e-29},
		{0.01, 99999, 0.49601065365951132},
		{3, 99999, 0.0013502304453567146},
		{3, 100000, 0.0013502304420323596},
		{30, 100000, 3.6892684360930577e-197},
		{36, 100001, 2.7054614574973863e-282},
		{5, 1e7, 2.8665640375042695e-7},
		{12, 3e8, 1.7765132349045433e-33},
		{1.5, 1e12, 0.066807201269015916},
		{1.5, math.Inf(1), NormalSurvival(1.5)},
		{0, 7, 0.5},
		{math.Inf(1), 7, 0},
		{math.Inf(-1), 7, 1},
		{math.Inf(1), 1e9, 0},
		{1e200, 1e9, 0},
	} {
		if got := TSurvival(tt.x, tt.nu); !within(got, tt.want, 1e-10) {
			t.Errorf("TSurvival(%v, %v) = %.17g, want %.17g", tt.x, tt.nu, got, tt.want)
		}
		if got, want := TSurvival(-tt.x, tt.nu), 1-tt.want; !within(got, want, 1e-10) {
			t.Errorf("TSurvival(%v, %v) = %.17g, want %.17g", -tt.x, tt.nu, got, want)
		}
	}
	// One degree of freedom is the Cauchy distribution: atan(1/t)/π.
	for _, x := range []float64{0.3, 1, 7, 1e6, 1e100, 1e200, 1e300} {
		if got, want := TSurvival(x, 1), math.Atan(1/x)/math.Pi; !within(got, want, 1e-13) {
			t.Errorf("TSurvival(%v, 1) = %v, want %v", x, got, want)
		}
	}
	if got, want := TTwoSided(-2.5, 3.7), 2*0.035911011455913388; !within(got, want, 1e-13) {
		t.Errorf("TTwoSided = %v, want %v", got, want)
	}
}

func TestTQuantile(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ p, nu, want float64 }{
		// Root finding with mpmath 1.3 at 50 digits.
		{0.025, 5.5, -2.5018586175892404},
		{1e-12, 7.3, -91.094866593897543},
		{0.0005, 1138.03, -3.2990965716148688},
		{0.025, 250000, -1.9599734736701356},
		{1e-9, 1e7, -5.9978125590383707},
		// tan(π(p-1/2)) for one degree of freedom.
		{0.975, 1, 12.706204736174705},
		{1e-200, 1, -1 / (math.Pi * 1e-200)},
		// (2p-1)/√(2p(1-p)) for two.
		{0.95, 2, 0.9 / math.Sqrt(0.095)},
		{0.5, 4, 0},
		{0.025, math.Inf(1), -1.9599639845400542},
		{0, 4, math.Inf(-1)},
		{1, 4, math.Inf(1)},
	} {
		if got := TQuantile(tt.p, tt.nu); !within(got, tt.want, 1e-12) {
			t.Errorf("TQuantile(%v, %v) = %.17g, want %.17g", tt.p, tt.nu, got, tt.want)
		}
	}
	// Abramowitz and Stegun, table 26.10.
	for _, tt := range []struct{ p, nu, want float64 }{
		{0.975, 10, 2.228},
		{0.995, 30, 2.750},
		{0.95, 120, 1.658},
	} {
		if got := TQuantile(tt.p, tt.nu); math.Abs(got-tt.want) > 5e-4 {
			t.Errorf("TQuantile(%v, %v) = %v, want %v", tt.p, tt.nu, got, tt.want)
		}
	}
	for _, nu := range []float64{0.3, 1, 2.5, 17, 400, 99999, 100001, 1e8, 1e14} {
		for _, q := range []float64{0.49999, 0.4, 0.025, 1e-6, 1e-20} {
			x := TQuantile(q, nu)
			if got := TSurvival(-x, nu); !within(got, q, 1e-10) {
				t.Errorf("tail at the %v quantile on %v degrees of freedom is %v", q, nu, got)
			}
		}
	}
}

// The expansions for many degrees of freedom against the incomplete beta function,
// on both sides of where they begin.
func TestTExpansions(t *testing.T) {
	t.Parallel()
	for nu := 50.0; nu < 2e4; nu *= 1.37 {
		for x := 1.05; x < 30; x *= 1.21 {
			r := x / math.Sqrt(nu)
			want := 0.5 * mathext.RegIncBeta(0.5*nu, 0.5, 1/(1+r*r))
			if got := TSurvival(x, nu); !within(got, want, 2e-11+2e-15*nu) {
				t.Errorf("TSurvival(%v, %v) = %.17g, want %.17g", x, nu, got, want)
			}
		}
		for _, q := range []float64{0.4, 0.1, 0.025, 0.005, 1e-4, 1e-8} {
			x := -TQuantile(q, nu)
			if got := TSurvival(x, nu); !within(got, q, 2e-11) {
				t.Errorf("tail at the %v quantile on %v degrees of freedom is %v", q, nu, got)
			}
		}
	}
}

func BenchmarkTTwoSided(b *testing.B) {
	for b.Loop() {
		TTwoSided(1.7, 3000.5)
	}
}

func BenchmarkTQuantile(b *testing.B) {
	for b.Loop() {
		TQuantile(0.025, 3000.5)
	}
}

func BenchmarkTQuantileSmall(b *testing.B) {
	for b.Loop() {
		TQuantile(0.025, 30.5)
	}
}

func TestChiSquareSurvival(t *testing.T) {
	t.Parallel()
	// Incomplete gamma function with mpmath 1.3 at 50 digits.
	for _, tt := range []struct{ x, df, want float64 }{
		{3.5, 3, 0.32076212080563903},
		{830.53, 1, 1.2429195639789843e-182},
		{445.842, 2, 1.5368794360948391e-97},
		{1400, 5, 1.3765875143943704e-300},
		{1100, 1000, 0.014614408126295194},
		{2000, 1000, 4.1436785914549917e-69},
		{0.1, 0.5, 0.48344467916953437},
		{100500, 100000, 0.13185481160338378},
		{0, 3, 1},
		{-1, 3, 1},
		{math.Inf(1), 3, 0},
	} {
		if got := ChiSquareSurvival(tt.x, tt.df); !within(got, tt.want, 1e-10) {
			t.Errorf("ChiSquareSurvival(%v, %v) = %.17g, want %.17g", tt.x, tt.df, got, tt.want)
		}
	}
	// Abramowitz and Stegun, table 26.8: the 5% points.
	for _, tt := range []struct{ x, df float64 }{{3.84146, 1}, {11.0705, 5}, {43.7729, 30}} {
		if got := ChiSquareSurvival(tt.x, tt.df); math.Abs(got-0.05) > 1e-6 {
			t.Errorf("ChiSquareSurvival(%v, %v) = %v, want 0.05", tt.x, tt.df, got)
		}
	}
}

func TestFSurvival(t *testing.T) {
	t.Parallel()
	// Incomplete beta function and quadrature with mpmath 1.3 at 50 digits.
	for _, tt := range []struct{ x, d1, d2, want, rel float64 }{
		{40, 3, 10000, 1.0964395939122895e-25, 1e-10},
		{0.3, 4, 77.5, 0.87710116876745767, 1e-12},
		{9, 7, 12, 0.00057903107047096068, 1e-12},
		{2.5, 6, 2e6, 0.020257035889596908, 1e-8},
		{11.641, 1, 200000, 0.0006452667117494255, 1e-10},
		{5, 3, math.Inf(1), 0.0018166489665723191, 1e-12}, // chi-square on 3 at 15
		{0, 3, 4, 1, 0},
		{-2, 3, 4, 1, 0},
		{math.Inf(1), 3, 4, 0, 0},
	} {
		if got := FSurvival(tt.x, tt.d1, tt.d2); !within(got, tt.want, tt.rel) {
			t.Errorf("FSurvival(%v, %v, %v) = %.17g, want %.17g", tt.x, tt.d1, tt.d2, got, tt.want)
		}
	}
	// Abramowitz and Stegun, table 26.9: the 5% point of F on 3 and 10.
	if got := FSurvival(3.71, 3, 10); math.Abs(got-0.05) > 2e-4 {
		t.Errorf("FSurvival(3.71, 3, 10) = %v, want 0.05", got)
	}
	// F on 2 and d: (1+2x/d)^(-d/2).
	for _, x := range []float64{0.01, 0.9, 1, 8, 500} {
		if got, want := FSurvival(x, 2, 9), math.Pow(1+2*x/9, -4.5); !within(got, want, 1e-12) {
			t.Errorf("FSurvival(%v, 2, 9) = %v, want %v", x, got, want)
		}
	}
}

func TestBinomialSurvival(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		k, n    int64
		p, want float64
	}{
		// Sums of the terms in fractions.
		{1, 3, 0.5, 0.5},
		{0, 4, 0.25, 1 - 81.0/256},
		{3, 4, 0.25, 1.0 / 256},
		{-1, 4, 0.25, 1},
		{4, 4, 0.25, 0},
		{0, 0, 0.5, 0},
		{2, 5, 0, 0},
		{2, 5, 1, 1},
		// 0.5^1000 does not vanish beside 1.
		{999, 1000, 0.5, math.Exp2(-1000)},
	} {
		if got := BinomialSurvival(tt.k, tt.n, tt.p); !within(got, tt.want, 1e-12) {
			t.Errorf("BinomialSurvival(%d, %d, %v) = %.17g, want %.17g", tt.k, tt.n, tt.p, got, tt.want)
		}
	}
}

func TestBetaQuantile(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ p, a, b, want float64 }{
		// Closed forms: x^a for b = 1, 1-(1-x)^b for a = 1, arcsine for 1/2, 1/2.
		{0.3, 2, 1, math.Sqrt(0.3)},
		{1e-12, 3, 1, 1e-4},
		{0.975, 1, 5, 1 - math.Pow(0.025, 0.2)},
		{0.1, 0.5, 0.5, math.Pow(math.Sin(math.Pi*0.05), 2)},
		{0.5, 7, 7, 0.5},
		{0, 2, 3, 0},
		{1, 2, 3, 1},
	} {
		if got := BetaQuantile(tt.p, tt.a, tt.b); !within(got, tt.want, 1e-11) {
			t.Errorf("BetaQuantile(%v, %v, %v) = %.17g, want %.17g", tt.p, tt.a, tt.b, got, tt.want)
		}
	}
}

func TestNaN(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	for i, got := range []float64{
		NormalSurvival(nan), NormalTwoSided(nan), NormalQuantile(nan),
		TSurvival(nan, 3), TSurvival(1, nan), TTwoSided(nan, 3), TQuantile(nan, 3), TQuantile(0.3, nan),
		ChiSquareSurvival(nan, 3), ChiSquareSurvival(3, nan),
		BinomialSurvival(1, 3, nan), BetaQuantile(nan, 1, 2), BetaQuantile(0.5, nan, 2), NormalLogSurvival(nan),
		FSurvival(nan, 1, 2), FSurvival(1, nan, 2), FSurvival(1, 2, nan),
	} {
		if !math.IsNaN(got) {
			t.Errorf("case %d: got %v, want NaN", i, got)
		}
	}
}

func TestPanics(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]func(){
		"binomial n":      func() { BinomialSurvival(0, -1, 0.5) },
		"beta parameter":  func() { BetaQuantile(0.5, 0, 1) },
		"normal quantile": func() { NormalQuantile(1.1) },
		"t quantile":      func() { TQuantile(-0.1, 3) },
		"t quantile df":   func() { TQuantile(0.1, 0) },
		"t df":            func() { TSurvival(1, -1) },
		"chi-square df":   func() { ChiSquareSurvival(1, 0) },
		"F df":            func() { FSurvival(1, 2, 0) },
		"F infinite df":   func() { FSurvival(1, math.Inf(1), 2) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}

func TestGoldenTails(t *testing.T) {
	t.Parallel()
	var want struct {
		Tolerance golden.Tolerance
		Normal    []struct {
			Z, P float64
			LogP float64 `json:"log_p"`
		} `json:"normal_sf"`
		T         []struct{ X, Nu, P float64 }     `json:"t_sf"`
		ChiSquare []struct{ X, DF, P float64 }     `json:"chi2_sf"`
		F         []struct{ X, D1, D2, P float64 } `json:"f_sf"`
		Binomial  []struct {
			K, N  int64
			P0, P float64
		} `json:"binomial_gt"`
		Beta []struct{ Q, A, B, X float64 } `json:"beta_quantile"`
	}
	golden.Load(t, &want, "special_functions", "distribution_tails", "expected.json")
	// Relative only: an absolute allowance would pass any small tail. 1e-320
	// stands for the spacing of the subnormal numbers.
	tol := golden.Tolerance{Rel: want.Tolerance.Rel, Abs: 1e-320}
	var normal, student, chi, f, binomial, beta golden.Worst
	for _, c := range want.Normal {
		normal.Check(t, "log normal", NormalLogSurvival(c.Z), c.LogP, tol)
		normal.Check(t, "normal", NormalSurvival(c.Z), c.P, tol)
	}
	for _, c := range want.T {
		student.Check(t, "t", TSurvival(c.X, c.Nu), c.P, tol)
	}
	for _, c := range want.ChiSquare {
		chi.Check(t, "chi-square", ChiSquareSurvival(c.X, c.DF), c.P, tol)
	}
	for _, c := range want.F {
		f.Check(t, "F", FSurvival(c.X, c.D1, c.D2), c.P, tol)
	}
	for _, c := range want.Binomial {
		binomial.Check(t, "binomial", BinomialSurvival(c.K, c.N, c.P0), c.P, tol)
	}
	for _, c := range want.Beta {
		beta.Check(t, "beta quantile", BetaQuantile(c.Q, c.A, c.B), c.X, tol)
	}
	binomial.Log(t)
	beta.Log(t)
	normal.Log(t)
	student.Log(t)
	chi.Log(t)
	f.Log(t)
}

// For large parameters the quantiles of the beta distribution go over into one
// another: searched, expanded, and of the limit; and the median is near the mean.
func TestBetaQuantileLarge(t *testing.T) {
	for _, p := range []float64{1e-9, 0.005, 0.025, 0.5, 0.9, 0.975} {
		for _, c := range [][2]float64{{9.9e4, 9.9e4}, {9.9e4, 3e5}, {9.9e4, 9e6}} {
			a, b := c[0], c[1]
			sd := math.Sqrt(a*b/(a+b+1)) / (a + b)
			if got, want := BetaQuantile(p, a, b), betaLarge(p, a, b); math.Abs(got-want) > 2e-6*sd {
				t.Errorf("p %v of %v and %v: searched %v, expanded %v, %v standard deviations apart", p, a, b, got, want, (got-want)/sd)
			}
		}
		for _, a := range []float64{0.5, 3, 1000} {
			x, want := BetaQuantile(p, a, 0.99e9), betaGamma(p, a, 0.99e9)
			if math.Abs(x-want) > 1e-5*want {
				t.Errorf("p %v of %v and a billion: searched %v, by the limit %v", p, a, x, want)
			}
		}
		for _, b := range []float64{2e9, 1e12, 1e17} {
			sd := math.Sqrt(1e5) / b
			if got, want := betaGamma(p, 1e5, b), betaLarge(p, 1e5, b); math.Abs(got-want) > 2e-6*sd {
				t.Errorf("p %v of 100,000 and %v: by the limit %v, expanded %v, %v standard deviations apart", p, b, got, want, (got-want)/sd)
			}
		}
	}
	// Half of a billion: Clopper and Pearson's limit is 1.96 standard deviations off.
	if got, want := BetaQuantile(0.025, 5e8, 5e8+1), 0.5-1.959963984540054/math.Sqrt(4e9); math.Abs(got-want) > 1e-9 {
		t.Errorf("got %v, want about %v", got, want)
	}
}
