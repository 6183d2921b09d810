package demo

import (
	"testing"
	"time"
)

// TestLedgerConservation replays every member's ledger from the rows alone:
// the balance is never negative, no lot gives more than it holds, lots expire
// exactly when due with exactly what is left, and the sum of the entries is
// what the lots hold in the end.
func TestLedgerConservation(t *testing.T) {
	r, truth := sample()
	p := r.table("points")
	tests := map[int64]bool{}
	m := r.table("members")
	for _, row := range m.all {
		tests[of[int64](m, row, "member_id")] = of[bool](m, row, "is_test")
	}
	all := lives(r)
	var outstanding int64
	for id, entries := range p.byMember() {
		balance := replay(t, p, entries, all[id])
		if !tests[id] {
			outstanding += balance
		}
	}
	if outstanding != truth.Realized.Outstanding {
		t.Errorf("the ledgers hold %d points, the truth says %d", outstanding, truth.Realized.Outstanding)
	}
}

func replay(t *testing.T, p rows, entries [][]any, l life) int64 {
	t.Helper()
	var lots []lot
	var balance int64
	for _, row := range entries {
		id, at, n := of[int64](p, row, "entry_id"), of[time.Time](p, row, "occurred_at"), of[int64](p, row, "points")
		kind, from := of[string](p, row, "kind"), of[int64](p, row, "lot_id")
		now := instant(at.Sub(launch) / time.Second)
		for _, x := range lots {
			if x.left > 0 && x.expires <= now && (kind != "expire" || from != x.id && x.expires < now) {
				t.Fatalf("entry %d at %v: lot %d should have expired before", id, at, x.id)
			}
		}
		balance += n
		if balance < 0 {
			t.Fatalf("entry %d takes the balance to %d", id, balance)
		}
		switch kind {
		case "earn", "bonus", "reimburse", "adjust":
			expires := of[time.Time](p, row, "expires_at")
			due := time.Date(at.Year(), at.Month()+13, 1, 0, 0, 0, 0, time.UTC)
			if n <= 0 || from != id || !expires.Equal(due) {
				t.Fatalf("entry %d isn't a lot that expires at %v: %v", id, due, row)
			}
			lots = append(lots, lot{id, n, instant(expires.Sub(launch) / time.Second)})
		case "redeem":
			if from != 0 || of[int64](p, row, "reward_id") == 0 || of[float64](p, row, "unit_cost") <= 0 {
				t.Fatalf("entry %d: %v", id, row)
			}
			takeOldest(t, lots, -n)
		case "reverse_earn":
			if from == 0 {
				takeOldest(t, lots, -n)
				break
			}
			takeFrom(t, lots, from, -n)
		case "expire":
			x := takeFrom(t, lots, from, -n)
			if x.left != 0 || x.expires != now && !(l.cancelled && at.Equal(l.until)) {
				t.Fatalf("entry %d leaves %d points of a lot due at %v", id, x.left, x.expires.time())
			}
		default:
			t.Fatalf("entry %d is of kind %q", id, kind)
		}
	}
	var left int64
	for _, x := range lots {
		left += x.left
		if x.left > 0 && x.expires < end {
			t.Fatalf("lot %d never expired", x.id)
		}
	}
	if left != balance || l.cancelled && balance != 0 {
		t.Fatalf("the entries sum to %d, the lots hold %d, cancelled: %v", balance, left, l.cancelled)
	}
	return balance
}

func takeOldest(t *testing.T, lots []lot, n int64) {
	t.Helper()
	for i := range lots {
		k := min(n, lots[i].left)
		lots[i].left -= k
		n -= k
	}
	if n != 0 {
		t.Fatalf("the lots lack %d points", n)
	}
}

func takeFrom(t *testing.T, lots []lot, id, n int64) lot {
	t.Helper()
	for i := range lots {
		if lots[i].id == id {
			if lots[i].left -= n; n <= 0 || lots[i].left < 0 {
				t.Fatalf("lot %d gives %d points and then holds %d", id, n, lots[i].left)
			}
			return lots[i]
		}
	}
	t.Fatalf("no lot %d", id)
	return lot{}
}

func TestOrdersAndRedemptionsMatchLedger(t *testing.T) {
	r, truth := sample()
	o, p, x := r.table("orders"), r.table("points"), r.table("redemptions")
	earned := map[int64]bool{}
	var redeemed int64
	for _, row := range p.all {
		switch of[string](p, row, "kind") {
		case "earn":
			earned[of[int64](p, row, "order_id")] = true
		case "redeem":
			redeemed -= of[int64](p, row, "points")
		}
	}
	for _, row := range o.all {
		gross, net := of[Cents](o, row, "gross"), of[Cents](o, row, "net")
		if net != gross-of[Cents](o, row, "discount")-of[Cents](o, row, "refund") || net < 0 {
			t.Fatalf("net doesn't add up: %v", row)
		}
		paid := row[o.index["member_id"]] != nil && of[string](o, row, "status") != "cancelled"
		if earned[of[int64](o, row, "order_id")] != paid {
			t.Fatalf("earned points: %v for %v", !paid, row)
		}
	}
	for _, row := range x.all {
		redeemed -= of[int64](x, row, "points")
	}
	if redeemed != 0 {
		t.Errorf("ledger and redemptions differ by %d points", redeemed)
	}
	if s := float64(truth.Realized.PointsRedeemed) / float64(truth.Realized.PointsIssued); s < 0.24 || s > 0.34 {
		t.Errorf("%.2f of the points were redeemed", s)
	}
}
