package abtest

import "math"

// TestAnytimeT returns the test of no effect and the interval that hold at every
// look at once by the method for regressions, not only in large samples when the
// residuals are normal: the Bayes factor
//
//	B = √(g/(g+N)) ((1 + g/(g+N) T²/DF)/(1 + T²/DF))^(-(DF+1)/2)
//
// of a normal effect with the variance σ²/g against none, P = min(1, 1/B) and the
// interval of the effects with B below 1/(1 - confidence). g tunes it as tuning does
// TestAnytime: AnytimeG has the one with the shortest interval at a planned size.
//
// See M. Lindon, D. Ham, M. Tingley and I. Bojinov, "Anytime-valid linear models and
// regression adjusted causal inference in randomized experiments", 2022 (arXiv
// 2210.08589).
//
// TestAnytimeT panics if g is not above 0.
func (e Effect) TestAnytimeT(confidence, g float64) Difference {
	checkProbability(confidence, "confidence")
	d := e.statistic(0)
	n := float64(e.N)
	u := d.T * d.T / d.DF
	r := shrinkage(g, n)
	log := 0.5*math.Log(r) - 0.5*(d.DF+1)*(math.Log1p(r*u)-math.Log1p(u))
	d.P = math.Min(1, math.Exp(-log))
	half := d.SE * anytimeT(1-confidence, g, n, d.DF)
	d.Low, d.High = d.Estimate-half, d.Estimate+half
	return d
}

func shrinkage(g, n float64) float64 {
	if !(g > 0) || math.IsInf(g, 1) {
		panic("abtest: g not above 0")
	}
	return g / (g + n)
}

// anytimeT returns the number of standard errors of the interval.
func anytimeT(alpha, g, n, df float64) float64 {
	r := shrinkage(g, n)
	l := (math.Log(r) + 2*math.Log(alpha)) / (df + 1)
	k := math.Exp(l)
	if k <= r {
		return math.Inf(1)
	}
	return math.Sqrt(-math.Expm1(l) / (k - r) * df)
}

// AnytimeG returns the g with which TestAnytimeT has the shortest interval for n
// members and a regression with the given number of coefficients.
//
// AnytimeG panics if n is not above the number of coefficients.
func AnytimeG(n int64, coefficients int, confidence float64) float64 {
	checkProbability(confidence, "confidence")
	df := float64(n) - float64(coefficients)
	if !(df > 0) {
		panic("abtest: not more members than coefficients")
	}
	// The width has its minimum where dk/dr (1-r) = 1-k, in the terms of anytimeT;
	// the left side less the right one falls with r.
	excess := func(lr float64) float64 {
		r := math.Exp(lr)
		l := (lr + 2*math.Log(1-confidence)) / (df + 1)
		return math.Exp(l)*(1-r)/((df+1)*r) + math.Expm1(l)
	}
	lo, hi := -700.0, 0.0
	for range 200 {
		mid := lo + (hi-lo)/2
		if mid <= lo || mid >= hi {
			break
		}
		if excess(mid) > 0 {
			lo = mid
		} else {
			hi = mid
		}
	}
	return float64(n) * math.Exp(lo) / -math.Expm1(lo)
}
