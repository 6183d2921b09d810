package reserve

import (
	"errors"
	"slices"
	"time"
)

// ErrNegative is returned for a negative lot or a negative total of debits.
var ErrNegative = errors.New("reserve: negative amount")

// Lot is an amount issued at once, net of what was later reversed, with the time
// at which its remainder expires. A zero Expiry is never.
type Lot[T ~int64] struct {
	Amount T
	Expiry time.Time
}

// Attribute attributes the total debits of one member to the member's lots,
// earliest expiry first, lots that never expire last and equal ones in the order
// given, and returns what remains of each lot, in the order of lots:
//
//	remaining_i = min(lot_i, max(0, lot_1 + ... + lot_i - debits)).
//
// Debits are everything that left the balance: redeemed less reimbursed, and
// expired. Without expired points among them, they would be attributed to lots
// that were gone already. The closed form is what processing the debits one by
// one gives as long as no lot is issued, after a debit, that would have been
// used before the lots the debit took.
//
// Debits beyond the sum of the lots remain uncovered.
//
// Attribute returns ErrNegative if a lot or debits is negative.
func Attribute[T ~int64](lots []Lot[T], debits T) (remaining []T, uncovered T, err error) {
	if debits < 0 {
		return nil, 0, ErrNegative
	}
	order := make([]int, len(lots))
	for i, l := range lots {
		if l.Amount < 0 {
			return nil, 0, ErrNegative
		}
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		x, y := lots[a].Expiry, lots[b].Expiry
		switch {
		case x.IsZero() && y.IsZero():
			return 0
		case x.IsZero():
			return 1
		case y.IsZero():
			return -1
		}
		return x.Compare(y)
	})
	// Taking from lot after lot is the closed form without its sums, which
	// could overflow.
	remaining = make([]T, len(lots))
	for _, i := range order {
		taken := min(lots[i].Amount, debits)
		remaining[i] = lots[i].Amount - taken
		debits -= taken
	}
	return remaining, debits, nil
}
