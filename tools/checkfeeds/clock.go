package checkfeeds

import "math"

// The rules of times that look shifted. What people do has a rhythm of the
// day; two feeds of one program's people share it when their clocks agree.
const (
	// clockRows is how many rows a profile needs to be compared.
	clockRows = 5000
	// fewRows is how many it needs for what a glance shows.
	fewRows = 200
	// Two profiles are alike when no more than alikeShare of the rows would
	// have to move to another hour; a shift is told when it makes them alike
	// and saves clearGain more than no shift does.
	alikeShare = 0.10
	clearGain  = 0.06
	// nightShare of the rows between midnight and six o'clock is a program of
	// night owls, or a wrong zone. Even hours would give a quarter.
	nightShare = 0.5
	// sameHour is the share in one hour that makes times dates.
	sameHour = 0.98
)

// profile is the rows of a feed by hour of the day in the program's zone.
type profile [24]float64

// profileOf adds up the days of the months that keep lets pass.
func profileOf(hours map[int][24]int64, keep func(month int) bool) profile {
	var p profile
	for day, counts := range hours {
		if keep == nil || keep(monthOf(date(day))) {
			p = p.plus(counts)
		}
	}
	return p
}

func (p profile) total() (n float64) {
	for _, x := range p {
		n += x
	}
	return n
}

// share is the part of the rows in the hours from..from+n-1, around the clock.
func (p profile) share(from, n int) float64 {
	sum := 0.0
	for h := from; h < from+n; h++ {
		sum += p[h%24]
	}
	return sum / max(1, p.total())
}

// rhythm reports whether the profile has the hours of people: rows enough, in
// many hours, not all in a batch.
func (p profile) rhythm(rows float64) bool {
	if p.total() < rows {
		return false
	}
	busy := 0
	for h := range p {
		if p.share(h, 1) >= 0.01 {
			busy++
		}
	}
	return busy >= 8
}

// distance is the share of rows that would have to move for p to have the
// shape of q when q's clock is put forward by k hours.
func (p profile) distance(q profile, k int) float64 {
	sum, n, m := 0.0, p.total(), q.total()
	for h := range p {
		sum += math.Abs(p[h]/n - q[((h-k)%24+24)%24]/m)
	}
	return sum / 2
}

// shift returns by how many hours p runs ahead of q: 0 unless another shift
// makes them alike and clearly more so.
func (p profile) shift(q profile) int {
	best := 0
	for k := -11; k <= 12; k++ {
		if p.distance(q, k) < p.distance(q, best) {
			best = k
		}
	}
	if d := p.distance(q, best); d > alikeShare || p.distance(q, 0) < d+clearGain {
		return 0
	}
	return best
}

// midway is the profile of the feeds together, each with the same weight.
func midway(all []profile) profile {
	var out profile
	for _, p := range all {
		n := p.total()
		for h := range p {
			out[h] += p[h] / n / float64(len(all))
		}
	}
	return out
}

// isWinter and isSummer tell the months that lie in one half of the year's
// clock wherever there are two.
func isWinter(month int) bool { return month%12 == 11 || month%12 <= 1 }
func isSummer(month int) bool { return month%12 >= 5 && month%12 <= 7 }
