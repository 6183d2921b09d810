package reserve

import (
	"math"
	"math/rand/v2"
)

// world is a simulated program: members earn every month and redeem in lumps, at
// a rate that falls with the age of the points, rises in December and in the
// last two months before expiry, and differs by tier.
type world struct {
	name     string
	life     int // months until points expire, 0 for never
	december float64
	rush     float64 // in the last two months before expiry
	last     int     // calendar month of the valuation, 0 for January
	horizon  int
	shock    float64 // standard deviation of what hits a month, on the log scale
	frailty  float64 // standard deviation of what members differ by, on the log scale
	hump     bool    // members save first: most is redeemed at some months of age
}

const (
	simMembers = 400
	simMonths  = 36
)

var worlds = []world{
	{name: "no expiry, December peak, valued 31 December", december: 1.5, rush: 1, last: 11, horizon: 60},
	{name: "24 months, no season, valued mid-year", life: 24, december: 1, rush: 2, last: 5},
	{name: "24 months, December peak, valued mid-year", life: 24, december: 1.5, rush: 2, last: 5},
	{name: "12 months, December peak, valued 31 December", life: 12, december: 1.5, rush: 2, last: 11},
	{name: "18 months, campaigns, valued mid-year", life: 18, december: 1.3, rush: 2, last: 5, shock: 0.25},
	// The model of the hazard has neither of the two.
	{name: "24 months, members differ and save first, valued 31 December", life: 24, december: 1.5, rush: 2, last: 11, frailty: 0.8, hump: true},
}

func (w world) hazard(age, month, left, tier int, shock float64) float64 {
	// shock is the logarithm of what the month and the member add.
	rate := 0.09 * math.Pow(1+float64(age), -0.35) * (1 + 0.4*float64(tier))
	if w.hump {
		x := math.Log((1 + float64(age)) / 7)
		rate = 0.1 * math.Exp(-x*x/1.5) * (1 + 0.4*float64(tier))
	}
	if age == 0 {
		rate *= 0.5
	}
	if month%12 == 11 {
		rate *= w.december
	}
	if left > 0 && left <= 2 {
		rate *= w.rush
	}
	return -math.Expm1(-rate * math.Exp(shock))
}

// run simulates the program up to the valuation and on, and returns the cells of
// members, the triangle of cumulative redemptions by month of issue, the lots
// open at the valuation, and what was redeemed of them afterwards: in all, and
// within the ages of the triangle, which is what a chain ladder without a tail
// projects.
func (w world) run(r *rand.Rand) (cells []Cell, rows [][]float64, lots []OpenLot, truth, within float64, month int) {
	first := 12*2020 + (w.last+1)%12 // so that the last of simMonths is w.last
	month = first + simMonths
	ages := simMonths
	if w.life > 0 {
		ages = min(ages, w.life)
	}
	shocks := make([]float64, simMonths+max(w.life, w.horizon))
	for i := range shocks {
		shocks[i] = w.shock * r.NormFloat64()
	}
	rows = make([][]float64, simMonths)
	for i := range rows {
		rows[i] = make([]float64, min(ages, simMonths-i))
	}
	for m := range simMembers {
		tier := m % 2
		own := w.frailty * r.NormFloat64()
		for i := range simMonths {
			if r.Float64() > 0.7 {
				continue
			}
			open := float64(50 + r.IntN(400))
			issued := first + i
			end := w.life
			if end == 0 {
				end = simMonths - i + w.horizon
			}
			for age := 0; age < end && open > 0; age++ {
				at := issued + age
				left := 0
				if w.life > 0 {
					left = w.life - age
				}
				if at == month {
					lots = append(lots, OpenLot{Age: age, Left: left, Tier: tier, Points: open})
				}
				// A redemption takes all of a lot or, as often, half of it, so
				// that points redeem in lumps at the hazard of the world.
				redeemed := 0.0
				h := w.hazard(age, at, left, tier, own+shocks[at-first])
				switch u := r.Float64(); {
				case u < h/2:
					redeemed = open
				case u < h*1.5:
					redeemed = open / 2
				}
				if at < month {
					cells = append(cells, Cell{Age: age, Month: at, Left: left, Tier: tier, Cluster: m, AtRisk: open, Redeemed: redeemed})
					rows[i][age] += redeemed
				} else {
					truth += redeemed
					if age < ages {
						within += redeemed
					}
				}
				open -= redeemed
			}
		}
	}
	for _, row := range rows {
		for j := 1; j < len(row); j++ {
			row[j] += row[j-1]
		}
	}
	return cells, rows, lots, truth, within, month
}
