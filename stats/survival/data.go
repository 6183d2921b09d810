package survival

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
)

// Data holds one row for each period of observation: from Start (not
// included) to Stop (included), and what happened at Stop. Times are in any
// one unit. Slices other than Stop and Event may be nil.
type Data struct {
	Start   []float64 // when the row comes under observation; nil: before all events
	Stop    []float64
	Event   []int     // 0: still without event at Stop; 1: event, or its cause from 1
	Weight  []float64 // how many a row stands for, 0 or more; nil: 1
	Cluster []int     // rows with the same number belong together; nil: each alone
	Stratum []int     // used by LogRank and Cox, compared within only; nil: one
}

// heaviest is the largest sum of weights, whose squares still are numbers; the
// smallest weight is its inverse.
const heaviest = 1e140

// check returns an error for data that can't be, and panics for slices of
// differing lengths.
func (d Data) check(causes int) error {
	n := len(d.Stop)
	for name, k := range map[string]int{"Start": len(d.Start), "Event": len(d.Event), "Weight": len(d.Weight), "Cluster": len(d.Cluster), "Stratum": len(d.Stratum)} {
		if k != n && (k != 0 || name == "Event") {
			panic(fmt.Sprintf("survival: %d values of %s for %d rows", k, name, n))
		}
	}
	events, total := 0, 0.0
	for i, stop := range d.Stop {
		if math.IsNaN(stop) || math.IsInf(stop, 0) {
			return fmt.Errorf("survival: row %d stops at %v; leave it out, or stop it when it was last seen", i, stop)
		}
		if d.Start != nil && !(d.Start[i] < stop) {
			return fmt.Errorf("survival: row %d starts at %v and stops at %v; a period starts before it stops", i, d.Start[i], stop)
		}
		w := d.weight(i)
		if !(w >= 0) || math.IsInf(w, 0) {
			return fmt.Errorf("survival: row %d has weight %v; weights are finite and not negative", i, w)
		}
		if total += w; total > heaviest || w > 0 && w < 1/heaviest {
			return fmt.Errorf("survival: weights up to row %d sum to %v, or one of them is too small to be one; take another unit", i, total)
		}
		if d.Event[i] < 0 || d.Event[i] > causes {
			return fmt.Errorf("survival: row %d has event %d; events are 0 (none) to %d", i, d.Event[i], causes)
		}
		if d.Event[i] > 0 && w > 0 {
			events++
		}
	}
	if events == 0 {
		return fmt.Errorf("survival: no event in %d rows; nothing can be said of the time to it but that it is longer than observed", n)
	}
	return nil
}

func (d Data) start(i int) float64 {
	if d.Start == nil {
		return math.Inf(-1)
	}
	return d.Start[i]
}

func (d Data) weight(i int) float64 {
	if d.Weight == nil {
		return 1
	}
	return d.Weight[i]
}

func (d Data) cluster(i int) int {
	if d.Cluster == nil {
		return i
	}
	return d.Cluster[i]
}

func (d Data) stratum(i int) int {
	if d.Stratum == nil {
		return 0
	}
	return d.Stratum[i]
}

// tally holds the distinct event times, ascending, with the weights at risk
// just before and those of the events by cause.
type tally struct {
	time, atRisk, events []float64
	cause                [][]float64
}

// order is rows by when they stop and, with late entry, by when they start,
// the last first.
type order struct {
	d               Data
	byStop, byStart []int
}

func (d Data) order(rows []int) order {
	o := order{d: d, byStop: slices.Clone(rows)}
	slices.SortFunc(o.byStop, func(a, b int) int { return cmp.Compare(d.Stop[b], d.Stop[a]) })
	if d.Start != nil {
		o.byStart = slices.Clone(rows)
		slices.SortFunc(o.byStart, func(a, b int) int { return cmp.Compare(d.Start[b], d.Start[a]) })
	}
	return o
}

// descend visits the distinct times at which rows stop, from the last to the
// first. At each, stopped are the rows that stop then, who come to the risk
// set, and left those who start then or later and were in it until now.
func (o order) descend(visit func(now float64, stopped, left []int)) {
	gone := 0
	for i := 0; i < len(o.byStop); {
		first, now := i, o.d.Stop[o.byStop[i]]
		for i < len(o.byStop) && o.d.Stop[o.byStop[i]] == now {
			i++
		}
		before := gone
		for gone < len(o.byStart) && o.d.Start[o.byStart[gone]] >= now {
			gone++
		}
		visit(now, o.byStop[first:i], o.byStart[before:gone])
	}
}

// count makes the tally of the rows.
func (o order) count(causes int) tally {
	t := tally{cause: make([][]float64, causes)}
	atRisk, by := 0.0, make([]float64, causes)
	o.descend(func(now float64, stopped, left []int) {
		events := 0.0
		clear(by)
		for _, row := range stopped {
			atRisk += o.d.weight(row)
			if e := o.d.Event[row]; e > 0 {
				by[e-1] += o.d.weight(row)
				events += o.d.weight(row)
			}
		}
		for _, row := range left {
			atRisk -= o.d.weight(row)
		}
		if events == 0 {
			return
		}
		t.time, t.atRisk, t.events = append(t.time, now), append(t.atRisk, math.Max(atRisk, events)), append(t.events, events)
		for k, v := range by {
			t.cause[k] = append(t.cause[k], v)
		}
	})
	slices.Reverse(t.time)
	slices.Reverse(t.atRisk)
	slices.Reverse(t.events)
	for _, c := range t.cause {
		slices.Reverse(c)
	}
	return t
}

// all returns the numbers of all rows.
func (d Data) all() []int {
	rows := make([]int, len(d.Stop))
	for i := range rows {
		rows[i] = i
	}
	return rows
}

// strata returns the rows of each stratum, in the order of their numbers.
func (d Data) strata() [][]int {
	byNumber := make(map[int][]int)
	for i := range d.Stop {
		byNumber[d.stratum(i)] = append(byNumber[d.stratum(i)], i)
	}
	var out [][]int
	for _, k := range slices.Sorted(maps.Keys(byNumber)) {
		out = append(out, byNumber[k])
	}
	return out
}

// remaining is the weight left after the events of a step, 0 when all that
// were at risk had theirs, rounding aside.
func remaining(atRisk, events float64) float64 {
	if left := atRisk - events; left > 1e-12*atRisk {
		return left
	}
	return 0
}

// through returns the number of times up to and including t.
func through(times []float64, t float64) int {
	i, found := slices.BinarySearch(times, t)
	if found {
		i++
	}
	return i
}
