package proportion

import "math"

// Score is a net promoter score with its standard error and interval, in points
// from -100 to 100.
type Score struct {
	Estimate, SE, Low, High float64
}

// NPS returns the net promoter score 100 (p - d), p being the share of
// promoters and d of detractors among the n answers, with the normal interval
// from the variance of a difference of two shares of one multinomial sample,
//
//	(p + d - (p-d)²) / n,
//
// cut at -100 and 100. See B. Rocks, "Interval estimation for the net promoter
// score", The American Statistician 70(4), 2016.
//
// When all answers are of one class the variance is estimated as 0, SE is 0,
// and the interval is the widest one that the Wilson interval of that class
// allows: if its lower limit is L, at most 1-L of the answers are elsewhere.
//
// NPS returns ErrNoData when there is no answer and ErrCounts when a count is
// negative or above 2^60.
func NPS(promoters, passives, detractors int64, confidence float64) (Score, error) {
	z := criticalValue(confidence)
	if min(promoters, passives, detractors) < 0 || max(promoters, passives, detractors) > most {
		return Score{}, ErrCounts
	}
	total := promoters + passives + detractors
	if total == 0 {
		return Score{}, ErrNoData
	}
	n := float64(total)
	p, d := float64(promoters)/n, float64(detractors)/n
	s := p - d
	if promoters == total || passives == total || detractors == total {
		w, err := Wilson(Count{Successes: total, N: total}, confidence)
		if err != nil {
			return Score{}, err
		}
		other := 1 - w.Low
		reach := other // from passives, each answer moves the score by one share
		if passives != total {
			reach = 2 * other
		}
		return Score{
			Estimate: 100 * s,
			Low:      100 * math.Max(-1, s-reach),
			High:     100 * math.Min(1, s+reach),
		}, nil
	}
	se := math.Sqrt((p + d - s*s) / n)
	return Score{
		Estimate: 100 * s,
		SE:       100 * se,
		Low:      100 * math.Max(-1, s-z*se),
		High:     100 * math.Min(1, s+z*se),
	}, nil
}
