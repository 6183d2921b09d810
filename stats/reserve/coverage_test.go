package reserve

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"loyaltymcp/stats/internal/coverage"
	"loyaltymcp/stats/internal/special"
)

// The hazard projects the liability of simulated programs without bias, and its
// intervals cover. The chain ladder takes a December for what always follows a
// November; the hazard knows the season.
func TestCoverageLiability(t *testing.T) {
	t.Parallel()
	for _, w := range worlds {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(11, 7))
			var sumTruth, sumWithin, sumHazard, sumLadder, sumSE, squares float64
			covered, runs := 0, coverage.Runs(t, 6, 500)
			for range runs {
				cells, rows, lots, truth, within, month := w.run(r)
				h, err := FitHazard(cells, HazardOptions{})
				if err != nil {
					t.Fatal(err)
				}
				p, err := h.Project(lots, month, w.horizon, Scenario{})
				if err != nil {
					t.Fatal(err)
				}
				if low, high := p.Interval(0.95); low <= truth && truth <= high {
					covered++
				}
				z := (truth - p.Redeemed) / p.SE
				squares += z * z
				sumSE += p.SE
				sumTruth += truth
				sumWithin += within
				sumHazard += p.Redeemed

				tri, err := NewTriangle(rows)
				if err != nil {
					t.Fatal(err)
				}
				f, err := tri.Factors(Volume, 0)
				if err != nil {
					t.Fatal(err)
				}
				ultimate := tri.ChainLadder(ToUltimate(f, 1))
				for i, u := range ultimate {
					sumLadder += u - rows[i][len(rows[i])-1]
				}
			}
			n := float64(runs)
			bias, ladder := sumHazard/sumTruth-1, sumLadder/sumWithin-1
			coverage.Bias(t, w.name+", relative bias of the liability", bias, 0, sumSE/sumTruth/math.Sqrt(n), 0.005)
			coverage.Gate{What: w.name + ", liability in its interval", Nominal: 0.95, Slack: 0.02, Hits: covered, Runs: runs}.AtLeast(t)
			t.Logf("sd of z %.2f; chain ladder bias %+.1f%%", math.Sqrt(squares/n), 100*ladder)
			if w.december > 1 && w.last == 11 && ladder < bias+0.05 {
				t.Errorf("chain ladder bias %+.3f after a December peak, hazard %+.3f; the chain ladder should be well above", ladder, bias)
			}
		})
	}
}

// The intervals of Bornhuetter cover what over-dispersed Poisson triangles come to,
// with priors that are known, guessed each for itself, guessed in common, or found in
// the triangle.
func TestCoverageBornhuetter(t *testing.T) {
	t.Parallel()
	const ages, dispersion, rate = 8, 40.0, 0.7
	share := make([]float64, ages)
	var sum float64
	for j := range share {
		share[j] = math.Pow(0.75, float64(j))
		sum += share[j]
	}
	exposure := make([]float64, ages)
	for i := range exposure {
		exposure[i] = 20000 * (1 + 0.3*math.Sin(float64(i)))
	}
	for _, c := range []struct {
		name            string
		own, common, se float64 // standard deviations of the error of the prior
		given           bool
		correlation     float64
	}{
		{"known prior", 0, 0, 0, true, 0},
		{"priors guessed each for itself", 0.07, 0, 0.07, true, 0},
		{"prior guessed in common", 0, 0.07, 0.07, true, 1},
		{"Cape Cod", 0, 0, 0, false, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			runs := coverage.Runs(t, 400, 10000)
			rnd := rand.New(rand.NewPCG(5, 9))
			var hits [2]int
			var off, squares float64
			for k := range runs {
				rows, truth, young := make([][]float64, ages), 0.0, 0.0
				for i := range rows {
					for j := range ages {
						mean := exposure[i] * rate * share[j] / sum
						v := dispersion * distuv.Poisson{Lambda: mean / dispersion, Src: rnd}.Rand()
						switch {
						case j < ages-i:
							rows[i] = append(rows[i], v)
						case i == ages-1:
							young += v
							fallthrough
						default:
							truth += v
						}
					}
				}
				tri, err := FromIncrements(rows)
				if err != nil {
					t.Fatal(err)
				}
				o := BornhuetterOptions{Exposure: exposure, Correlation: c.correlation}
				if c.given {
					o.Rate, o.RateSE = make([]float64, ages), make([]float64, ages)
					common := c.common * rnd.NormFloat64()
					for i := range o.Rate {
						o.Rate[i] = rate + common + c.own*rnd.NormFloat64()
						o.RateSE[i] = c.se
					}
				}
				b, err := Bornhuetter(tri, o)
				if err != nil {
					t.Fatal(err)
				}
				last, t := b.Origins[ages-1], -special.TQuantile(0.025, float64(b.DF))
				if math.Abs(b.Total.Reserve-truth) <= t*b.Total.SE {
					hits[0]++
				}
				if math.Abs(last.Reserve-young) <= t*last.SE {
					hits[1]++
				}
				d := b.Total.Reserve/truth - 1 - off
				off += d / float64(k+1)
				squares += d * (b.Total.Reserve/truth - 1 - off)
			}
			// By Student's t, though the error of a guess is known: a little wide.
			slack := 0.005
			if c.se > 0 {
				slack = 0.015
			}
			for i, name := range []string{"total", "youngest origin"} {
				coverage.Gate{What: c.name + ", reserve in its interval, " + name, Nominal: 0.95, Slack: slack, Hits: hits[i], Runs: runs}.Near(t)
			}
			se := math.Sqrt(squares/float64(runs-1)) / math.Sqrt(float64(runs))
			coverage.Bias(t, c.name+", relative bias of the reserve", off, 0, se, 0.005)
		})
	}
}
