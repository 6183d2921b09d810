package reviewexperiments

import (
	"context"
	"maps"
	"slices"
	"time"

	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

// entries is who was assigned to what, and when.
type entries struct {
	units      map[string]int64         // by arm
	byDay      map[string]map[int]int64 // units by arm and day since 1970
	crossed    int64                    // units in several arms
	before     int64                    // assigned before the start
	after      int64                    // assigned after the end
	unexposed  map[string]int64         // never exposed, by arm
	hasty      int64                    // exposed before their assignment
	incomplete int64                    // whose window is not over, or that were never exposed
	undated    int64                    // whose start is not known
}

// enter reads who was assigned.
func (r *reader) enter(ctx context.Context, s *warehouse.Snapshot, q *question) (*entries, error) {
	e := &entries{units: map[string]int64{}, byDay: map[string]map[int]int64{}, unexposed: map[string]int64{}}
	err := s.Query(ctx, queries, "entries", q, func(row warehouse.Row) error {
		var several, day, n, before, after, unexposed, hasty, unfinished int64
		var named *string
		if err := row.Scan(&several, &named, &day, &n, &before, &after, &unexposed, &hasty, &unfinished); err != nil {
			return err
		}
		if e.after += after; named == nil {
			return nil
		}
		arm := *named
		if several == 1 {
			e.crossed += n
			return nil
		}
		e.before, e.hasty = e.before+before, e.hasty+hasty
		e.unexposed[arm] += unexposed
		if q.Exposure && day < 0 { // never exposed
			e.incomplete += n
			return nil
		}
		if day < 0 {
			e.undated += n
			if !r.snapshot.Has("outcomes") { // what comes ready-made needs no start
				e.incomplete += n
				return nil
			}
		}
		e.incomplete += unfinished
		if n -= unfinished; n <= 0 {
			return nil
		}
		e.units[arm] += n
		if e.byDay[arm] == nil {
			e.byDay[arm] = map[int]int64{}
		}
		e.byDay[arm][int(day)] += n
		return nil
	})
	return e, err
}

// all is the number of units in all arms.
func (e *entries) all() int64 {
	var n int64
	for _, units := range e.units {
		n += units
	}
	return n
}

// days returns the days on which units started, and how many did, over all arms.
func (e *entries) days() ([]int, map[int]int64) {
	sum := map[int]int64{}
	for _, days := range e.byDay {
		for day, n := range days {
			if day >= 0 {
				sum[day] += n
			}
		}
	}
	return slices.Sorted(maps.Keys(sum)), sum
}

// dayNumber is the day since 1970 of a moment, in its zone.
func dayNumber(t time.Time) int {
	y, m, d := t.Date()
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// horizon returns the days, in whole pairs, for which at least half of the units
// are watched before the last day; 0 where that is below two weeks.
func (e *entries) horizon(window int, end time.Time) int {
	days, n := e.days()
	if window > 0 {
		return halved(window)
	}
	var total, seen int64
	for _, day := range days {
		total += n[day]
	}
	last := dayNumber(end)
	for _, day := range days {
		if seen += n[day]; 2*seen >= total {
			return halved(last - day)
		}
	}
	return 0
}

func halved(days int) int {
	if days < 14 {
		return 0
	}
	return days / 2 * 2
}

// traffic is how many units started a day, over the last four weeks with any or
// all that there were; 0 where that is not known, or all came at once.
func (e *entries) traffic() float64 {
	days, n := e.days()
	if len(days) < 2 {
		return 0
	}
	last := days[len(days)-1]
	from := max(days[0], last-27)
	var sum int64
	for _, day := range days {
		if day >= from {
			sum += n[day]
		}
	}
	return float64(sum) / float64(last-from+1)
}

// arms returns the arms that have units, in order.
func (e *entries) arms() []string { return slices.Sorted(maps.Keys(e.units)) }

// show lists the arms for people.
func (e *entries) show() []Arm {
	var out []Arm
	for _, arm := range e.arms() {
		out = append(out, Arm{Arm: run.Label(arm), Units: e.units[arm]})
	}
	return out
}

// watched is the mean number of days in which the outcomes of a unit count, of an
// arm or, for "", of all.
func (e *entries) watched(window int, end time.Time, arm string) float64 {
	if window > 0 {
		return float64(window)
	}
	_, n := e.days()
	if arm != "" {
		n = e.byDay[arm]
	}
	last := dayNumber(end)
	var sum, units float64
	for _, day := range slices.Sorted(maps.Keys(n)) {
		if day >= 0 {
			sum, units = sum+float64(n[day])*float64(last-day), units+float64(n[day])
		}
	}
	if units == 0 {
		return 0
	}
	return sum / units
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// overlap is how far two arms were filled at the same time: the share of each that
// started in weeks in which the other did as well, 1 for arms filled alike.
func (e *entries) overlap(a, b string) float64 {
	share := func(arm string) map[int]float64 {
		weeks := map[int]float64{}
		for day, n := range e.byDay[arm] {
			weeks[day/7] += float64(n) / float64(e.units[arm])
		}
		return weeks
	}
	of, other := share(a), share(b)
	sum := 0.0
	for _, week := range slices.Sorted(maps.Keys(of)) {
		sum += min(of[week], other[week])
	}
	return sum
}
