package churnmodel

import (
	"errors"
	"fmt"

	"loyaltymcp/stats/btyd"
)

// Row is the members that have a history in common. Times are in days, an
// order on the day of the start being part of it.
type Row struct {
	X       int     // days with a purchase after the start
	TX      int     // from the start to the last of them, 0 for none
	T       int     // from the start to the last day observed
	Open    bool    // whether they are open then
	Later   int     // days with a purchase in the time after, where that is known
	Members float64 // how many
	Spend   float64 // net sales of the purchases that count for spend, of all of them together
}

func (r Row) history() btyd.History {
	return btyd.History{X: r.X, TX: float64(r.TX), T: float64(r.T)}
}

// The fewest members, and members with a purchase after the start, that a model
// is fitted to. Below it the parameters have errors as large as themselves.
const (
	leastMembers = 100
	leastBuyers  = 50
)

// ErrTooFew says that there are too few members for a model.
var ErrTooFew = errors.New("too few members for a model of purchases")

// enough returns an error that says which are too few.
func enough(rows []Row) error {
	var members, buyers float64
	for _, r := range rows {
		members += r.Members
		if r.X > 0 {
			buyers += r.Members
		}
	}
	switch {
	case members < leastMembers:
		return fmt.Errorf("%w: %.0f, and it takes %d", ErrTooFew, members, leastMembers)
	case buyers < leastBuyers:
		return fmt.Errorf("%w: %.0f of %.0f bought after their start, and it takes %d", ErrTooFew, buyers, members, leastBuyers)
	}
	return nil
}
