package demo

import (
	"cmp"
	"slices"
)

// answer is one answered survey.
type answer struct {
	invited, responded instant
	kind               string
	score, low, high   int32
	touchpoint         string
}

// Chances that a survey is sent and answered, in one number: only answers are
// data.
const (
	csatAnswered = 0.018 // per order
	npsAnswered  = 0.018 // per quarter
)

// writeSurveys writes satisfaction scores after orders and the quarterly
// recommendation score.
func (g *generator) writeSurveys(m *member) {
	r := g.stream(forSurveys, m.id)
	var answers []answer
	for i := range m.orders {
		o := &m.orders[i]
		if o.cancelled || r.Float64() >= csatAnswered {
			continue
		}
		a := answer{kind: "csat", low: 1, high: 5, touchpoint: "order", invited: o.at + day}
		mean := 4.2 + 0.2*m.latent
		if o.refund > 0 {
			mean -= 1.3
		}
		a.score = a.rate(mean + 0.9*r.NormFloat64())
		a.responded = a.invited + hour/2 + instant(r.ExpFloat64()*float64(day))
		answers = append(answers, a)
	}
	for month := 1; month < months; month += 3 {
		a := answer{kind: "nps", low: 0, high: 10, touchpoint: "relationship",
			invited: monthStart(month) + 14*day + 10*hour}
		chance := npsAnswered
		if a.invited >= m.left {
			chance *= 0.3
		}
		if a.invited <= m.enrolled || r.Float64() >= chance {
			continue
		}
		a.score = a.rate(7.9 + 0.8*m.latent + 1.9*r.NormFloat64())
		a.responded = a.invited + hour/2 + instant(r.ExpFloat64()*float64(2*day))
		answers = append(answers, a)
	}
	slices.SortStableFunc(answers, func(a, b answer) int { return cmp.Compare(a.responded, b.responded) })
	for _, a := range answers {
		if a.responded < m.horizon {
			g.emit("surveys", a.responded.time(), a.kind, a.score, m.id, a.low, a.high,
				a.invited.time(), a.touchpoint)
		}
	}
}

// rate puts an opinion on the survey's scale.
func (a *answer) rate(opinion float64) int32 {
	return int32(min(max(opinion+0.5, float64(a.low)), float64(a.high)))
}
