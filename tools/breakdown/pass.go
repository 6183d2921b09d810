package breakdown

import (
	"slices"
	"time"
)

// Pass is a set of periods that don't overlap, so that one scan of a feed
// tells which of them each row is in.
type Pass struct {
	Steps  []Period // the latest first
	Column string   // of the rows' time, for the blocks "period" and "within"
}

// Passes returns the periods in as few passes as they allow: one, unless the
// window is so long that the year before reaches into the previous one.
func (q Query) Passes() []Pass {
	var out []Pass
	for _, p := range q.Periods {
		i := slices.IndexFunc(out, func(o Pass) bool {
			return !slices.ContainsFunc(o.Steps, func(s Period) bool { return p.Start.Before(s.End) && s.Start.Before(p.End) })
		})
		if i < 0 {
			i, out = len(out), append(out, Pass{})
		}
		out[i].Steps = append(out[i].Steps, p)
	}
	for _, pass := range out {
		slices.SortFunc(pass.Steps, func(a, b Period) int { return b.Start.Compare(a.Start) })
	}
	return out
}

// Of returns the pass over rows that have their time in the column.
func (p Pass) Of(column string) Pass {
	p.Column = column
	return p
}

// Spans returns the times that the pass covers: its periods, those that touch
// joined.
func (p Pass) Spans() []Period {
	var out []Period
	for _, s := range p.Steps {
		if n := len(out); n > 0 && out[n-1].Start.Equal(s.End) {
			out[n-1].Start = s.Start
		} else {
			out = append(out, s)
		}
	}
	return out
}

// Last reports whether the step is the pass's earliest.
func (p Pass) Last(step Period) bool { return step.Index == p.Steps[len(p.Steps)-1].Index }

// Latest returns the end of the latest period.
func (q Query) Latest() time.Time {
	latest := q.Periods[0].End
	for _, p := range q.Periods {
		if p.End.After(latest) {
			latest = p.End
		}
	}
	return latest
}
