package liabilitymodel

import (
	"cmp"
	"slices"

	"loyaltymcp/stats/reserve"
)

// What became of points, as rows tell it.
const (
	Issued    = 1 + iota // credited
	Redeemed             // spent
	Expired              // lapsed, or forfeited with the membership
	Moved                // taken back, corrected or transferred away
	Open                 // still there
	Overdrawn            // taken from a lot that did not hold them
	Uncovered            // taken from members who held nothing
)

// Never is the month of expiry of points that don't expire.
const Never = 0

// Row is points of lots with a common month of issue and of expiry to which the
// same happened in the same month. Months are 12 times the year plus the month
// less one.
type Row struct {
	Issued, Expires int // Expires is the month in whose course what is left expires, or Never
	What            int
	Month           int // in which it happened; 0 for what hasn't
	Points          float64
}

// Lot is all points that were issued in one month with one expiry, and what
// became of them by age, in months from that of issue.
type Lot struct {
	Issued, Expires          int
	Points                   float64
	Redeemed, Expired, Moved []float64
	Open                     float64 // at the valuation
}

// Book is the lots of a program, oldest first, as of the valuation.
type Book struct {
	Lots []Lot
	// Closing is the month of the valuation: all before it are complete.
	Closing int
	// Part is the share of that month that was over by then, 0 at its start.
	Part float64
	// Overdrawn and Uncovered are points that were taken though nobody had them,
	// Early those redeemed in a month before that of any lot that could have
	// covered them, Late those redeemed in a month after that of their expiry.
	Overdrawn, Uncovered, Early, Late float64
}

// NewBook gathers the rows of a valuation.
func NewBook(rows []Row, closing int, part float64) *Book {
	b := &Book{Closing: closing, Part: part}
	index := map[[2]int]int{}
	at := func(r Row) *Lot {
		key := [2]int{r.Issued, r.Expires}
		i, ok := index[key]
		if !ok {
			i = len(b.Lots)
			index[key] = i
			n := closing - r.Issued + 1
			b.Lots = append(b.Lots, Lot{Issued: r.Issued, Expires: r.Expires,
				Redeemed: make([]float64, n), Expired: make([]float64, n), Moved: make([]float64, n)})
		}
		return &b.Lots[i]
	}
	for _, r := range rows {
		switch r.What {
		case Issued:
			at(r).Points += r.Points
		case Open:
			at(r).Open += r.Points
		case Overdrawn:
			b.Overdrawn += r.Points
		case Uncovered:
			b.Uncovered += r.Points
		default:
			l := at(r)
			age := r.Month - r.Issued
			if age < 0 {
				b.Early += r.Points
				age = 0
			}
			switch r.What {
			case Redeemed:
				l.Redeemed[age] += r.Points
				if r.Expires != Never && r.Month > r.Expires {
					b.Late += r.Points
				}
			case Expired:
				l.Expired[age] += r.Points
			default:
				l.Moved[age] += r.Points
			}
		}
	}
	slices.SortFunc(b.Lots, func(x, y Lot) int { return cmp.Or(cmp.Compare(x.Issued, y.Issued), cmp.Compare(x.Expires, y.Expires)) })
	return b
}

// left returns the months a lot has left in a month, it included; 0 for never,
// below 0 where it should be gone.
func (l *Lot) left(month int) int {
	switch {
	case l.Expires == Never:
		return 0
	case l.Expires < month:
		return -1
	default:
		return l.Expires - month + 1
	}
}

// cells returns what the hazard is fitted to: the complete months.
func (b *Book) cells() []reserve.Cell {
	var out []reserve.Cell
	for i := range b.Lots {
		l := &b.Lots[i]
		open := l.Points
		for age := 0; l.Issued+age < b.Closing; age++ {
			month := l.Issued + age
			left := l.left(month)
			if left < 0 || open <= 0 {
				break
			}
			out = append(out, reserve.Cell{Age: age, Month: month, Left: left, Cluster: l.Issued, AtRisk: open, Redeemed: min(open, l.Redeemed[age])})
			open -= l.Redeemed[age] + l.Expired[age] + l.Moved[age]
		}
	}
	return out
}
