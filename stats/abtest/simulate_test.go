package abtest

import (
	"flag"
	"math"
	"math/rand/v2"
	"sync"
	"testing"
)

// long runs the simulations at the size of the numbers in the documentation:
//
//	go test ./stats/abtest -run Coverage -coverage.long -v
//
// Without it they are short, with limits that a right method fails once in some
// 10 000 runs; the seeds are fixed, so that none does by chance.
var long = flag.Bool("coverage.long", false, "simulate coverage at full size")

// runs returns the number of runs, short or long.
func runs(short, full int) int {
	if *long {
		return full
	}
	return short
}

// spend draws the spend of members: nothing with the probability zeros, otherwise
// lognormal with the given deviation of the logarithm, times scale.
type spend struct{ zeros, sigma, scale float64 }

func (s spend) draw(r *rand.Rand) float64 {
	if r.Float64() < s.zeros {
		return 0
	}
	return s.scale * math.Exp(s.sigma*r.NormFloat64())
}

// add draws n more members into the sample.
func (s spend) add(r *rand.Rand, to Sample, n int) Sample {
	for range n {
		v := s.draw(r)
		to.N++
		d := v - to.Mean
		to.Mean += d / float64(to.N)
		to.M2 += d * (v - to.Mean)
	}
	return to
}

// repeat calls f for each run on two cores, with a generator of its own, and returns
// the shares of the runs in which the outcomes hold.
func repeat(n, outcomes int, f func(r *rand.Rand, hold []bool)) []float64 {
	var wg sync.WaitGroup
	counts := make([][]int, 2)
	for worker := range counts {
		counts[worker] = make([]int, outcomes)
		wg.Go(func() {
			hold := make([]bool, outcomes)
			for i := worker; i < n; i += len(counts) {
				clear(hold)
				f(rand.New(rand.NewPCG(20260901, uint64(i))), hold)
				for k, h := range hold {
					if h {
						counts[worker][k]++
					}
				}
			}
		})
	}
	wg.Wait()
	shares := make([]float64, outcomes)
	for k := range shares {
		shares[k] = float64(counts[0][k]+counts[1][k]) / float64(n)
	}
	return shares
}

// margin is four standard errors of a share p found in n runs.
func margin(p float64, n int) float64 { return 4 * math.Sqrt(p*(1-p)/float64(n)) }

func atLeast(t *testing.T, what string, got, want float64, n int) {
	t.Helper()
	t.Logf("%s: %.4f (at least %.3f)", what, got, want)
	if got < want-margin(want, n) {
		t.Errorf("%s: %v in %d runs, want at least %v", what, got, n, want)
	}
}

func atMost(t *testing.T, what string, got, want float64, n int) {
	t.Helper()
	t.Logf("%s: %.4f (at most %.3f)", what, got, want)
	if got > want+margin(want, n) {
		t.Errorf("%s: %v in %d runs, want at most %v", what, got, n, want)
	}
}
