package special

import (
	"math"
	"math/big"
	"testing"

	"gonum.org/v1/gonum/mathext"
)

func near(t *testing.T, what string, got, want, rel float64) {
	t.Helper()
	if !(math.Abs(got-want) <= rel*math.Abs(want)) {
		t.Errorf("%s: got %.17g, want %.17g", what, got, want)
	}
}

func TestPolygamma(t *testing.T) {
	const euler = 0.57721566490153286061
	for _, tc := range []struct{ z, digamma, trigamma float64 }{
		{1, -euler, math.Pi * math.Pi / 6},
		{0.5, -euler - 2*math.Ln2, math.Pi * math.Pi / 2},
		{2, 1 - euler, math.Pi*math.Pi/6 - 1},
		{10.5, 2.303001034297686375, 0.09991695605912673320},
		{0.01, -100.560885457868674497, 10001.62121352831322},
		{1.7, 0.2085478748734939566799, 0.7932328301639983819},
	} {
		d, tr := Polygamma(tc.z)
		near(t, "digamma", d, tc.digamma, 4e-15)
		near(t, "trigamma", tr, tc.trigamma, 2e-14)
	}
	// gonum's digamma itself is good to 1e-10 only.
	for _, z := range []float64{1e-8, 0.01, 0.3, 1.7, 9.99, 10, 33, 1e5} {
		d, tr := Polygamma(z)
		near(t, "digamma", d, mathext.Digamma(z), 1e-9)
		near(t, "trigamma", tr, mathext.Zeta(2, z), 1e-13)
	}
}

// For whole n the differences are finite sums.
func TestGammaDiff(t *testing.T) {
	for _, z := range []float64{1e-9, 0.02, 0.7, 3, 9.999, 10, 57.3, 1e6, 1e12} {
		for _, n := range []int{0, 1, 2, 7, 40, 1000} {
			// Sums in higher precision, smallest terms first.
			s0, s1, s2 := 0.0, new(big.Float).SetPrec(100), new(big.Float).SetPrec(100)
			prod := 1.0
			for i := n - 1; i >= 0; i-- {
				v := z + float64(i)
				prod *= v
				if prod > 1e200 || prod < 1e-200 {
					s0 += math.Log(prod)
					prod = 1
				}
				s1.Add(s1, big.NewFloat(1/v))
				s2.Sub(s2, big.NewFloat(1/v/v))
			}
			s0 += math.Log(prod)
			d0, d1, d2 := GammaDiff(z, float64(n))
			if math.Abs(d0-s0) > 1e-13*(1+math.Abs(s0)) {
				t.Errorf("GammaDiff(%g, %d): got %.17g, want %.17g", z, n, d0, s0)
			}
			f1, _ := s1.Float64()
			f2, _ := s2.Float64()
			near(t, "digamma difference", d1, f1, 2e-13)
			near(t, "trigamma difference", d2, f2, 2e-13)
		}
	}
}

func TestLogBeta(t *testing.T) {
	for _, tc := range []struct{ a, b, want float64 }{
		{1, 1, 0},
		{2, 3, -math.Log(12)},
		{0.5, 0.5, math.Log(math.Pi)},
		{1, 1e15, -math.Log(1e15)},
		{3, 1e10, math.Ln2 - 3*math.Log(1e10) - 3e-10},
	} {
		if got := LogBeta(tc.a, tc.b); math.Abs(got-tc.want) > 1e-14*(1+math.Abs(tc.want)) {
			t.Errorf("LogBeta(%g, %g): got %.17g, want %.17g", tc.a, tc.b, got, tc.want)
		}
	}
}

func TestGaussLegendre(t *testing.T) {
	for _, n := range []int{1, 2, 5, 16, 33, 64} {
		x, w := make([]float64, n), make([]float64, n)
		GaussLegendre(x, w)
		for deg := 0; deg < 2*n; deg += 2 {
			s := 0.0
			for i := range x {
				s += w[i] * math.Pow(x[i], float64(deg))
			}
			near(t, "moment", s, 2/float64(deg+1), 1e-13)
		}
	}
}

// The moments of a beta distribution are products.
func TestGaussJacobi(t *testing.T) {
	for _, n := range []int{1, 2, 16, 64} {
		x, w := make([]float64, n), make([]float64, n)
		for _, ab := range [][2]float64{{1, 1}, {0.5, 0.5}, {0.02, 5000}, {0.79, 2.43}, {3, 0.1}, {1.5, 0.5}, {800, 900}} {
			a, b := ab[0], ab[1]
			GaussJacobi(x, w, a, b)
			want := 1.0
			for deg := range 2 * n {
				s := 0.0
				for i := range x {
					s += w[i] * math.Pow(x[i], float64(deg))
				}
				near(t, "moment", s, want, 1e-10)
				want *= (a + float64(deg)) / (a + b + float64(deg))
				if want < 1e-250 {
					break
				}
			}
		}
	}
}

func TestBetaMean(t *testing.T) {
	for _, a := range []float64{1e-6, 0.02, 0.5, 0.8, 1, 3, 40, 5000, 1e9} {
		for _, b := range []float64{1e-6, 0.1, 0.5, 1, 2.5, 70, 5000, 1e9} {
			near(t, "mean of 1", BetaMean(a, b, func(float64) float64 { return 1 }), 1, 1e-12)
			near(t, "mean of 2-p", BetaMean(a, b, func(p float64) float64 { return 2 - p }), 1+b/(a+b), 1e-12)
			// The mean of (1-p)^c is a ratio of beta functions.
			if a < 1e8 && b < 1e8 {
				want := math.Exp(LogBeta(a, b+2.5) - LogBeta(a, b))
				got := BetaMean(a, b, func(p float64) float64 { return 1 + math.Pow(1-p, 2.5) })
				near(t, "mean of a power", got, 1+want, 1e-12)
			}
		}
	}
	// Against Gauss-Jacobi where that is good, and against the closed form of a
	// pole close to 0 under a uniform distribution.
	x, w := make([]float64, 64), make([]float64, 64)
	for _, ab := range [][2]float64{{0.3, 0.4}, {0.79, 2.43}, {2, 9}, {30, 20}} {
		GaussJacobi(x, w, ab[0], ab[1])
		f := func(p float64) float64 { return math.Pow(1+5*p, -1.7) }
		want := 0.0
		for i := range x {
			want += w[i] * f(x[i])
		}
		near(t, "Gauss-Jacobi", BetaMean(ab[0], ab[1], f), want, 1e-13)
	}
	for _, d := range []float64{1, 1e-2, 1e-5, 1e-9} {
		got := BetaMean(1, 1, func(p float64) float64 { return 1 / (p + d) })
		near(t, "pole", got, math.Log1p(1/d), 1e-13)
	}
}

func TestExpIntScaled(t *testing.T) {
	near(t, "E1(1)", ExpIntScaled(1, 1), math.E*0.21938393439552027368, 1e-15)
	near(t, "E1(0.01)", ExpIntScaled(1, 0.01), math.Exp(0.01)*4.0379295765381134, 1e-14)
	for _, z := range []float64{1e-9, 1e-3, 0.4, 1.99, 2, 7, 300} {
		near(t, "order 0", ExpIntScaled(0, z), 1/z, 1e-13)
		for _, nu := range []float64{0.03, 0.6, 1, 1.5, 12, 700} {
			// ν E_{ν+1}(z) = e^-z - z E_ν(z)
			got := nu*ExpIntScaled(nu+1, z) + z*ExpIntScaled(nu, z)
			near(t, "recurrence", got, 1, 1e-12)
		}
	}
	// Both ways agree where they meet.
	for _, nu := range []float64{0.2, 1, 3.3, 250} {
		near(t, "seam", ExpIntScaled(nu, math.Nextafter(2, 0)), expIntFraction(nu, 2), 1e-14)
	}
}

func BenchmarkBetaMean(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		BetaMean(0.79, 4.43, func(p float64) float64 { return -math.Expm1(-2.2*math.Log1p(p*1.5)) / (p + 1e-300) })
	}
}

func BenchmarkGaussJacobi64(b *testing.B) {
	x, w := make([]float64, 64), make([]float64, 64)
	for b.Loop() {
		GaussJacobi(x, w, 0.79, 4.43)
	}
}

func BenchmarkExpIntScaled(b *testing.B) {
	for b.Loop() {
		ExpIntScaled(1.3, 0.05)
	}
}
