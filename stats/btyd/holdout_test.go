package btyd

import (
	"errors"
	"math"
	"strings"
	"testing"
)

// certain is a model that gives everything one probability.
type certain struct {
	MBGNBD
	p float64
}

func (c certain) PMF(History, int, float64) float64 { return c.p }

func TestHoldoutRefusals(t *testing.T) {
	t.Parallel()
	m := MBGNBD{1, 5, 1, 2}
	h := []History{{X: 1, TX: 3, T: 10}, {T: 10}}
	good := Holdout{Histories: h, Later: []int{1, 0}, Time: 5}
	for _, w := range [][]float64{{-1, 2}, {math.NaN(), 1}, {math.Inf(1), 1}} {
		o := good
		o.Weights = w
		if r, err := Choose([]Candidate{{"m", m, -1}}, &o); err == nil || !strings.Contains(err.Error(), "weight 0") {
			t.Errorf("weights %v: %+v, %v", w, r, err)
		}
		if b, err := Calibrate(m, o, 2); err == nil || !strings.Contains(err.Error(), "weight 0") {
			t.Errorf("weights %v: %+v, %v", w, b, err)
		}
	}
	if b, err := Calibrate(m, good, 0); err == nil {
		t.Errorf("no bands: %+v", b)
	}
	if b, err := Calibrate(m, Holdout{}, 2); !errors.Is(err, ErrNoMembers) {
		t.Errorf("no members: %+v, %v", b, err)
	}
	for want, spoil := range map[string]func(o *Holdout){
		"the time of the holdout is -1":  func(o *Holdout) { o.Time = -1 },
		"the time of the holdout is NaN": func(o *Holdout) { o.Time = math.NaN() },
		"member 1 of the holdout has -1": func(o *Holdout) { o.Later = []int{1, -1} },
		"history 1 of the holdout":       func(o *Holdout) { o.Histories = []History{h[0], {X: 2, TX: 20, T: 10}} },
	} {
		o := good
		spoil(&o)
		if r, err := Choose([]Candidate{{"m", m, -1}}, &o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %+v, %v", want, r, err)
		}
		if b, err := Calibrate(m, o, 2); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %+v, %v", want, b, err)
		}
	}
	never := certain{m, 0}
	if r, err := Choose([]Candidate{{"a", never, -1}, {"b", never, -2}}, &good); err == nil || !strings.Contains(err.Error(), "purchases of member 0") {
		t.Errorf("probability 0: %+v, %v", r, err)
	}
	// Without a holdout Behind is the difference of the log-likelihoods, in total.
	if r, err := Choose([]Candidate{{"a", m, -30}, {"b", m, -10}}, nil); err != nil || r[1].Behind != 20 {
		t.Errorf("%+v, %v", r, err)
	}
}
