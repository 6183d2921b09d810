package reserve

// RollForward is the movement of a balance of points over a period. Issued,
// Reversed (points taken back because what earned them was undone), Redeemed,
// Reimbursed (given back after a redemption was undone) and Expired are amounts
// of their kind, not signed movements: Reversed, Redeemed and Expired lower the
// balance. Adjusted and Transferred are signed, positive when they raise it.
type RollForward[T ~int64] struct {
	Opening     T
	Issued      T
	Reversed    T
	Redeemed    T
	Reimbursed  T
	Expired     T
	Adjusted    T
	Transferred T
	Closing     T
}

// Expected returns the closing balance the movements lead to,
//
//	Opening + Issued - Reversed - Redeemed + Reimbursed - Expired + Adjusted + Transferred.
func (r RollForward[T]) Expected() T {
	return r.Opening + r.Issued - r.Reversed - r.Redeemed + r.Reimbursed - r.Expired + r.Adjusted + r.Transferred
}

// Unexplained returns the part of the closing balance that no movement accounts
// for, Closing - Expected(). It is 0 for books that balance.
func (r RollForward[T]) Unexplained() T {
	return r.Closing - r.Expected()
}

// Add returns the roll-forward of r and o together, of two groups of members
// over the same period: every field is summed.
func (r RollForward[T]) Add(o RollForward[T]) RollForward[T] {
	return RollForward[T]{
		Opening:     r.Opening + o.Opening,
		Issued:      r.Issued + o.Issued,
		Reversed:    r.Reversed + o.Reversed,
		Redeemed:    r.Redeemed + o.Redeemed,
		Reimbursed:  r.Reimbursed + o.Reimbursed,
		Expired:     r.Expired + o.Expired,
		Adjusted:    r.Adjusted + o.Adjusted,
		Transferred: r.Transferred + o.Transferred,
		Closing:     r.Closing + o.Closing,
	}
}
