package abtest

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"loyaltymcp/stats/internal/golden"
)

func TestGoldenPostStratify(t *testing.T) {
	t.Parallel()
	var in struct {
		Strata []struct{ Arms []armSums }
	}
	golden.Load(t, &in, "experiments_gbstats", "10_post_stratified", "input.json")
	var want struct {
		Tolerance golden.Tolerance
		Post      map[string]scales `json:"post_stratified"`
	}
	golden.Load(t, &want, "experiments_gbstats", "10_post_stratified", "expected.json")
	var means, shares []Stratum[Sample]
	var ratios, pairs []Stratum[Pair]
	var quads []Stratum[Quad]
	for _, s := range in.Strata {
		c, v := s.Arms[0], s.Arms[1]
		means = append(means, Stratum[Sample]{c.mean(t), v.mean(t)})
		shares = append(shares, Stratum[Sample]{c.share(t), v.share(t)})
		ratios = append(ratios, Stratum[Pair]{c.ratio(t), v.ratio(t)})
		pairs = append(pairs, Stratum[Pair]{c.covariate(t), v.covariate(t)})
		quads = append(quads, Stratum[Quad]{c.quad(t), v.quad(t)})
	}
	effect := must[Effect](t)
	var w golden.Worst
	for name, e := range map[string]Effect{
		"mean":        effect(PostStratify(means)),
		"ratio":       effect(PostStratifyRatio(ratios)),
		"cuped_mean":  effect(PostStratifyCUPED(pairs)),
		"cuped_ratio": effect(PostStratifyCUPEDRatio(quads)),
	} {
		want.Post[name].test(t, &w, name, e, want.Tolerance, test95)
	}
	e := effect(PostStratify(shares))
	var cs, vs [3]float64
	for _, s := range in.Strata {
		cs[0], cs[1] = cs[0]+float64(s.Arms[0].N), cs[1]+s.Arms[0].ConvSum
		vs[0], vs[1] = vs[0]+float64(s.Arms[1].N), vs[1]+s.Arms[1].ConvSum
	}
	c, v := must[Sample](t)(FromSums(int64(cs[0]), cs[1], cs[1])), must[Sample](t)(FromSums(int64(vs[0]), vs[1], vs[1]))
	e.DF = effect(Compare(c, v)).DF // of the unbiased variances here
	want.Post["proportion"].test(t, &w, "proportion", e, want.Tolerance, test95)
	w.Log(t)
}

// The whole analysis of three arms, overall and by tier.
func TestGoldenPipeline(t *testing.T) {
	t.Parallel()
	type variation struct {
		entry
		Mean  float64 `json:"cr"`
		Users float64
		Stats struct {
			Mean float64
			SD   float64 `json:"stddev"`
		}
		Power *struct {
			Status    string
			Pairs     float64 `json:"firstPeriodPairwiseSampleSize"`
			TargetMDE float64
			Variance  float64 `json:"sigmahat2Delta"`
			Factor    float64 `json:"scalingFactor"`
		}
		Supplemental struct {
			Unadjusted *entry `json:"cupedUnadjusted"`
			Flat       *entry `json:"flatPrior"`
		} `json:"supplementalResults"`
	}
	var want struct {
		Tolerance struct {
			golden.Tolerance
			Factor float64 `json:"scalingFactor_rel"`
		}
		Analyses map[string][]struct {
			Dimension  string
			SRM        float64
			Variations []variation
		}
	}
	golden.Load(t, &want, "experiments_gbstats", "13_pipeline_3arm_dimension", "expected.json")
	tiers := make(map[string][]armSums)
	for _, r := range readCSV(t, "experiments_gbstats", "13_pipeline_3arm_dimension", "rows.csv") {
		f := func(column string) float64 { return number(t, r, column) }
		tiers[r["dimension"]] = append(tiers[r["dimension"]], armSums{
			N: int64(f("users")), MainSum: f("main_sum"), MainSS: f("main_sum_squares"),
			PreSum: f("covariate_sum"), PreSS: f("covariate_sum_squares"), MainPre: f("main_covariate_sum_product"),
			DenSum: f("denominator_sum"), DenSS: f("denominator_sum_squares"), MainDen: f("main_denominator_sum_product"),
		})
	}
	var w golden.Worst
	tol := want.Tolerance.Tolerance
	for key, results := range want.Analyses {
		sequential := strings.Contains(key, "sequential=True")
		bayes := strings.HasPrefix(key, "bayesian")
		metric := strings.Split(key, ",")[2]
		for _, r := range results {
			// Overall the tiers are merged as moments.
			arms := make([]struct {
				n                int64
				mean             Sample
				covariate, ratio Pair
			}, 3)
			for tier, sums := range tiers {
				if r.Dimension != "" && r.Dimension != tier {
					continue
				}
				for i, s := range sums {
					arms[i].n += s.N
					arms[i].mean = arms[i].mean.Merge(s.mean(t))
					arms[i].covariate = arms[i].covariate.Merge(s.covariate(t))
					arms[i].ratio = arms[i].ratio.Merge(s.ratio(t))
				}
			}
			srm := must[SRMResult](t)(SRM([]int64{arms[0].n, arms[1].n, arms[2].n}, []float64{1, 1, 1}))
			w.Check(t, key+" srm", srm.P, r.SRM, tol)
			for i := 1; i < 3; i++ {
				v := r.Variations[i]
				name := fmt.Sprintf("%s %s %d", key, r.Dimension, i)
				plain := must[Effect](t)(Compare(arms[0].mean, arms[i].mean))
				var lift Effect
				switch metric {
				case "mean":
					lift = must[Effect](t)(plain.DeltaLift())
				case "mean_ra":
					e, _, err := CUPED(arms[0].covariate, arms[i].covariate)
					if err != nil {
						t.Fatal(err)
					}
					lift = e.deltaLift(plain.Difference / plain.Control) // as in scales.cuped
				case "ratio":
					c, v := must[Sample](t)(Ratio(arms[0].ratio)), must[Sample](t)(Ratio(arms[i].ratio))
					lift = must[Effect](t)(must[Effect](t)(Compare(c, v)).DeltaLift())
				}
				check := func(name string, o entry, lift Effect, prior Prior) {
					switch {
					case bayes:
						o.posterior(t, &w, name, must[Posterior](t)(lift.Posterior(prior, 0.95)), tol, false)
					case sequential:
						o.test(t, &w, name, lift.TestAnytime(0.95, DefaultTuning), tol)
					default:
						o.test(t, &w, name, lift.Test(0.95), tol)
					}
				}
				prior := Prior{SD: 0.3}
				check(name, v.entry, lift, prior)
				if metric == "mean" {
					w.Check(t, name+" arm mean", arms[i].mean.Mean, v.Mean, tol)
					w.Check(t, name+" arm deviation", math.Sqrt(arms[i].mean.Variance()), v.Stats.SD, tol)
				}
				if float64(arms[i].n) != v.Users {
					t.Errorf("%s: %d users, want %v", name, arms[i].n, v.Users)
				}
				if o := v.Supplemental.Unadjusted; o != nil {
					check(name+" unadjusted", *o, must[Effect](t)(plain.DeltaLift()), prior)
				}
				if o := v.Supplemental.Flat; o != nil {
					check(name+" flat", *o, lift, Prior{SD: math.Inf(1)})
				}
				if v.Power == nil {
					continue
				}
				w.Check(t, name+" variance", lift.Variance, v.Power.Variance, tol)
				var g float64
				var err error
				switch {
				case bayes:
					g, err = lift.GrowthWith(prior, v.Power.TargetMDE, 0.8, 0.05)
				case sequential:
					g, err = lift.Growth(v.Power.TargetMDE, 0.8, 0.05, DefaultTuning)
				default:
					g, err = lift.Growth(v.Power.TargetMDE, 0.8, 0.05, 0)
				}
				if err != nil {
					t.Fatal(err)
				}
				w.Check(t, name+" growth", g-1, v.Power.Factor, golden.Tolerance{Rel: want.Tolerance.Factor})
			}
		}
	}
	w.Log(t)
}
