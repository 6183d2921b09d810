package checkfeeds

// The rules of gaps, stale feeds and drops. All compare a day with the same
// weekday of the weeks around it, by medians, so that a weekend, a holiday or
// an outage among them doesn't matter; and all need so many rows to be
// expected that chance can't explain their absence.
const (
	// fewest is how many rows a gap or a stale feed must lack by the medians.
	// At random arrivals none of ten come once in 20,000 times.
	fewest = 10
	// often is how many rows a day they must lack on average: in a feed with
	// fewer, days without rows are its nature.
	often = 3
	// weeksAround is how many weeks on each side tell what is usual.
	weeksAround = 4
	// weeksBefore is how many weeks tell it for the newest days, which have
	// nothing after them.
	weeksBefore = 8
	// newest is how many last days are judged by the weeks before them alone.
	newest = 28
	// A day or week has dropped when it has less than half of the median and
	// of the lower quartile (so that the end of a high season is none), and
	// lies further below the median than chance explains (dropRoots of its
	// root) and than is usual (dropScales of 1.4826 MAD).
	dropShare  = 0.5
	dropRoots  = 4
	dropScales = 3
	// livesShare is the least that a feed's rows on one side of a gap are of
	// those on the other.
	livesShare = 0.1
	// dropMedian is the least median at which a drop can be told.
	dropMedian = 20
)

// days are a feed's rows by day, from its first day with rows on.
type days struct {
	first  int // day number of counts[0]
	counts []float64
	last   int // index of the last day with rows
}

// newDays lays out the rows from the first day to the end (inclusive).
func newDays(rows map[int]int64, end int) (d days, ok bool) {
	first, last, any := 0, 0, false
	for day, n := range rows {
		if n == 0 || day > end {
			continue
		}
		if !any || day < first {
			first = day
		}
		if !any || day > last {
			last = day
		}
		any = true
	}
	if !any {
		return days{}, false
	}
	d = days{first: first, counts: make([]float64, end-first+1), last: last - first}
	for day, n := range rows {
		if day <= end {
			d.counts[day-first] += float64(n)
		}
	}
	return d, true
}

// span is a run of days or weeks, by index, both ends inclusive.
type span struct {
	from, to       int
	rows, expected float64
}

// gaps returns the runs of days without rows between days with rows in which
// the weeks around let expect some. When there are more than three, and more
// than one in eight weeks, they are the feed's rhythm: none is returned.
func (d days) gaps() []span {
	var out []span
	for i := 0; i <= d.last; i++ {
		if d.counts[i] > 0 {
			continue
		}
		s := span{from: i}
		for d.counts[i+1] == 0 {
			i++ // ends before last, which has rows
		}
		s.to = i
		for day := s.from; day <= s.to; day++ {
			var around []float64
			for k, n := day-7, 0; k >= 0 && n < weeksAround; k -= 7 {
				if k < s.from {
					around, n = append(around, d.counts[k]), n+1
				}
			}
			for k, n := day+7, 0; k <= d.last && n < weeksAround; k += 7 {
				if k > s.to {
					around, n = append(around, d.counts[k]), n+1
				}
			}
			if len(around) >= 2 {
				s.expected += median(around)
			}
		}
		if s.missed() && d.lives(s) {
			out = append(out, s)
		}
	}
	if len(out) > max(3, d.last/56) {
		return nil
	}
	return out
}

// lives reports whether the feed has its usual rows on both sides of a gap: a
// few rows with a wrong date, long before a feed begins, make no gap.
func (d days) lives(gap span) bool {
	mean := func(from, to int) float64 {
		sum := 0.0
		for _, n := range d.counts[from:to] {
			sum += n
		}
		return sum / float64(max(1, to-from))
	}
	before, after := mean(max(0, gap.from-newest), gap.from), mean(gap.to+1, min(d.last+1, gap.to+1+newest))
	return min(before, after) >= livesShare*max(before, after)
}

// lag returns the days after the last one with rows, and what was to be
// expected on them.
func (d days) lag() span {
	s := span{from: d.last + 1, to: len(d.counts) - 1}
	for day := s.from; day <= s.to; day++ {
		var before []float64
		for k := day - 7; k >= 0 && len(before) < weeksBefore; k -= 7 {
			if k <= d.last {
				before = append(before, d.counts[k])
			}
		}
		if len(before) >= 2 {
			s.expected += median(before)
		}
	}
	return s
}

// missed reports whether so many rows were to be expected that chance can't
// explain that there are none.
func (s span) missed() bool {
	return s.expected >= fewest && s.expected >= often*float64(s.to-s.from+1)
}

// longestPause is the longest run of days without rows between days with some.
func (d days) longestPause() int {
	longest, run := 0, 0
	for _, n := range d.counts[:d.last+1] {
		if n > 0 {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}
