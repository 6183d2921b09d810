package abtest

import (
	"math"
	"math/rand/v2"
	"sync"

	"loyaltymcp/stats/internal/coverage"
)

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

// tally is how many of the runs had each outcome.
type tally struct {
	hits []int
	runs int
}

// gate returns the gate of the outcome i.
func (c tally) gate(what string, i int, nominal, slack float64) coverage.Gate {
	return coverage.Gate{What: what, Nominal: nominal, Slack: slack, Hits: c.hits[i], Runs: c.runs}
}

// share returns the share of the runs with the outcome i.
func (c tally) share(i int) float64 { return float64(c.hits[i]) / float64(c.runs) }

// repeat calls f for each run on two cores, with a generator of its own, and counts
// the runs in which the outcomes hold.
func repeat(n, outcomes int, f func(r *rand.Rand, hold []bool)) tally {
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
	for k := range outcomes {
		counts[0][k] += counts[1][k]
	}
	return tally{hits: counts[0], runs: n}
}
