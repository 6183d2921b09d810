package btyd

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mathext"
)

func near(t *testing.T, what string, got, want, rel float64) {
	t.Helper()
	if !(math.Abs(got-want) <= rel*math.Abs(want)) {
		t.Errorf("%s: got %.15g, want %.15g", what, got, want)
	}
}

// some is a member of each family, at ordinary parameters.
var some = []Model{
	BGNBD{0.243, 4.414, 0.793, 2.426},
	MBGNBD{0.525, 6.183, 0.891, 1.614},
	MBGCNBD{1, 0.525, 6.183, 0.891, 1.614},
	MBGCNBD{2, 0.865, 2.541, 0.533, 2.472},
	MBGCNBD{3, 0.9, 1.7, 1, 3},
	ParetoNBD{0.553, 10.578, 0.606, 11.669},
	ParetoNBD{1.2, 3, 1, 3},
	BGBB{1.204, 0.75, 0.657, 2.783},
}

// someHistories suit every family.
var someHistories = []History{
	{},
	{T: 30},
	{X: 1, TX: 3, T: 30, LogGaps: 1.1},
	{X: 2, TX: 30, T: 38, LogGaps: 4},
	{X: 9, TX: 12, T: 12, LogGaps: 2},
	{X: 7, TX: 10, T: 40, LogGaps: 2.5},
}

// Values printed in the papers.
func TestPublished(t *testing.T) {
	// Fader, Hardie and Lee, "Implementing the BG/NBD model for customer base
	// analysis in Excel", 2005: the first member of the CDNOW sample.
	bg := BGNBD{0.243, 4.414, 0.793, 2.426}
	if got := bg.Expected(History{X: 2, TX: 30.43, T: 38.86}, 39); math.Abs(got-1.226) > 5e-4 {
		t.Errorf("BG/NBD: got %.4f expected purchases, want 1.226", got)
	}
	// Fader, Hardie and Shang 2010, table of the donors: six out of six.
	bb := BGBB{1.204, 0.750, 0.657, 2.783}
	h := History{X: 6, TX: 6, T: 6}
	if got := bb.PAlive(h); math.Abs(got-0.93) > 5e-3 {
		t.Errorf("BG/BB: got P(alive) %.4f, want 0.93", got)
	}
	if got := bb.Expected(h, 5); math.Abs(got-3.75) > 5e-3 {
		t.Errorf("BG/BB: got %.4f expected purchases, want 3.75", got)
	}
}

// The closed forms of the papers, where they hold their digits.
func TestClosedForms(t *testing.T) {
	r, alpha, a, b := 0.7, 5.0, 2.3, 3.1
	for _, u := range []float64{1, 7, 40} {
		f := mathext.Hypergeo(r, b, a+b-1, u/(alpha+u))
		want := (a + b - 1) / (a - 1) * (1 - math.Pow(alpha/(alpha+u), r)*f)
		near(t, "BG/NBD mean", BGNBD{r, alpha, a, b}.Expected(History{}, u), want, 1e-10)
	}
	s, beta := 1.7, 9.0
	p := ParetoNBD{r, alpha, s, beta}
	near(t, "Pareto/NBD mean", p.Expected(History{}, 20), r*beta/alpha/(s-1)*(1-math.Pow(beta/(beta+20), s-1)), 1e-14)
	// With α = β the integral of the likelihood is elementary.
	q := ParetoNBD{r, 6, s, 6}
	h := History{X: 3, TX: 4, T: 11}
	rs := r + 3 + s
	lg, _ := math.Lgamma(r + 3)
	lr, _ := math.Lgamma(r)
	want := lg - lr + (r+s)*math.Log(6) + math.Log(math.Pow(17, -rs)+s/rs*(math.Pow(10, -rs)-math.Pow(17, -rs)))
	near(t, "Pareto/NBD log-likelihood", q.LogLik(h), want, 1e-14)
	// A new member who never bought, by hand: MBG/NBD.
	m := MBGNBD{r, alpha, a, b}
	lik := a/(a+b) + b/(a+b)*math.Pow(alpha/(alpha+8), r)
	near(t, "MBG/NBD log-likelihood", m.LogLik(History{T: 8}), math.Log(lik), 1e-13)
	near(t, "MBG/NBD P(alive)", m.PAlive(History{T: 8}), b/(a+b)*math.Pow(alpha/(alpha+8), r)/lik, 1e-13)
	if got := (BGNBD{r, alpha, a, b}).PAlive(History{T: 500}); got != 1 {
		t.Errorf("BG/NBD P(alive) without a repeat purchase: got %v, want 1", got)
	}
}

// What the histories imply about the future sums to 1, has the mean Expected,
// and DERT is its discounted sum.
func TestFuture(t *testing.T) {
	for _, m := range some {
		for _, h := range someHistories {
			name := fmt.Sprintf("%T%v%v", m, m, h)
			for _, horizon := range []float64{6} {
				var sum, mean float64
				for n := range 400 {
					p := m.PMF(h, n, horizon)
					if p < 1e-10*mean && sum > 0.99 {
						break
					}
					if p < 0 {
						t.Fatalf("%s: negative probability", name)
					}
					sum += p
					mean += float64(n) * p
				}
				near(t, name+" sum", sum, 1, 1e-9)
				near(t, name+" mean", mean, m.Expected(h, horizon), 1e-7)
			}
			const rate = 0.02
			near(t, name+" DERT", m.DERT(h, rate), discounted(m, h, rate), 1e-8)
			if m.Expected(h, 0) != 0 || m.PMF(h, 0, 0) != 1 || m.PMF(h, 1, 0) != 0 {
				t.Errorf("%s: no time, but purchases", name)
			}
		}
	}
}

// discounted is δ ∫ e^-δt E(t) dt, for BGBB the sum.
func discounted(m Model, h History, rate float64) float64 {
	var s float64
	if _, ok := m.(BGBB); ok {
		before := 0.0
		for i := 1; i <= 3000; i++ {
			e := m.Expected(h, float64(i))
			s += (e - before) * math.Pow(1+rate, -float64(i))
			before = e
		}
		return s
	}
	for lo, width := 0.0, 1.0; lo < 1500; lo, width = lo+width, 1.1*width {
		for i, x := range legendre.x {
			u := lo + width*x
			s += width * legendre.w[i] * rate * math.Exp(-rate*u) * m.Expected(h, u)
		}
	}
	return s
}

// In the world of one model that model predicts best, and what it predicts
// happens.
func TestHoldout(t *testing.T) {
	s := newSim(21)
	truth := MBGNBD{0.9, 6, 0.9, 1.8}
	var o Holdout
	for range 8000 {
		h, later := s.member(truth.core(), 20+40*s.Float64(), 26, 0)
		o.Histories, o.Later = append(o.Histories, h), append(o.Later, later)
	}
	o.Time = 26
	d := data(t, o.Histories, nil)
	mbg, err := Fit(MBGNBD{}, d)
	if err != nil {
		t.Fatal(err)
	}
	bg, err := Fit(BGNBD{}, d)
	if err != nil {
		t.Fatal(err)
	}
	c := []Candidate{{"BG/NBD", bg.Model, bg.LogLik}, {"MBG/NBD", mbg.Model, mbg.LogLik}}
	for _, hold := range []*Holdout{&o, nil} {
		r, err := Choose(c, hold)
		if err != nil {
			t.Fatal(err)
		}
		if r[0].Name != "MBG/NBD" || !(r[1].Behind > 0) || r[0].Behind != 0 {
			t.Errorf("got %+v", r)
		}
		if hold != nil && !(r[1].Behind > 2*r[1].SE) {
			t.Errorf("behind by %v, standard error %v", r[1].Behind, r[1].SE)
		}
	}
	bands, err := Calibrate(mbg.Model, o, 10)
	if err != nil {
		t.Fatal(err)
	}
	if len(bands) < 7 {
		t.Fatalf("got %d bands", len(bands))
	}
	var members float64
	for i, b := range bands {
		members += b.Members
		se := math.Sqrt(b.Predicted * (1 - b.Predicted) / b.Members)
		if math.Abs(b.Active-b.Predicted) > 4.5*se {
			t.Errorf("band %d: predicted %.4f, active %.4f, standard error %.4f", i, b.Predicted, b.Active, se)
		}
		if math.Abs(b.Bought-b.Expected) > 0.25*b.Expected+0.02 {
			t.Errorf("band %d: expected %.4f, bought %.4f", i, b.Expected, b.Bought)
		}
		if i > 0 && b.Predicted < bands[i-1].Predicted {
			t.Errorf("band %d out of order", i)
		}
	}
	if members != 8000 {
		t.Errorf("got %v members in all bands", members)
	}
}

func TestSummarize(t *testing.T) {
	log := []Purchase{
		{"b", 40, 9},
		{"a", 17, 10}, {"a", 10, 99}, {"a", 10, 1}, {"a", 17, 4}, {"a", 31, 6}, {"a", 45, 7}, {"a", 45, 7}, {"a", 60, 7},
		{"c", 20, 5},
	}
	got := Summarize(log, 38, 52, 7)
	want := []Summary{
		{"a", History{2, 3, 4, math.Log(1) + math.Log(2)}, Spend{2, 10}, 1},
		{"c", History{0, 0, 18. / 7, 0}, Spend{}, 0},
	}
	if len(got) != len(want) {
		t.Fatalf("got %v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %+v, want %+v", got[i], want[i])
		}
	}
}

// What MBGCNBD expects of members and says of their lives is what becomes of
// simulated ones.
func TestRegularFuture(t *testing.T) {
	s := newSim(31)
	m := MBGCNBD{3, 1.2, 2, 0.6, 2.4}
	var n, sum, sum2, approx float64
	for range 20000 {
		h, later := s.member(m.core(), 30, 20, 0)
		d := float64(later) - m.Expected(h, 20)
		n++
		sum += d
		sum2 += d * d
		same := MBGNBD{m.R, 3 * m.Alpha, m.A, m.B}
		approx += float64(later) - m.PAlive(h)*same.Expected(h, 20)/same.PAlive(h)
	}
	se := math.Sqrt(sum2) / n
	t.Logf("bought less expected: %.4f (%.4f); with the common approximation %.4f", sum/n, se, approx/n)
	if math.Abs(sum/n) > 4*se {
		t.Errorf("bought less expected: %v, standard error %v", sum/n, se)
	}
}
