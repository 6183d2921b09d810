package liabilitymodel

import (
	"errors"
	"math"
	"strings"
	"testing"
)

func TestBook(t *testing.T) {
	const jan = 12 * 2024
	b := NewBook([]Row{
		{jan + 1, jan + 6, Issued, jan + 1, 50}, {jan, jan + 6, Issued, jan, 100},
		{jan, jan + 6, Redeemed, jan + 2, 30}, {jan, jan + 6, Expired, jan + 6, 60}, {jan, jan + 6, Moved, jan + 3, 10},
		{jan + 1, jan + 6, Redeemed, jan, 5}, {jan + 1, jan + 6, Redeemed, jan + 7, 15}, {jan + 1, jan + 6, Open, 0, 30},
		{0, Never, Overdrawn, 0, 3}, {0, Never, Uncovered, 0, 4},
	}, jan+8, 0)
	if len(b.Lots) != 2 || b.Lots[0].Issued != jan || b.Lots[1].Open != 30 {
		t.Fatalf("lots %+v", b.Lots)
	}
	if b.Overdrawn != 3 || b.Uncovered != 4 || b.Early != 5 || b.Late != 15 {
		t.Errorf("overdrawn %v, uncovered %v, early %v, late %v", b.Overdrawn, b.Uncovered, b.Early, b.Late)
	}
	cells := b.cells()
	at := func(month, age int) (atRisk, redeemed float64) {
		for _, c := range cells {
			if c.Month == month && c.Age == age {
				return c.AtRisk, c.Redeemed
			}
		}
		return -1, -1
	}
	if r, x := at(jan+2, 2); r != 100 || x != 30 {
		t.Errorf("third month: %v at risk, %v redeemed", r, x)
	}
	if r, _ := at(jan+4, 4); r != 60 {
		t.Errorf("after what was moved: %v at risk, want 60", r)
	}
	if r, _ := at(jan+7, 7); r != -1 {
		t.Errorf("%v at risk after their expiry", r)
	}
}

func TestTooLittle(t *testing.T) {
	rows, _ := world{members: 200, life: 12, months: 5, december: 1, lumps: 60}.run(1)
	if _, err := New(NewBook(rows, start+5, 0)); !errors.Is(err, ErrTooLittle) || !strings.Contains(err.Error(), "5 complete months") {
		t.Errorf("five months: %v", err)
	}
	if _, err := New(NewBook(nil, start, 0)); !errors.Is(err, ErrTooLittle) {
		t.Errorf("no points: %v", err)
	}
	// Nobody ever redeemed: nothing is known of what they will.
	var idle []Row
	for m := range 12 {
		idle = append(idle, Row{start + m, start + m + 12, Issued, start + m, 100}, Row{start + m, start + m + 12, Open, 0, 100})
	}
	if e, err := New(NewBook(idle, start+12, 0)); !errors.Is(err, ErrTooLittle) {
		t.Errorf("no redemption: %+v, %v", e, err)
	}
}

// Valued in the midst of a month, only its rest is still to come.
func TestPartOfAMonth(t *testing.T) {
	rows, _ := world{members: 1500, life: 12, months: 36, december: 1, lumps: 60}.run(2)
	whole, err := New(NewBook(rows, start+36, 0))
	if err != nil {
		t.Fatal(err)
	}
	part, err := New(NewBook(rows, start+36, 0.75))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := part.ByMonth[0], whole.ByMonth[0]/4; math.Abs(got/want-1) > 0.05 {
		t.Errorf("the last quarter of the month redeems %v, want about %v", got, want)
	}
	if part.Redeemed >= whole.Redeemed {
		t.Errorf("%v, with less time to come than for %v", part.Redeemed, whole.Redeemed)
	}
}

// The methods agree where nothing speaks against them, and say so where it does.
func TestChecks(t *testing.T) {
	calm, _ := world{members: 4000, life: 12, months: 48, december: 1, lumps: 60, differ: 0.3}.run(3)
	b := NewBook(calm, start+48, 0)
	e, err := New(b)
	if err != nil {
		t.Fatal(err)
	}
	checks, year := e.Checks(b)
	for _, c := range checks {
		if c.Reason != "" || math.Abs(c.Redeemed/e.Redeemed-1) > 0.15 {
			t.Errorf("%s: %+v, the hazard says %v", c.Method, c, e.Redeemed)
		}
	}
	if year.Reason != "" || year.SE != e.SE {
		t.Errorf("one year %+v, want the whole error of %v", year, e.SE)
	}
	peaked, _ := world{members: 4000, life: 12, months: 36, december: 5, lumps: 60, differ: 0.3}.run(4)
	b = NewBook(peaked, start+36, 0) // the end of December
	if e, err = New(b); err != nil {
		t.Fatal(err)
	}
	checks, _ = e.Checks(b)
	if checks[0].Method != ChainLadder || checks[0].Refused == "" {
		t.Errorf("after a December peak the chain ladder is used: %+v", checks[0])
	}
	lasting, _ := world{members: 1500, months: 60, december: 1, lumps: 60, differ: 0.3}.run(5)
	b = NewBook(lasting, start+60, 0)
	if e, err = New(b); err != nil {
		t.Fatal(err)
	}
	checks, year = e.Checks(b)
	if n := len(checks); n != 3 || checks[2].Method != ClarkCurve || checks[2].Reason != "" {
		t.Errorf("points that never expire: %+v", checks)
	}
	if year.Reason != "" || !strings.Contains(year.Method, "Merz") || !(year.SE > 0) {
		t.Errorf("one year of points that never expire: %+v", year)
	}
	young := NewBook(calm[:0], start, 0)
	if checks, year := e.Checks(young); checks[0].Reason == "" || year.Reason == "" {
		t.Errorf("without points: %+v, %+v", checks, year)
	}
}

// Two months, by hand: 1000 in sales each for 100 points worth 1. Of the first,
// 40 are redeemed and 20 expected; of the second 0 and 50.
//
//	rate .6: 1000 × 60/1060 = 56.60 allocated, 40/60 recognised, 18.87 deferred
//	rate .5: 1000 × 50/1050 = 47.62 allocated, none recognised
func TestDefer(t *testing.T) {
	e := &Estimate{Redeemed: 70, Low: 35, High: 70, ByMonth: []float64{30, 40}, Lots: []LotEstimate{
		{Lot: Lot{Issued: start, Points: 100}, Spent: 40, Future: 20, ByMonth: []float64{20}},
		{Lot: Lot{Issued: start + 1, Points: 100}, Future: 50, ByMonth: []float64{10, 40}},
	}}
	got, err := e.Defer([]Sales{{start, 1000, 100}, {start + 1, 1000, 100}, {start + 2, 500, 50}, {start + 3, 0, 10}}, 1)
	if err != nil {
		t.Fatal(err)
	}
	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-9 {
			t.Errorf("%s %v, want %v", what, got, want)
		}
	}
	first, second := 1000*60.0/1060, 1000*50.0/1050
	near("allocated", got.Allocated, first+second)
	near("recognised", got.Recognised, first*40/60)
	near("deferred", got.Deferred, first*20/60+second)
	near("high", got.High, got.Deferred)
	low := 1000*50.0/1050*10/50 + 1000*25.0/1025
	near("low", got.Low, low)
	near("first month", got.ByMonth[0], first*20/60+second/5)
	near("second month", got.ByMonth[1], second*4/5)
	// Half of the points were gifts: the price has no part for them.
	half, err := e.Defer([]Sales{{start + 1, 1000, 50}}, 1)
	if err != nil {
		t.Fatal(err)
	}
	near("with gifts", half.Allocated, 1000*25.0/1025)
}
