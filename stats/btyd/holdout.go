package btyd

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
)

// Holdout is what members did after the histories a model was fitted to.
type Holdout struct {
	Histories []History
	Weights   []float64 // of the histories, nil for 1 each
	Later     []int     // purchases in Time after the history
	Time      float64
}

func (o Holdout) weight(i int) float64 { return weightAt(o.Weights, len(o.Histories), i) }

// check returns an error for a weight that is negative or not finite, a history that
// is impossible, a negative number of later purchases, a time that is not above 0 and
// finite, and for a holdout without members. It panics if the lengths differ.
func (o Holdout) check() error {
	if len(o.Later) != len(o.Histories) {
		panic("btyd: slice length mismatch")
	}
	var members float64
	for i := range o.Histories {
		w := o.weight(i)
		if !(w >= 0) || math.IsInf(w, 1) {
			return fmt.Errorf("btyd: weight %d of the holdout is %v; weights are finite and not negative", i, w)
		}
		if err := o.Histories[i].check(); err != nil {
			return fmt.Errorf("btyd: history %d of the holdout: %w", i, err)
		}
		if o.Later[i] < 0 {
			return fmt.Errorf("btyd: member %d of the holdout has %d later purchases; their number is not negative", i, o.Later[i])
		}
		members += w
	}
	if members == 0 {
		return ErrNoMembers
	}
	if !(o.Time > 0) || math.IsInf(o.Time, 1) {
		return fmt.Errorf("btyd: the time of the holdout is %v; give the time in which the later purchases were made, finite and above 0", o.Time)
	}
	return nil
}

// scores returns the logarithms of the probabilities that the candidate gave to
// what happened, 0 for members of weight 0, or an error where one is not above
// 0.
func (o Holdout) scores(c Candidate) ([]float64, error) {
	s := make([]float64, len(o.Later))
	for i, h := range o.Histories {
		if o.weight(i) == 0 {
			continue
		}
		p := c.Model.PMF(h, o.Later[i], o.Time)
		if !(p > 0) {
			return nil, fmt.Errorf("btyd: %s gives the probability %v to the %d purchases of member %d in the holdout, of which there is no logarithm to score by; check the record, or give such members the weight 0 for all candidates and report how many", c.Name, p, o.Later[i], i)
		}
		s[i] = math.Log(p)
	}
	return s, nil
}

// Candidate is a fitted model to choose from.
type Candidate struct {
	Name   string
	Model  Model
	LogLik float64 // of the data it was fitted to, the same for all
}

// Ranked is a candidate with its place.
type Ranked struct {
	Candidate
	// Score is the mean logarithm, over members, of the probability the model
	// gave to the number of purchases in the holdout; NaN without a holdout.
	Score float64
	// Behind is by how much the score is below that of the first, a mean over
	// members; without a holdout, by how much the log-likelihood is, in total.
	// SE is the standard error of the difference of scores, 0 for the first and
	// NaN without a holdout. Within two standard errors the two predict equally
	// well.
	Behind, SE float64
}

// Choose ranks candidates by the score in the holdout, the higher the better,
// and equal ones by log-likelihood; a nil holdout ranks by log-likelihood alone.
// The score is proper: a model cannot gain by giving probabilities that are not
// its own.
//
// It returns an error for a holdout that can't be: without members, or with a weight,
// a time, a history or a number of purchases that is impossible; and where a candidate gives no probability above 0 to
// what a member did: it can't be scored.
func Choose(candidates []Candidate, o *Holdout) ([]Ranked, error) {
	if o != nil {
		if err := o.check(); err != nil {
			return nil, err
		}
	}
	type scored struct {
		Ranked
		each []float64
	}
	all := make([]scored, len(candidates))
	for i, c := range candidates {
		all[i].Candidate, all[i].Score, all[i].SE = c, math.NaN(), math.NaN()
		if o != nil {
			var err error
			if all[i].each, err = o.scores(c); err != nil {
				return nil, err
			}
			all[i].Score, _ = o.mean(func(j int) float64 { return all[i].each[j] })
		}
	}
	slices.SortStableFunc(all, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(b.LogLik, a.LogLik))
	})
	out := make([]Ranked, len(all))
	for i := range all {
		r := all[i].Ranked
		if o == nil {
			r.Behind = all[0].LogLik - r.LogLik
		} else {
			r.Behind, r.SE = o.mean(func(j int) float64 {
				if i == 0 {
					return 0
				}
				return all[0].each[j] - all[i].each[j]
			})
		}
		out[i] = r
	}
	return out, nil
}

// mean returns the weighted mean of f over the histories and its standard
// error.
func (o Holdout) mean(f func(i int) float64) (mean, se float64) {
	var n, m2 float64
	for i := range o.Histories {
		w := o.weight(i)
		if w == 0 {
			continue
		}
		v := f(i)
		n += w
		d := v - mean
		mean += w / n * d
		m2 += w * d * (v - mean)
	}
	return mean, math.Sqrt(m2 / n / (n - 1))
}

// Band is a part of the members of a holdout, alike in how likely the model
// thought they were to buy. All but Members are means over them.
type Band struct {
	Members   float64 // sum of weights
	PAlive    float64 // predicted probability of being alive
	Predicted float64 // predicted probability to buy at all
	Active    float64 // share that bought
	Expected  float64 // predicted purchases
	Bought    float64 // purchases
}

// Calibrate compares predictions with what happened: it orders the members of
// the holdout by the predicted probability to buy and splits them into n bands
// of about equal size, least likely first; n = 10 gives deciles. Equal
// predictions stay together, so that a band may be missing.
//
// It returns an error for n below 1 and for a holdout that can't be, as Choose does.
func Calibrate(m Model, o Holdout, n int) ([]Band, error) {
	if n < 1 {
		return nil, errors.New("btyd: calibration in fewer than 1 band; 10 gives deciles")
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	type member struct {
		i      int
		p      float64
		weight float64
	}
	var all []member
	var total float64
	for i, h := range o.Histories {
		if w := o.weight(i); w > 0 {
			all = append(all, member{i, 1 - m.PMF(h, 0, o.Time), w})
			total += w
		}
	}
	slices.SortStableFunc(all, func(a, b member) int { return cmp.Compare(a.p, b.p) })
	var out []Band
	last := -1
	var before float64
	for lo := 0; lo < len(all); {
		hi := lo
		var w float64
		for ; hi < len(all) && all[hi].p == all[lo].p; hi++ {
			w += all[hi].weight
		}
		if at := min(int((before+w/2)/total*float64(n)), n-1); at != last {
			out, last = append(out, Band{}), at
		}
		b := &out[len(out)-1]
		for _, v := range all[lo:hi] {
			h, bought := o.Histories[v.i], float64(o.Later[v.i])
			b.Members += v.weight
			f := v.weight / b.Members
			b.PAlive += f * (m.PAlive(h) - b.PAlive)
			b.Predicted += f * (v.p - b.Predicted)
			b.Active += f * (math.Min(bought, 1) - b.Active)
			b.Expected += f * (m.Expected(h, o.Time) - b.Expected)
			b.Bought += f * (bought - b.Bought)
		}
		before += w
		lo = hi
	}
	return out, nil
}
