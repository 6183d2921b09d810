package reserve

import (
	"errors"
	"slices"
	"time"
)

// ErrTime is returned for an event dated before the one that went before.
var ErrTime = errors.New("reserve: events are not in order of time")

// UseOrder is which lot a redemption uses first.
type UseOrder int

const (
	FirstIn        UseOrder = iota // the lot earned first
	EarliestExpiry                 // the lot that expires first; one that never does last
)

// MoveKind is what happened to points of a lot.
type MoveKind int

const (
	Earned     MoveKind = iota
	Redeemed            // taken by a redemption
	Returned            // given back by the reversal of a redemption
	Expired             // lapsed
	ClawedBack          // taken back because what earned them was undone
)

// Move is points of one lot that moved at a time. Amount is not negative,
// whatever the kind.
type Move[T ~int64] struct {
	Kind   MoveKind
	Lot    int
	At     time.Time
	Amount T
}

// Position is a lot and what became of its points: Issued = Redeemed + Expired +
// ClawedBack + Open at any time, Redeemed being net of returns.
type Position[T ~int64] struct {
	Earned, Expiry                              time.Time
	Issued, Redeemed, Expired, ClawedBack, Open T
}

// Ledger attributes the events of one member, one by one in order of time, to
// the member's lots. A redemption uses the open lots in order; its reversal
// returns points to the lots it used, the last used first, where they keep their
// expiry, so that points returned to a lot that has expired expire at once. A
// lot expires at the start of its expiry date. Points taken back come from their
// own lot first, then from the others in order.
//
// Where no redemption was reversed, and no lot was earned that would have been
// used earlier, Attribute gives the same from sums alone.
//
// Each event costs the number of lots it touches, and an expiry the number of
// open lots.
type Ledger[T ~int64] struct {
	// Notify, if set, is told of every move, for triangles and books.
	Notify func(Move[T])

	order UseOrder
	lots  []Position[T]
	open  []int     // lots with open points, in order of use
	now   time.Time // of the latest event
	next  time.Time // no open lot expires before; zero if none does
}

// NewLedger returns an empty ledger.
func NewLedger[T ~int64](order UseOrder) *Ledger[T] {
	return &Ledger[T]{order: order}
}

// Lots returns the lots in the order they were earned, as of the latest event.
func (l *Ledger[T]) Lots() []Position[T] { return l.lots }

// Redemption is what a redemption used, so that it can be reversed.
type Redemption[T ~int64] struct {
	// Uncovered is what no lot could cover. It is not carried to later lots.
	Uncovered T
	taken     []take[T]
}

type take[T ~int64] struct {
	lot    int
	amount T
}

// Advance expires lots up to and including the time given.
func (l *Ledger[T]) Advance(at time.Time) error {
	if at.Before(l.now) {
		return ErrTime
	}
	l.now = at
	if l.next.IsZero() || at.Before(l.next) {
		return nil
	}
	l.next = time.Time{}
	kept := l.open[:0]
	for _, i := range l.open {
		p := &l.lots[i]
		if !p.expiredAt(at) {
			kept = append(kept, i)
			l.watch(p.Expiry)
			continue
		}
		l.expire(i, p.Expiry)
	}
	l.open = kept
	return nil
}

func (p *Position[T]) expiredAt(at time.Time) bool {
	return !p.Expiry.IsZero() && !p.Expiry.After(at)
}

// expire moves the open points of a lot to expired; the caller drops it from the
// open lots.
func (l *Ledger[T]) expire(i int, at time.Time) {
	p := &l.lots[i]
	l.tell(Expired, i, at, p.Open)
	p.Expired += p.Open
	p.Open = 0
}

func (l *Ledger[T]) watch(expiry time.Time) {
	if !expiry.IsZero() && (l.next.IsZero() || expiry.Before(l.next)) {
		l.next = expiry
	}
}

func (l *Ledger[T]) tell(kind MoveKind, lot int, at time.Time, amount T) {
	if l.Notify != nil && amount != 0 {
		l.Notify(Move[T]{kind, lot, at, amount})
	}
}

// Earn adds a lot and returns its number, from 0. A zero expiry is never.
func (l *Ledger[T]) Earn(at time.Time, amount T, expiry time.Time) (int, error) {
	if amount < 0 {
		return 0, ErrNegative
	}
	if err := l.Advance(at); err != nil {
		return 0, err
	}
	i := len(l.lots)
	l.lots = append(l.lots, Position[T]{Earned: at, Expiry: expiry, Issued: amount, Open: amount})
	l.tell(Earned, i, at, amount)
	switch {
	case amount == 0:
	case l.lots[i].expiredAt(at):
		l.expire(i, at)
	default:
		l.reopen(i)
	}
	return i, nil
}

// reopen puts a lot among the open ones.
func (l *Ledger[T]) reopen(i int) {
	l.watch(l.lots[i].Expiry)
	if at, ok := slices.BinarySearchFunc(l.open, i, l.compare); !ok {
		l.open = slices.Insert(l.open, at, i)
	}
}

// compare orders lots by use.
func (l *Ledger[T]) compare(a, b int) int {
	if l.order == EarliestExpiry {
		x, y := l.lots[a].Expiry, l.lots[b].Expiry
		switch {
		case x.IsZero() && !y.IsZero():
			return 1
		case !x.IsZero() && y.IsZero():
			return -1
		}
		if c := x.Compare(y); c != 0 {
			return c
		}
	}
	return a - b // lots are in the order earned
}

// use takes up to amount from the open lots and returns what is missing.
func (l *Ledger[T]) use(amount T, taken func(lot int, amount T)) T {
	n := 0
	for _, i := range l.open {
		if amount == 0 {
			break
		}
		p := &l.lots[i]
		v := min(p.Open, amount)
		p.Open -= v
		amount -= v
		taken(i, v)
		if p.Open == 0 {
			n++
		}
	}
	l.open = l.open[n:] // only the first ones can be used up
	return amount
}

// Redeem takes points from the open lots.
func (l *Ledger[T]) Redeem(at time.Time, amount T) (*Redemption[T], error) {
	if amount < 0 {
		return nil, ErrNegative
	}
	if err := l.Advance(at); err != nil {
		return nil, err
	}
	r := &Redemption[T]{}
	r.Uncovered = l.use(amount, func(lot int, v T) {
		l.lots[lot].Redeemed += v
		l.tell(Redeemed, lot, at, v)
		r.taken = append(r.taken, take[T]{lot, v})
	})
	return r, nil
}

// Return gives back points of a redemption, and returns how many: never more in
// all than the redemption took from lots.
func (l *Ledger[T]) Return(at time.Time, r *Redemption[T], amount T) (T, error) {
	if amount < 0 {
		return 0, ErrNegative
	}
	if err := l.Advance(at); err != nil {
		return 0, err
	}
	var returned T
	for len(r.taken) > 0 && amount > 0 {
		last := &r.taken[len(r.taken)-1]
		v := min(last.amount, amount)
		p := &l.lots[last.lot]
		p.Redeemed -= v
		p.Open += v
		l.tell(Returned, last.lot, at, v)
		if p.expiredAt(at) {
			l.expire(last.lot, at)
		} else {
			l.reopen(last.lot)
		}
		returned += v
		amount -= v
		if last.amount -= v; last.amount == 0 {
			r.taken = r.taken[:len(r.taken)-1]
		}
	}
	return returned, nil
}

// ClawBack takes back points that a lot was issued in error, from that lot and
// then from the others, and returns what is missing.
func (l *Ledger[T]) ClawBack(at time.Time, lot int, amount T) (missing T, err error) {
	if amount < 0 {
		return 0, ErrNegative
	}
	if err := l.Advance(at); err != nil {
		return 0, err
	}
	taken := func(i int, v T) {
		l.lots[i].ClawedBack += v
		l.tell(ClawedBack, i, at, v)
	}
	p := &l.lots[lot]
	if v := min(p.Open, amount); v > 0 {
		p.Open -= v
		amount -= v
		taken(lot, v)
		if at, ok := slices.BinarySearchFunc(l.open, lot, l.compare); ok && p.Open == 0 {
			l.open = slices.Delete(l.open, at, at+1)
		}
	}
	return l.use(amount, taken), nil
}
