package demo

import "math"

const (
	usualDelay = 2 * hour // of a row that isn't late
	delayDays  = 5        // mean of the late ones, if the plant file has none
)

// plantLate delays rows. A row whose arrival lies after the end of the data
// isn't in them, so their last days are thin; the column ingested_at says when
// each row came. Rows that aren't late have all arrived.
func plantLate(f *planted) {
	f.tables, f.turn = []string{f.Place.Feed}, delays
	f.fill = func(r *rowContext) {
		if r.row[r.index["ingested_at"]] == nil {
			r.set("ingested_at", min(r.at+usualDelay, end-1).time())
		}
	}
	mean := float64(delayDays * day)
	if f.DelayDays > 0 {
		mean = f.DelayDays * float64(day)
	}
	f.row = func(g *generator, r *rowContext) (bool, []any) {
		if f.chance(r.key, 1) >= f.Size {
			return true, nil
		}
		if !r.take("ingested_at") {
			return true, nil // it is late already
		}
		g.acted(f, g.current, 1, 0)
		arrives := r.at + usualDelay + instant(-mean*math.Log(1-f.chance(r.key, 2)))
		if arrives >= end {
			f.truth.Realized.Missing++
			return false, nil
		}
		r.set("ingested_at", arrives.time())
		r.spoilers = append(r.spoilers, f)
		return true, nil
	}
}

func lateColumns(f Fault) []extraColumn {
	return []extraColumn{{f.Place.Feed, Column{"ingested_at", Timestamp}}}
}
