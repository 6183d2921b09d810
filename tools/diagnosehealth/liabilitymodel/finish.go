package liabilitymodel

import (
	"math"

	"loyaltymcp/stats/reserve"
)

// scenario is that of a valuation in the midst of a month, of which only the rest
// is still to come.
func (b *Book) scenario() reserve.Scenario {
	if b.Part <= 0 {
		return reserve.Scenario{}
	}
	return reserve.Scenario{Rush: 1 - b.Part, Months: 1}
}

// finish projects the open lots.
func (e *Estimate) finish(b *Book) {
	var open []reserve.OpenLot
	var of []int
	for i := range b.Lots {
		l := &b.Lots[i]
		e.Lots = append(e.Lots, LotEstimate{Lot: *l, Spent: sum(l.Redeemed)})
		e.Points += l.Open
		left := l.left(b.Closing)
		if l.Open > 0 && left < 0 { // due by now, though the ledger still has them
			if e.Breaks == nil {
				e.Breaks = []float64{0}
			}
			e.Breaks[0] += l.Open
		}
		if l.Open > 0 && left >= 0 {
			open = append(open, reserve.OpenLot{Age: b.Closing - l.Issued, Left: left, Points: l.Open})
			of = append(of, i)
		}
	}
	horizon := 0
	for _, l := range open {
		if l.Left == 0 {
			horizon = Horizon
		}
	}
	if len(open) > 0 {
		p, err := e.hazard.Project(open, b.Closing, horizon, b.scenario())
		if err != nil {
			panic(err) // the fit knows its only tier, and every lot has a horizon
		}
		e.Redeemed, e.ByMonth, e.Unseen = p.Redeemed, p.ByMonth, p.Unseen
		e.Process, e.Shock, e.Parameter = p.Process, p.Shock, p.Parameter
		for k, i := range of {
			e.Lots[i].Future = open[k].Points * p.Rates[k]
			own, err := e.hazard.Project(open[k:k+1], b.Closing, horizon, b.scenario())
			if err != nil {
				panic(err) // all of them together could be projected
			}
			e.Lots[i].ByMonth = own.ByMonth
			if left := open[k].Left; left > 0 {
				for len(e.Breaks) < left {
					e.Breaks = append(e.Breaks, 0)
				}
				e.Breaks[left-1] += open[k].Points * (1 - p.Rates[k])
			}
		}
	}
	for i := range e.Lots {
		if l := &e.Lots[i]; l.Points > 0 {
			l.Rate = (l.Spent + l.Future) / l.Points
		}
	}
}

// widen adds to the error what no single fit knows: by how much earlier closings
// were off, and by how much the choices of what to fit to disagree.
func (e *Estimate) widen(all []*Estimate) {
	own := e.Redeemed * e.beyond()
	spread := 0.0
	for _, a := range all {
		spread += (a.Redeemed - e.Redeemed) * (a.Redeemed - e.Redeemed)
	}
	if len(all) > 1 {
		spread /= float64(len(all) - 1)
	}
	e.Model = math.Sqrt(own*own + spread)
	e.SE = math.Sqrt(e.Process*e.Process + e.Shock*e.Shock + e.Parameter*e.Parameter + e.Model*e.Model)
	e.Low, e.High = max(0, e.Redeemed-z95*e.SE), min(e.Points, e.Redeemed+z95*e.SE)
}

// beyond returns what earlier closings were off by, relative to what they
// expected, beyond what their standard errors allow.
func (e *Estimate) beyond() float64 {
	var excess float64
	for _, c := range e.Past {
		se := c.SE / c.Expected
		excess += c.Error()*c.Error() - se*se
	}
	if len(e.Past) == 0 || excess <= 0 {
		return 0
	}
	return math.Sqrt(excess / float64(len(e.Past)))
}

// Rate returns the redemption rate of the open points.
func (e *Estimate) Rate() float64 {
	if e.Points == 0 {
		return 0
	}
	return e.Redeemed / e.Points
}

// Ultimate returns the ultimate redemption rate: of all points issued, the share
// that was or will be redeemed.
func (e *Estimate) Ultimate() float64 {
	var issued, redeemed float64
	for i := range e.Lots {
		issued += e.Lots[i].Points
		redeemed += e.Lots[i].Spent + e.Lots[i].Future
	}
	if issued == 0 {
		return 0
	}
	return redeemed / issued
}

func sum(x []float64) float64 {
	var s float64
	for _, v := range x {
		s += v
	}
	return s
}
