package liabilitymodel

import (
	"math"
	"math/rand/v2"
)

// world is a program whose members earn, save and redeem, the oldest points
// first. Nothing of it is a hazard by age: that is the model's idea of it.
type world struct {
	members  int
	life     int     // months after that of issue; 0 for never
	months   int     // of history
	young    bool    // all members join in the first months, else one by one
	december float64 // factor on redemptions in December
	lumps    int     // points of the smallest reward
	differ   float64 // standard deviation of what members differ by, on the log scale
}

const start = 12 * 2020 // the first month

type lot struct {
	issued int
	left   float64
}

// run returns the rows of a valuation after the months of history, and what was
// redeemed afterwards of the points open then.
func (w world) run(seed uint64) (rows []Row, future float64) {
	rng := rand.New(rand.NewPCG(seed, 11))
	last := w.months + w.life + 1
	if w.life == 0 {
		last = w.months + Horizon
	}
	end := start + w.months
	type key struct{ issued, what, month int }
	sums := map[key]float64{}
	expires := func(issued int) int {
		if w.life == 0 {
			return Never
		}
		return issued + w.life
	}
	add := func(issued, what, month int, points float64) {
		if month < end {
			sums[key{issued, what, month}] += points
		} else if what == Redeemed && issued < end {
			future += points
		}
	}
	open := map[int]float64{}
	for range w.members {
		joins := start - 24 + rng.IntN(24+last)
		if w.young {
			joins = start + rng.IntN(3)
		}
		earns := 20 * math.Exp(0.5*rng.NormFloat64())
		redeems := 0.12 * math.Exp(w.differ*rng.NormFloat64())
		var lots []lot
		balance := 0.0
		for month := max(joins, start); month < start+last; month++ {
			if points := math.Round(earns * rng.ExpFloat64()); points > 0 {
				lots = append(lots, lot{month, points})
				balance += points
				add(month, Issued, month, points)
			}
			chance := redeems
			if month%12 == 11 {
				chance *= w.december
			}
			if balance >= float64(w.lumps) && rng.Float64() < min(chance, 0.9) {
				spend := float64(w.lumps) * float64(1+rng.IntN(int(balance)/w.lumps))
				balance -= spend
				for spend > 0 {
					take := min(spend, lots[0].left)
					add(lots[0].issued, Redeemed, month, take)
					lots[0].left -= take
					spend -= take
					if lots[0].left == 0 {
						lots = lots[1:]
					}
				}
			}
			for w.life > 0 && len(lots) > 0 && lots[0].issued+w.life <= month {
				add(lots[0].issued, Expired, month, lots[0].left)
				balance -= lots[0].left
				lots = lots[1:]
			}
			if month == end-1 {
				for _, l := range lots {
					open[l.issued] += l.left
				}
			}
		}
	}
	for k, points := range sums {
		rows = append(rows, Row{k.issued, expires(k.issued), k.what, k.month, points})
	}
	for issued, points := range open {
		rows = append(rows, Row{issued, expires(issued), Open, 0, points})
	}
	return rows, future
}
