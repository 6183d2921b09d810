package reserve

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"loyaltymcp/stats/internal/golden"
)

func ExampleLedger() {
	date := func(month, day int) time.Time { return time.Date(2026, time.Month(month), day, 0, 0, 0, 0, time.UTC) }
	l := NewLedger[int64](FirstIn)
	first, _ := l.Earn(date(1, 10), 300, date(7, 1))
	_, _ = l.Earn(date(2, 5), 200, date(8, 1))
	voucher, _ := l.Redeem(date(3, 1), 400)
	// The voucher is cancelled after the first lot has expired.
	_, _ = l.Return(date(7, 15), voucher, 400)
	missing, _ := l.ClawBack(date(7, 20), first, 50)
	for _, p := range l.Lots() {
		fmt.Println(p.Issued, p.Redeemed, p.Expired, p.ClawedBack, p.Open)
	}
	fmt.Println(missing)
	// Output:
	// 300 0 300 0 0
	// 200 0 0 50 150
	// 0
}

func TestGoldenLedger(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"fifo_expiry_reversals", "fifo_no_expiry"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			type entry struct {
				EarnMonth string `json:"earn_month"`
				Age       int
				Points    int64
			}
			type bySeq struct {
				Seq    int
				Points int64
			}
			var want struct {
				Valuation string `json:"valuation_date"`
				Lots      []struct {
					Seq                            int
					Member                         string
					Earned, Redeemed, Lapsed, Open int64
					ClawedBack                     int64 `json:"clawed_back"`
				}
				Redemptions  []entry          `json:"redemption_triangle_incremental"`
				Lapses       []entry          `json:"lapse_triangle_incremental"`
				Earned       map[string]int64 `json:"earned_by_month"`
				Clawed       map[string]int64 `json:"clawed_by_month"`
				Unattributed []bySeq          `json:"unattributed_redemptions"`
				Shortfall    []bySeq          `json:"clawback_shortfall"`
				Balance      map[string]int64 `json:"open_balance_by_member"`
			}
			golden.Load(t, &want, "liability", name, "expected.json")
			valuation, err := time.Parse(time.DateOnly, want.Valuation)
			if err != nil {
				t.Fatal(err)
			}

			type cell struct {
				month string
				age   int
			}
			const month = "2006-01"
			redemptions, lapses := map[cell]int64{}, map[cell]int64{}
			earned, clawed := map[string]int64{}, map[string]int64{}
			ledgers := map[string]*Ledger[int64]{}
			lots := map[int]int{} // number in the ledger by seq
			owner := map[int]string{}
			taken := map[int]*Redemption[int64]{}
			unattributed, shortfall := map[int]int64{}, map[int]int64{}
			list := events(t, name)
			slices.SortStableFunc(list, func(a, b event) int {
				return cmp.Or(a.date.Compare(b.date), a.seq-b.seq)
			})
			for _, e := range list {
				l := ledgers[e.member]
				if l == nil {
					l = NewLedger[int64](FirstIn)
					l.Notify = func(m Move[int64]) {
						from := l.Lots()[m.Lot].Earned
						key := from.Format(month)
						at := cell{key, 12*(m.At.Year()-from.Year()) + int(m.At.Month()-from.Month())}
						switch m.Kind {
						case Earned:
							earned[key] += m.Amount
						case Redeemed:
							redemptions[at] += m.Amount
						case Returned:
							redemptions[at] -= m.Amount
						case Expired:
							lapses[at] += m.Amount
						case ClawedBack:
							clawed[key] += m.Amount
						}
					}
					ledgers[e.member] = l
				}
				var err error
				switch e.kind {
				case "earn":
					lots[e.seq], err = l.Earn(e.date, e.points, e.expiry)
					owner[e.seq] = e.member
				case "redeem":
					taken[e.seq], err = l.Redeem(e.date, e.points)
					if err == nil && taken[e.seq].Uncovered > 0 {
						unattributed[e.seq] = taken[e.seq].Uncovered
					}
				case "reverse_redeem":
					_, err = l.Return(e.date, taken[e.ref], e.points)
				case "reverse_earn":
					var missing int64
					missing, err = l.ClawBack(e.date, lots[e.ref], e.points)
					if missing > 0 {
						shortfall[e.seq] = missing
					}
				default:
					t.Fatalf("unknown event %q", e.kind)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			// Some reversals come after the valuation, and the reference lets the
			// lots of all members expire until then.
			end := valuation
			if last := list[len(list)-1].date; last.After(end) {
				end = last
			}
			balance := map[string]int64{}
			for member, l := range ledgers {
				if err := l.Advance(end); err != nil {
					t.Fatal(err)
				}
				balance[member] = 0
				for _, p := range l.Lots() {
					balance[member] += p.Open
					if p.Issued != p.Redeemed+p.Expired+p.ClawedBack+p.Open {
						t.Errorf("%s: %+v does not add up", member, p)
					}
				}
			}
			if !maps.Equal(balance, want.Balance) {
				t.Errorf("balances %v, want %v", balance, want.Balance)
			}
			for _, w := range want.Lots {
				if owner[w.Seq] != w.Member {
					t.Fatalf("lot %d is %s's, want %s's", w.Seq, owner[w.Seq], w.Member)
				}
				p := ledgers[w.Member].Lots()[lots[w.Seq]]
				if p.Issued != w.Earned || p.Redeemed != w.Redeemed || p.Expired != w.Lapsed || p.ClawedBack != w.ClawedBack || p.Open != w.Open {
					t.Errorf("lot %d: %+v, want %+v", w.Seq, p, w)
				}
			}
			cells := func(entries []entry) map[cell]int64 {
				m := map[cell]int64{}
				for _, e := range entries {
					m[cell{e.EarnMonth, e.Age}] = e.Points
				}
				return m
			}
			seqs := func(entries []bySeq) map[int]int64 {
				m := map[int]int64{}
				for _, e := range entries {
					m[e.Seq] = e.Points
				}
				return m
			}
			nonzero := func(m map[cell]int64) map[cell]int64 {
				maps.DeleteFunc(m, func(_ cell, v int64) bool { return v == 0 })
				return m
			}
			if got, want := nonzero(redemptions), nonzero(cells(want.Redemptions)); !maps.Equal(got, want) {
				t.Errorf("redemptions by month and age %v, want %v", got, want)
			}
			if got, want := nonzero(lapses), nonzero(cells(want.Lapses)); !maps.Equal(got, want) {
				t.Errorf("lapses by month and age %v, want %v", got, want)
			}
			if !maps.Equal(earned, want.Earned) {
				t.Errorf("earned %v, want %v", earned, want.Earned)
			}
			maps.DeleteFunc(want.Clawed, func(_ string, v int64) bool { return v == 0 })
			if !maps.Equal(clawed, want.Clawed) {
				t.Errorf("clawed back %v, want %v", clawed, want.Clawed)
			}
			if got, want := unattributed, seqs(want.Unattributed); !maps.Equal(got, want) {
				t.Errorf("unattributed %v, want %v", got, want)
			}
			if got, want := shortfall, seqs(want.Shortfall); !maps.Equal(got, want) {
				t.Errorf("shortfall %v, want %v", got, want)
			}
			t.Logf("%d lots, %d and %d cells compared", len(want.Lots), len(want.Redemptions), len(want.Lapses))
		})
	}
}

func TestLedgerErrors(t *testing.T) {
	t.Parallel()
	l := NewLedger[int64](EarliestExpiry)
	if _, err := l.Earn(day(5), -1, time.Time{}); !errors.Is(err, ErrNegative) {
		t.Errorf("negative lot: error %v", err)
	}
	if _, err := l.Earn(day(5), 10, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Redeem(day(4), 1); !errors.Is(err, ErrTime) {
		t.Errorf("event before the last: error %v", err)
	}
	if _, err := l.Redeem(day(5), -1); !errors.Is(err, ErrNegative) {
		t.Errorf("negative redemption: error %v", err)
	}
	r, err := l.Redeem(day(5), 4)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Return(day(5), r, -1); !errors.Is(err, ErrNegative) {
		t.Errorf("negative return: error %v", err)
	}
	if _, err := l.ClawBack(day(5), 0, -1); !errors.Is(err, ErrNegative) {
		t.Errorf("negative claw-back: error %v", err)
	}
	if got, err := l.Return(day(6), r, 9); got != 4 || err != nil {
		t.Errorf("returned %d, %v, want the 4 that were taken", got, err)
	}
	if got, err := l.Return(day(6), r, 1); got != 0 || err != nil {
		t.Errorf("returned %d, %v twice, want 0", got, err)
	}
}

func TestLedgerEarliestExpiry(t *testing.T) {
	t.Parallel()
	l := NewLedger[int64](EarliestExpiry)
	for _, lot := range []struct {
		amount int64
		expiry time.Time
	}{{10, time.Time{}}, {20, day(20)}, {30, day(15)}, {5, day(1)}} {
		if _, err := l.Earn(day(2), lot.amount, lot.expiry); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.Redeem(day(3), 35); err != nil {
		t.Fatal(err)
	}
	if err := l.Advance(day(20)); err != nil {
		t.Fatal(err)
	}
	want := []Position[int64]{
		{Issued: 10, Open: 10}, {Issued: 20, Redeemed: 5, Expired: 15}, {Issued: 30, Redeemed: 30}, {Issued: 5, Expired: 5},
	}
	for i, p := range l.Lots() {
		p.Earned, p.Expiry = time.Time{}, time.Time{}
		if p != want[i] {
			t.Errorf("lot %d: %+v, want %+v", i, p, want[i])
		}
	}
}
