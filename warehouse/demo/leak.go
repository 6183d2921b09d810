package demo

// The ways in which points leak. As a balance is the sum of a member's entries
// it always adds up by itself; a leak shows where the ledger is held against
// something else.
const (
	leakRedemption = "missing_redemptions" // redeemed, and never taken from the balance
	leakCredit     = "duplicate_credits"   // an order's points credited twice, under two identifiers
	leakExpiry     = "missing_expiries"    // points gone at their expiry, but not from the ledger
	leakDebit      = "unexplained_debits"  // taken from the balance by entries of an unknown kind
)

// debitKind is the kind of an unexplained debit; the ledger doesn't know it.
const debitKind = "correction"

// plantLeak lets points leak. What the process knows follows the ledger: who
// keeps points after a redemption may redeem them again.
func plantLeak(f *planted) {
	if f.Mode == leakDebit {
		f.give = func(g *generator, m *member) {
			at := f.from + instant(f.chance(uint64(m.id), 1)*float64(f.to-f.from))
			if at > m.enrolled && at < m.horizon {
				g.bonuses = append(g.bonuses, bonus{at, debitKind, -int64(f.Size), "", f})
			}
		}
		return
	}
	f.hooks.leaks = func(m *member, at instant, what string) bool {
		return what == f.Mode && f.chance(uint64(m.id), uint64(at)) < f.Size
	}
}
