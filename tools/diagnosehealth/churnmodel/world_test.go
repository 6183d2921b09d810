package churnmodel_test

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"loyaltymcp/stats/btyd"
	"loyaltymcp/tools/diagnosehealth/churnmodel"
)

// world is a program drawn from MBG/NBD and Gamma-Gamma, times in days.
type world struct {
	purchases btyd.MBGNBD
	spend     btyd.GammaGamma
	members   int
	days      int // of enrolment; the last day of the data
}

// demoLike is near the generated program's process.
var demoLike = world{btyd.MBGNBD{R: 1.2, Alpha: 30, A: 0.8, B: 9}, btyd.GammaGamma{P: 4, Q: 5, Gamma: 40}, 1500, 730}

// oneTimers buy rarely, and many leave at once.
var oneTimers = world{btyd.MBGNBD{R: 0.55, Alpha: 45, A: 0.8, B: 1.4}, btyd.GammaGamma{P: 6, Q: 4, Gamma: 16}, 2500, 400}

// program is what came out of a world.
type program struct {
	rows   []churnmodel.Row // later counts the purchases in the days ahead
	spends []churnmodel.SpendRow
	alive  float64 // members truly alive
	atRisk float64 // what those who are not would have brought
}

// draw draws a program, observed to its last day, and what each member does in
// the days ahead. What members who are gone would have brought is by the true
// parameters and the true spend of each.
func (w world) draw(seed uint64, ahead int) program {
	rnd := rand.New(rand.NewPCG(seed, 77))
	gamma := func(shape, rate float64) float64 { return distuv.Gamma{Alpha: shape, Beta: rate, Src: rnd}.Rand() }
	counts, spent := map[churnmodel.Row][2]float64{}, map[[2]int][2]float64{}
	var p program
	for range w.members {
		lambda, mu := gamma(w.purchases.R, w.purchases.Alpha), w.spend.P/gamma(w.spend.Q, w.spend.Gamma)
		leave := distuv.Beta{Alpha: w.purchases.A, Beta: w.purchases.B, Src: rnd}.Rand()
		age := rnd.IntN(w.days)
		r := churnmodel.Row{T: age, Open: true}
		alive := rnd.Float64() >= leave
		for now := rnd.ExpFloat64() / lambda; alive && now <= float64(age+ahead); now += rnd.ExpFloat64() / lambda {
			// The engine sees the day.
			if day := int(math.Ceil(now)); day > age {
				r.Later++
			} else {
				r.X, r.TX = r.X+1, day
			}
			if rnd.Float64() < leave {
				if now <= float64(age) {
					alive = false
				}
				break
			}
		}
		var money float64
		if r.X > 0 {
			money = gamma(w.spend.P*float64(r.X), w.spend.P/mu)
			key := [2]int{r.X, int(math.Floor(32 * math.Log(money/float64(r.X))))}
			spent[key] = [2]float64{spent[key][0] + 1, spent[key][1] + money}
		}
		if alive {
			p.alive++
		} else {
			h := btyd.History{X: r.X, TX: float64(r.TX), T: float64(r.T)}
			p.atRisk += mu * w.purchases.Expected(h, 365) / w.purchases.PAlive(h)
		}
		counts[r] = [2]float64{counts[r][0] + 1, counts[r][1] + money}
	}
	for r, c := range counts {
		r.Members, r.Spend = c[0], c[1]
		p.rows = append(p.rows, r)
	}
	slices.SortFunc(p.rows, func(a, b churnmodel.Row) int {
		return cmp.Or(cmp.Compare(a.X, b.X), cmp.Compare(a.TX, b.TX), cmp.Compare(a.T, b.T), cmp.Compare(a.Later, b.Later))
	})
	for k, c := range spent {
		p.spends = append(p.spends, churnmodel.SpendRow{N: k[0], Members: c[0], Spend: c[1]})
	}
	slices.SortFunc(p.spends, func(a, b churnmodel.SpendRow) int {
		return cmp.Or(cmp.Compare(a.N, b.N), cmp.Compare(a.Spend/a.Members, b.Spend/b.Members))
	})
	return p
}

// weekly is the row with its times to the nearest week, as the engine bins those
// of a large program.
func weekly(r churnmodel.Row) churnmodel.Row {
	near := func(days int) int { return 7 * ((days + 3) / 7) }
	r.T = near(r.T)
	if r.X > 0 {
		r.TX, r.T = max(7, near(r.TX)), max(7, r.T)
	}
	return r
}
