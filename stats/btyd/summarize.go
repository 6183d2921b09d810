package btyd

import (
	"cmp"
	"math"
	"slices"
)

// Purchase is an entry of a log of purchases.
type Purchase struct {
	Member string
	Day    int // counted from any day, the same for all
	Value  float64
}

// Summary is what the models read of a member's log.
type Summary struct {
	Member  string
	History History
	Spend   Spend
	Later   int // days with a purchase in the holdout
}

// Summarize reduces a log, in any order, to a Summary of each member with a
// purchase up to the day end, by member. Several purchases on one day count
// once; History.X is the number of days with a purchase after the first such
// day; Spend is the mean over those days of what was spent in the day, the first
// left out. Later counts the days with a purchase after end, up to until. Times
// are in units of unit days: 7 for weeks.
//
// Summarize panics if unit is not above 0.
func Summarize(log []Purchase, end, until int, unit float64) []Summary {
	if !(unit > 0) {
		panic("btyd: unit of time not above 0")
	}
	sorted := slices.Clone(log)
	slices.SortStableFunc(sorted, func(a, b Purchase) int {
		return cmp.Or(cmp.Compare(a.Member, b.Member), cmp.Compare(a.Day, b.Day))
	})
	var out []Summary
	for lo := 0; lo < len(sorted); {
		hi := lo
		for hi < len(sorted) && sorted[hi].Member == sorted[lo].Member {
			hi++
		}
		if sorted[lo].Day <= end {
			out = append(out, summary(sorted[lo:hi], end, until, unit))
		}
		lo = hi
	}
	return out
}

// summary reduces the log of one member, by day.
func summary(log []Purchase, end, until int, unit float64) Summary {
	s := Summary{Member: log[0].Member}
	first, last := log[0].Day, log[0].Day
	s.History.T = float64(end-first) / unit
	var spent float64
	for i, p := range log {
		if p.Day == first || p.Day > until && p.Day > end {
			continue
		}
		newDay := p.Day != log[i-1].Day
		switch {
		case p.Day > end:
			if newDay {
				s.Later++
			}
			continue
		case newDay:
			s.History.X++
			s.History.LogGaps += math.Log(float64(p.Day-last) / unit)
			last = p.Day
		}
		spent += p.Value
	}
	s.History.TX = float64(last-first) / unit
	if s.History.X > 0 {
		s.Spend = Spend{X: s.History.X, Mean: spent / float64(s.History.X)}
	}
	return s
}
