package btyd

import "math"

// Valuation says how future purchases are valued.
type Valuation struct {
	Periods  int     // number of periods ahead
	Length   float64 // of a period, in units of time
	Discount float64 // per period: 0.01 for 1%; above -1
	Margin   float64 // profit per unit of spend
}

// CLV returns the customer lifetime value: the discounted profit from the
// purchases expected of the member in the periods after the history,
//
//	spend Margin Σᵢ (E(i L) - E((i-1) L)) / (1+Discount)^i,
//
// with E the expected purchases of m, L the length of a period and spend the
// expected spend per purchase, from GammaGamma.Mean or otherwise. Purchases
// count at the end of their period.
//
// For an interval take it over draws of both models. For the value of all the
// future multiply DERT by spend and margin.
func CLV(m Model, h History, spend float64, v Valuation) float64 {
	var sum, before float64
	for i := 1; i <= v.Periods; i++ {
		e := m.Expected(h, float64(i)*v.Length)
		sum += (e - before) * math.Pow(1+v.Discount, -float64(i))
		before = e
	}
	return sum * spend * v.Margin
}
