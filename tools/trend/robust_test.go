package trend

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

func TestToNormal(t *testing.T) {
	for _, df := range []float64{4, 6, 12, 52, 400} {
		for _, x := range []float64{0, 0.5, 1, 2, 3, 5} {
			tail := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}.Survival(x)
			want := distuv.UnitNormal.Quantile(1 - tail)
			if got := toNormal(x, df); math.Abs(got-want) > 0.03 {
				t.Errorf("t %v of %v degrees of freedom: %v, want %v", x, df, got, want)
			}
			if back := toStudent(toNormal(x, df), df); math.Abs(back-x) > 1e-9 {
				t.Errorf("there and back: %v, want %v", back, x)
			}
			if toNormal(-x, df) != -toNormal(x, df) {
				t.Errorf("t %v: not odd", x)
			}
		}
	}
	if got := toNormal(math.Inf(-1), 5); got != -highest {
		t.Errorf("infinite t: %v, want %v", got, -float64(highest))
	}
}

// The spread of a normal sample's quantiles is 1.
func TestSpread(t *testing.T) {
	var x []float64
	for i := range 1000 {
		x = append(x, distuv.UnitNormal.Quantile((float64(i)+0.5)/1000))
	}
	if got := spread(x); math.Abs(got-1) > 0.01 {
		t.Errorf("spread %v, want 1", got)
	}
	for i := range 90 {
		x[i] = 1e6
	}
	if got := spread(x); got > 2 {
		t.Errorf("a tenth of odd values make the spread %v", got)
	}
}

// Without lags the error is that of independent parts, and parts in pairs of
// equal ones make it larger.
func TestHAC(t *testing.T) {
	even := []float64{1, -1, 1, -1}
	// One lag at n = 4: none, as 4 (4/100)^(2/9) is 1.96, so one with weight 1/2.
	sum := 4.0 + 2*0.5*(-3)
	if got, want := hac(even, 1), math.Sqrt(sum*4/3); math.Abs(got-want) > 1e-12 {
		t.Errorf("hac %v, want %v", got, want)
	}
	pairs := []float64{1, 1, -1, -1}
	sum = 4 + 2*0.5*1
	if got, want := hac(pairs, 1), math.Sqrt(sum*4/3); math.Abs(got-want) > 1e-12 {
		t.Errorf("hac %v, want %v", got, want)
	}
}

// The mean lead over so many weeks is that of the damped sum day by day.
func TestAhead(t *testing.T) {
	for _, weeks := range []float64{1, 4.3, 13} {
		sum, n := 0.0, 200000
		k := -math.Log(damping)
		for i := range n {
			s := weeks * (float64(i) + 0.5) / float64(n)
			sum += (1 - math.Exp(-k*s)) / k
		}
		if got, want := ahead(weeks), sum/float64(n); math.Abs(got-want) > 1e-8 {
			t.Errorf("%v weeks: %v, want %v", weeks, got, want)
		}
	}
}
