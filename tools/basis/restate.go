package basis

import (
	"math"
	"slices"
	"strings"
	"time"
)

// Figure is the value of a KPI in some window.
type Figure struct {
	KPI        string   `json:"kpi"`
	Definition string   `json:"definition"` // id@hash
	Value      *float64 `json:"value"`      // nil when unknown
}

// Computed is figures of a window as they were once computed.
type Computed struct {
	ID      string    // of the run or plan
	At      time.Time // when
	Basis   *Basis    // by what
	Figures []Figure
}

// Restatement is a figure of a window that was computed before and is another
// now, by the same definition, choices and feeds: rows came in late, or were
// corrected.
type Restatement struct {
	KPI    string    `json:"kpi"`
	Before float64   `json:"before"`
	After  float64   `json:"after"`
	From   string    `json:"from"` // run or plan that recorded it
	At     time.Time `json:"at"`   // when that was
}

// Restated compares figures of a window with the newest record of the same
// window that each is comparable with, and returns those that differ by more
// than the six decimals that results state; sorted by KPI. Where either is
// unknown there is nothing to restate.
func Restated(earlier []Computed, now Computed) []Restatement {
	earlier = slices.Clone(earlier)
	slices.SortStableFunc(earlier, func(a, b Computed) int { return b.At.Compare(a.At) })
	told := map[string]bool{}
	var out []Restatement
	for _, e := range earlier {
		if e.Basis == nil || now.Basis == nil {
			continue
		}
		unlike := NotComparable(Compare(e.Basis, now.Basis))
		for _, f := range now.Figures {
			if f.Value == nil || told[f.KPI] || slices.Contains(unlike, f.KPI) {
				continue
			}
			i := slices.IndexFunc(e.Figures, func(o Figure) bool { return o.KPI == f.KPI && o.Definition == f.Definition && o.Value != nil })
			if i < 0 {
				continue
			}
			told[f.KPI] = true
			if before := *e.Figures[i].Value; differ(before, *f.Value) {
				out = append(out, Restatement{KPI: f.KPI, Before: before, After: *f.Value, From: e.ID, At: e.At})
			}
		}
	}
	slices.SortFunc(out, func(a, b Restatement) int { return strings.Compare(a.KPI, b.KPI) })
	return out
}

// differ reports whether two values differ by more than results state, and
// than floating point can tell.
func differ(a, b float64) bool {
	return math.Abs(a-b) > 1.5e-6+1e-13*math.Max(math.Abs(a), math.Abs(b))
}
