package churnmodel

import (
	"math"

	"loyaltymcp/stats/btyd"
)

// SpendRow is the members with as many purchases and about the same spend.
type SpendRow struct {
	N       int // purchases that count for spend, at least 1
	Members float64
	Spend   float64 // above 0, of all of them together
}

// The methods of spend.
const (
	GammaGamma = "Gamma-Gamma"
	ByBand     = "mean by band of purchases"
)

// largestCorrelation of the number of purchases and the mean spend of one is
// that up to which they are taken as independent, as Gamma-Gamma needs.
const largestCorrelation = 0.2

// Spend tells what a purchase of a member is worth.
type Spend struct {
	Method      string
	Correlation float64 // of number and mean, NaN where one does not vary
	Members     float64 // with any spend
	Names       []string
	Params, SE  []float64

	mean func(n int, spent float64) float64
	// between is the mean square over the squared mean of what members with n
	// purchases are expected to spend, 1 where all are alike; within the squared
	// relative error of that of one member.
	between, within func(n int) float64
	sides           [][2]func(n int, spent float64) float64
}

// NewSpend fits Gamma-Gamma where number and amount of purchases are unrelated,
// and else takes means by band of the number of purchases. It returns nil where
// nobody spent anything.
func NewSpend(rows []SpendRow) *Spend {
	var spends []btyd.Spend
	var weights []float64
	s := &Spend{}
	for _, r := range rows {
		if r.N < 1 || !(r.Spend > 0) || !(r.Members > 0) {
			continue
		}
		spends, weights = append(spends, btyd.Spend{X: r.N, Mean: r.Spend / r.Members / float64(r.N)}), append(weights, r.Members)
		s.Members += r.Members
	}
	if len(spends) == 0 {
		return nil
	}
	s.Correlation = btyd.SpendCorrelation(spends, weights)
	if !(math.Abs(s.Correlation) <= largestCorrelation) || !s.gammaGamma(spends, weights) {
		s.byBand(spends, weights)
	}
	return s
}

// gammaGamma takes the model, and reports whether it can be: it needs means and
// variances that exist.
func (s *Spend) gammaGamma(spends []btyd.Spend, weights []float64) bool {
	fit, err := btyd.FitSpend(spends, weights)
	if err != nil || !fit.Converged || fit.Boundary != "" || !(fit.Model.Q > 1) || !(fit.Model.P+fit.Model.Q > 2) {
		return false
	}
	sides, err := fit.Sides()
	if err != nil {
		return false
	}
	of := func(m btyd.GammaGamma) func(n int, spent float64) float64 {
		return func(n int, spent float64) float64 {
			if n == 0 {
				return m.Mean(btyd.Spend{})
			}
			return m.Mean(btyd.Spend{X: n, Mean: math.Max(spent, 0) / float64(n)})
		}
	}
	for _, side := range sides {
		for _, m := range side {
			if !(m.Q > 1) {
				return false
			}
		}
		s.sides = append(s.sides, [2]func(n int, spent float64) float64{of(side[0]), of(side[1])})
	}
	m := fit.Model
	s.Method, s.Names, s.Params, s.SE, s.mean = GammaGamma, fit.Names, fit.Params, fit.SE, of(m)
	// Of members with n purchases: the mean square over the squared mean of
	// γ + spend, by which expected spends vary between them.
	type moments struct{ w, sum, squares float64 }
	by := map[int]moments{}
	for i, v := range spends {
		k, x := by[v.X], m.Gamma+v.Mean*float64(v.X)
		by[v.X] = moments{k.w + weights[i], k.sum + weights[i]*x, k.squares + weights[i]*x*x}
	}
	s.between = func(n int) float64 {
		if k, ok := by[n]; ok {
			return k.w * k.squares / (k.sum * k.sum)
		}
		return 1
	}
	s.within = func(n int) float64 { return 1 / math.Max(m.P*float64(n)+m.Q-2, 0.1) }
	return true
}

// bandOf returns the band of a number of purchases: 0 and 1, 2, 3 to 5, 6 to
// 10, 11 to 20, and more.
func bandOf(n int) int {
	for i, end := range []int{1, 2, 5, 10, 20} {
		if n <= end {
			return i
		}
	}
	return 5
}

// byBand takes, for members of a band, the mean of all that its members spent by
// purchase. A band without members is worth what the one below it is.
func (s *Spend) byBand(spends []btyd.Spend, weights []float64) {
	s.Method, s.sides = ByBand, nil
	type band struct{ w, n, spent, squares float64 }
	var all [6]band
	for i, v := range spends {
		b := &all[bandOf(v.X)]
		b.w += weights[i]
		b.n += weights[i] * float64(v.X)
		b.spent += weights[i] * float64(v.X) * v.Mean
	}
	means := [6]float64{}
	filled := -1
	for i, b := range all {
		if b.n > 0 {
			means[i] = b.spent / b.n
			if filled < 0 {
				for j := range i {
					means[j] = means[i]
				}
			}
			filled = i
		} else if filled >= 0 {
			means[i] = means[filled]
		}
	}
	// The squared error of a ratio of sums over members, and how members differ.
	var errs, spread [6]float64
	for i, v := range spends {
		b := &all[bandOf(v.X)]
		d := float64(v.X) * (v.Mean - means[bandOf(v.X)])
		b.squares += weights[i] * d * d
		spread[bandOf(v.X)] += weights[i] * (v.Mean - means[bandOf(v.X)]) * (v.Mean - means[bandOf(v.X)])
	}
	for i, b := range all {
		if b.n > 0 {
			errs[i] = math.Sqrt(b.squares) / b.n
			spread[i] = spread[i] / b.w / (means[i] * means[i])
		}
	}
	at := func(shift int, by float64) func(n int, spent float64) float64 {
		return func(n int, _ float64) float64 {
			i := bandOf(n)
			if i == shift {
				return means[i] + by
			}
			return means[i]
		}
	}
	s.mean = at(-1, 0)
	s.between = func(int) float64 { return 1 }
	s.within = func(n int) float64 { return spread[bandOf(n)] }
	for i := range all {
		if errs[i] > 0 {
			s.sides = append(s.sides, [2]func(n int, spent float64) float64{at(i, -errs[i]), at(i, errs[i])})
		}
	}
}
