package survival

import (
	"fmt"
	"math"
)

// Incidence is the cumulative incidence of competing events: the share that
// had each of them, as step functions of time. Its slices have one value for
// each distinct time of an event of any cause.
type Incidence struct {
	Time     []float64
	AtRisk   []float64
	Survival []float64   // without any event yet
	Cause    [][]float64 // by cause, from 0 for event 1: the share that had it
	events   []float64
	cause    [][]float64 // weights of the events
	data     Data
}

// AalenJohansen estimates the cumulative incidence of each of so many
// competing events, numbered from 1 in the data,
//
//	F_k(t) = Σ S(s-) d_k(s)/n(s) over the times s up to t,
//
// where S is Kaplan-Meier's for any event. The shares and Survival add up to 1.
// For points, give lots as rows weighted by points and clustered by member:
// F at the expiry age is then the ultimate redemption rate, and the incidence
// of expiry is breakage.
//
// It returns an error without events and for impossible rows; a number of
// causes below 1 panics.
//
// Source: O. O. Aalen and S. Johansen (1978), An empirical transition matrix
// for non-homogeneous Markov chains based on censored observations,
// Scandinavian Journal of Statistics 5, 141-150.
func AalenJohansen(d Data, causes int) (Incidence, error) {
	if causes < 1 {
		panic("survival: at least one cause is needed")
	}
	if err := d.check(causes); err != nil {
		return Incidence{}, err
	}
	t := d.order(d.all()).count(causes)
	n := len(t.time)
	out := Incidence{
		Time: t.time, AtRisk: t.atRisk, Survival: make([]float64, n), Cause: make([][]float64, causes),
		events: t.events, cause: t.cause, data: d,
	}
	for k := range out.Cause {
		out.Cause[k] = make([]float64, n)
	}
	s, f := 1.0, make([]float64, causes)
	for i := range t.time {
		for k := range f {
			f[k] = min(1, f[k]+s*t.cause[k][i]/t.atRisk[i]) // rounding may pass 1
			out.Cause[k][i] = f[k]
		}
		s *= remaining(t.atRisk[i], t.events[i]) / t.atRisk[i]
		out.Survival[i] = s
	}
	return out, nil
}

// At returns the share that had the event of a cause, numbered from 1, by time
// t, with the infinitesimal-jackknife standard error over clusters, NaN where but
// one of them tells of the time up to t (see [Curve.RobustAt]). A cause that has
// not come by t has a share and an error of 0, which says only that. A cause that
// is not one of those estimated panics.
func (in Incidence) At(cause int, t float64) Estimate {
	if cause < 1 || cause > len(in.Cause) {
		panic(fmt.Sprintf("survival: cause %d of %d", cause, len(in.Cause)))
	}
	k := through(in.Time, t)
	if k == 0 {
		return Estimate{}
	}
	f := in.Cause[cause-1]
	// Sums over the steps: held as in RobustAt, moved = Σ dF held(before), and
	// given = Σ S(before) dF's share by weight.
	n := len(in.Time)
	held, moved, given, share := make([]float64, n+1), make([]float64, n+1), make([]float64, n+1), make([]float64, n+1)
	pull := make([]float64, n)
	before := 1.0
	for i := range in.Time {
		if left := remaining(in.AtRisk[i], in.events[i]); left > 0 {
			pull[i] = 1 / left
		}
		h := in.cause[cause-1][i] / in.AtRisk[i]
		share[i+1] = f[i]
		moved[i+1] = moved[i] + before*h*held[i]
		given[i+1] = given[i] + before*h/in.AtRisk[i]
		held[i+1] = held[i] + pull[i]*in.events[i]/in.AtRisk[i]
		before = in.Survival[i]
	}
	byCluster := newClusters(in.data)
	for i, stop := range in.data.Stop {
		last, first := min(k, through(in.Time, stop)), through(in.Time, in.data.start(i))
		if first >= last {
			continue
		}
		// Through S: while at risk the row holds S up, and afterwards what it
		// did to S stays.
		change := moved[last] - moved[first] - held[first]*(share[last]-share[first])
		gain := held[last] - held[first]
		happened := in.data.Event[i] > 0 && stop <= t
		if happened {
			gain -= pull[last-1]
		}
		change += gain * (share[k] - share[last])
		// Directly: at risk without the event, or with it.
		change -= given[last] - given[first]
		if happened && in.data.Event[i] == cause {
			survived := 1.0
			if last > 1 {
				survived = in.Survival[last-2]
			}
			change += survived / in.AtRisk[last-1]
		}
		byCluster.add(i, in.data.weight(i), change)
	}
	return Estimate{Value: f[k-1], SE: math.Sqrt(byCluster.squares())}
}
