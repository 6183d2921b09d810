package reserve

import (
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"loyaltymcp/stats/internal/golden"
)

func day(d int) time.Time {
	return time.Date(2026, 1, d, 0, 0, 0, 0, time.UTC)
}

func ExampleAttribute() {
	lots := []Lot[int64]{
		{Amount: 500}, // never expires
		{Amount: 300, Expiry: time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)},
		{Amount: 200, Expiry: time.Date(2026, 6, 30, 0, 0, 0, 0, time.UTC)},
	}
	remaining, uncovered, err := Attribute(lots, 350)
	fmt.Println(remaining, uncovered, err)
	// Output:
	// [500 150 0] 0 <nil>
}

func ExampleRollForward() {
	r := RollForward[int64]{Opening: 1000, Issued: 400, Redeemed: 250, Expired: 50, Transferred: -20, Closing: 1085}
	fmt.Println(r.Expected(), r.Unexplained())
	// Output:
	// 1080 5
}

func TestAttribute(t *testing.T) {
	t.Parallel()
	type points int64
	lots := []Lot[points]{{100, day(3)}, {50, time.Time{}}, {70, day(1)}, {30, day(3)}}
	for _, tt := range []struct {
		debits    points
		want      []points
		uncovered points
	}{
		{0, []points{100, 50, 70, 30}, 0},
		{70, []points{100, 50, 0, 30}, 0},
		{71, []points{99, 50, 0, 30}, 0},
		{175, []points{0, 50, 0, 25}, 0},
		{249, []points{0, 1, 0, 0}, 0},
		{260, []points{0, 0, 0, 0}, 10},
	} {
		got, uncovered, err := Attribute(lots, tt.debits)
		if err != nil || !slices.Equal(got, tt.want) || uncovered != tt.uncovered {
			t.Errorf("debits %d: got %v, %d, %v, want %v, %d", tt.debits, got, uncovered, err, tt.want, tt.uncovered)
		}
	}
	if got, uncovered, err := Attribute[points](nil, 5); len(got) != 0 || uncovered != 5 || err != nil {
		t.Errorf("no lots: got %v, %d, %v", got, uncovered, err)
	}
	huge := []Lot[points]{{math.MaxInt64, day(1)}, {math.MaxInt64, day(2)}}
	if got, _, err := Attribute(huge, math.MaxInt64); err != nil || got[0] != 0 || got[1] != math.MaxInt64 {
		t.Errorf("amounts whose sum overflows: got %v, %v", got, err)
	}
	if _, _, err := Attribute(lots, -1); !errors.Is(err, ErrNegative) {
		t.Errorf("negative debits: error %v, want %v", err, ErrNegative)
	}
	if _, _, err := Attribute([]Lot[points]{{Amount: -1}}, 1); !errors.Is(err, ErrNegative) {
		t.Errorf("negative lot: error %v, want %v", err, ErrNegative)
	}
}

// The formula as it is documented, over lots in order of expiry.
func TestAttributeClosedForm(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		lots := make([]Lot[int64], r.IntN(12))
		var total int64
		for i := range lots {
			lots[i] = Lot[int64]{Amount: r.Int64N(100), Expiry: day(1 + i)}
			total += lots[i].Amount
		}
		debits := r.Int64N(total + 20)
		got, uncovered, err := Attribute(lots, debits)
		if err != nil {
			t.Fatal(err)
		}
		var cumulative, left int64
		for i, l := range lots {
			cumulative += l.Amount
			left += got[i]
			if want := min(l.Amount, max(0, cumulative-debits)); got[i] != want {
				t.Fatalf("lots %v, debits %d: lot %d has %d left, want %d", lots, debits, i, got[i], want)
			}
		}
		if total-debits != left-uncovered {
			t.Fatalf("lots %v, debits %d: %d left and %d uncovered", lots, debits, left, uncovered)
		}
	}
}

func TestRollForward(t *testing.T) {
	t.Parallel()
	r := RollForward[int64]{
		Opening: 1, Issued: 20, Reversed: 300, Redeemed: 4000, Reimbursed: 50000,
		Expired: 600000, Adjusted: 7000000, Transferred: 80000000, Closing: 900000000,
	}
	if got, want := r.Expected(), int64(1+20-300-4000+50000-600000+7000000+80000000); got != want {
		t.Errorf("Expected() = %d, want %d", got, want)
	}
	if got, want := r.Unexplained(), 900000000-r.Expected(); got != want {
		t.Errorf("Unexplained() = %d, want %d", got, want)
	}
	sum := r.Add(r)
	if got, want := sum.Unexplained(), 2*r.Unexplained(); got != want || sum.Closing != 2*r.Closing {
		t.Errorf("Unexplained() of the sum = %d, want %d", got, want)
	}
	if got := (RollForward[int64]{}).Unexplained(); got != 0 {
		t.Errorf("Unexplained() of nothing = %d, want 0", got)
	}
}

// The reference processes every event. Members whose redemptions were given
// back have holes before the point the debits reached, so only their balance is
// compared; for all others every lot is.
func TestGoldenFIFO(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"fifo_expiry_reversals", "fifo_no_expiry"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var want struct {
				Lots []struct {
					Seq                                    int
					Member                                 string
					Earned, Redeemed, Lapsed, Clawed, Open int64
					ClawedBack                             int64 `json:"clawed_back"`
				}
				Totals       struct{ Earned, Redeemed, Lapsed, Clawed, Open int64 }
				Unattributed []struct {
					Seq    int
					Points int64
				} `json:"unattributed_redemptions"`
				Balance map[string]int64 `json:"open_balance_by_member"`
			}
			golden.Load(t, &want, "liability", name, "expected.json")

			unattributed := map[int]int64{}
			for _, u := range want.Unattributed {
				unattributed[u.Seq] = u.Points
			}
			redeemed := map[string]int64{} // by member, from the events
			givenBack := map[string]bool{} // members with undone redemptions
			expiry := map[int]time.Time{}
			for _, e := range events(t, name) {
				switch e.kind {
				case "earn":
					expiry[e.seq] = e.expiry
				case "redeem":
					redeemed[e.member] += e.points - unattributed[e.seq]
				case "reverse_redeem":
					givenBack[e.member] = true
				}
			}
			lots := map[string][]Lot[int64]{}
			open := map[string][]int64{}
			net, lapsed := map[string]int64{}, map[string]int64{}
			for _, l := range want.Lots {
				lots[l.Member] = append(lots[l.Member], Lot[int64]{Amount: l.Earned - l.ClawedBack, Expiry: expiry[l.Seq]})
				open[l.Member] = append(open[l.Member], l.Open)
				net[l.Member] += l.Redeemed
				lapsed[l.Member] += l.Lapsed
			}
			checked, whole := 0, 0
			for member, own := range lots {
				d := redeemed[member]
				if givenBack[member] {
					d = net[member]
				}
				d += lapsed[member]
				got, uncovered, err := Attribute(own, d)
				if err != nil || uncovered != 0 {
					t.Fatalf("%s: %d uncovered, %v", member, uncovered, err)
				}
				var balance int64
				for _, v := range got {
					balance += v
				}
				if balance != want.Balance[member] {
					t.Errorf("%s: balance %d, want %d", member, balance, want.Balance[member])
				}
				checked++
				if givenBack[member] {
					continue
				}
				whole += len(got)
				if !slices.Equal(got, open[member]) {
					t.Errorf("%s: remaining %v, want %v", member, got, open[member])
				}
			}
			books := RollForward[int64]{
				Issued: want.Totals.Earned, Reversed: want.Totals.Clawed, Redeemed: want.Totals.Redeemed,
				Expired: want.Totals.Lapsed, Closing: want.Totals.Open,
			}
			if got := books.Unexplained(); got != 0 {
				t.Errorf("roll-forward: %d unexplained, want 0", got)
			}
			t.Logf("%d balances and %d of %d lots compared", checked, whole, len(want.Lots))
		})
	}
}

type event struct {
	seq          int
	member, kind string
	points       int64
	expiry, date time.Time
	ref          int
}

func events(t *testing.T, name string) []event {
	t.Helper()
	f, err := os.Open(golden.Path(t, "liability", name, "events.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var list []event
	for _, r := range rows[1:] {
		var e event
		if e.seq, err = strconv.Atoi(r[0]); err != nil {
			t.Fatal(err)
		}
		if e.points, err = strconv.ParseInt(r[4], 10, 64); err != nil {
			t.Fatal(err)
		}
		if r[5] != "" {
			if e.expiry, err = time.Parse(time.DateOnly, r[5]); err != nil {
				t.Fatal(err)
			}
		}
		if e.date, err = time.Parse(time.DateOnly, r[1]); err != nil {
			t.Fatal(err)
		}
		if r[6] != "" {
			if e.ref, err = strconv.Atoi(r[6]); err != nil {
				t.Fatal(err)
			}
		}
		e.member, e.kind = r[2], r[3]
		list = append(list, e)
	}
	return list
}
