package churnmodel

import (
	"errors"
	"fmt"
	"math"

	"loyaltymcp/stats/btyd"
)

// bands is how many parts of about equal size a calibration has: deciles.
const bands = 10

// Limits are what a model may be off by in the test.
type Limits struct {
	Total       float64 // of all purchases, relative to the expected ones
	Calibration float64 // of the share that buys, mean over the bands
}

// Test is what models fitted up to an earlier day said of the time after it,
// held to what happened.
type Test struct {
	Ranked      []Ranked // best first
	Chosen      string
	Members     float64 // open at the earlier day
	Expected    float64 // purchases, by the chosen model
	Actual      float64
	Ratio       float64 // actual / expected
	Calibration float64 // mean over members of |share that bought - predicted|, by band
	Bands       []btyd.Band
	Failure     string // why the chosen model is refused, "" where it passes
}

// Ranked is a model's place by what it said of the holdout.
type Ranked struct {
	Name       string
	Score      float64 // mean log-probability of what members did
	Behind, SE float64 // of the first
}

// ErrNothingToPredict says that nobody was open at the start of the holdout.
var ErrNothingToPredict = errors.New("no member was open at the start of the holdout")

// Hold holds the fits to what the members open at the end of their rows did in
// the days after, and chooses: the default, unless another has both a score that
// is better by over two standard errors and the higher likelihood. Either alone
// is not enough: a score is of one short time, a likelihood of the past only.
func Hold(fits []Fit, rows []Row, days int, limits Limits) (*Test, error) {
	o := btyd.Holdout{Time: float64(days)}
	t := &Test{}
	for _, r := range rows {
		if !r.Open {
			continue
		}
		o.Histories, o.Weights, o.Later = append(o.Histories, r.history()), append(o.Weights, r.Members), append(o.Later, r.Later)
		t.Members += r.Members
		t.Actual += r.Members * float64(r.Later)
	}
	if t.Members == 0 {
		return nil, ErrNothingToPredict
	}
	var candidates []btyd.Candidate
	for _, f := range fits {
		if f.Problem == "" {
			candidates = append(candidates, btyd.Candidate{Name: f.Name, Model: f.Model, LogLik: f.LogLik})
		}
	}
	ranked, err := btyd.Choose(candidates, &o)
	if err != nil {
		return nil, fmt.Errorf("scoring the models: %w", err)
	}
	for _, r := range ranked {
		t.Ranked = append(t.Ranked, Ranked{r.Name, r.Score, r.Behind, r.SE})
	}
	chosen := t.choose(fits)
	if chosen == nil {
		return nil, errors.New("no model that tells who is alive could be fitted up to the start of the holdout")
	}
	t.Chosen = chosen.Name
	if t.Bands, err = btyd.Calibrate(chosen.Model, o, bands); err != nil {
		return nil, fmt.Errorf("calibrating %s: %w", chosen.Name, err)
	}
	for _, b := range t.Bands {
		t.Expected += b.Members * b.Expected
		t.Calibration += b.Members * math.Abs(b.Active-b.Predicted) / t.Members
	}
	t.Ratio = t.Actual / t.Expected
	t.Failure = t.judge(limits)
	return t, nil
}

// choose returns the fit whose P(alive) is taken, nil for none.
func (t *Test) choose(fits []Fit) *Fit {
	var chosen *Fit
	for i, f := range fits { // the default first
		switch score := t.score(f.Name); {
		case !f.Tells() || score == nil:
		case chosen == nil:
			chosen = &fits[i]
		case f.LogLik > chosen.LogLik && score.Behind == 0 && t.score(chosen.Name).Behind > 2*t.score(chosen.Name).SE:
			chosen = &fits[i]
		}
	}
	return chosen
}

// score returns the place of a model, nil for one without.
func (t *Test) score(name string) *Ranked {
	for i := range t.Ranked {
		if t.Ranked[i].Name == name {
			return &t.Ranked[i]
		}
	}
	return nil
}

// judge says what of the chosen model is off beyond its limits.
func (t *Test) judge(limits Limits) string {
	switch {
	case !(t.Expected > 0):
		return "it expected no purchases at all"
	case !(math.Abs(t.Ratio-1) <= limits.Total):
		return fmt.Sprintf("members made %.0f purchases where it expected %.0f, off by %+.0f %%; %.0f %% is allowed",
			t.Actual, t.Expected, 100*(t.Ratio-1), 100*limits.Total)
	case !(t.Calibration <= limits.Calibration):
		return fmt.Sprintf("the share that bought is off what it predicted by %.1f percentage points in the mean of ten bands of members; %.1f are allowed",
			100*t.Calibration, 100*limits.Calibration)
	}
	return ""
}
