package diagnosehealth_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/diagnosehealth"
	"loyaltymcp/tools/run"
)

// line is a line of a ledger.
type line struct {
	id, member int
	at         time.Time
	kind       string
	points     int
	expires    time.Time // zero for never
	lot        int       // 0 for none
}

// ledger returns a config of a program whose ledger has the lines, and which is
// otherwise only members.
func ledger(lines []line, more string) string {
	var b strings.Builder
	b.WriteString(`program: {name: Small, currency: EUR, point_value: 0.01, cost_per_point: 0.008}
` + more + `
feeds:
  members: {sql: "SELECT i AS member_id, TIMESTAMP '2023-01-01 00:00:00' AS enrolled_at FROM generate_series(1, 60) AS g(i)"}
  points:
    sql: |
      SELECT * FROM (VALUES
`)
	stamp := func(t time.Time) string {
		if t.IsZero() {
			return "CAST(NULL AS timestamp)"
		}
		return "TIMESTAMP '" + t.Format("2006-01-02 15:04:05") + "'"
	}
	for i, l := range lines {
		if i > 0 {
			b.WriteString(",\n")
		}
		lot := "CAST(NULL AS bigint)"
		if l.lot > 0 {
			lot = fmt.Sprint(l.lot)
		}
		fmt.Fprintf(&b, "        (%d, %d, %s, '%s', %d.0, %s, %s)", l.id, l.member, stamp(l.at), l.kind, l.points, stamp(l.expires), lot)
	}
	b.WriteString("\n      ) AS t(entry_id, member_id, occurred_at, kind, points, expires_at, lot_id)\n")
	return b.String()
}

func on(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 12, 0, 0, 0, time.UTC)
}

// cohortsOf are the columns of breakage's cohorts by month of issue.
func cohortsOf(t *testing.T, r *diagnosehealth.Result) map[string][4]float64 {
	t.Helper()
	out := map[string][4]float64{}
	for _, c := range r.Breakage.Cohorts {
		out[c.Issued] = [4]float64{*c.Points, *c.Redeemed, *c.Expired, *c.Open}
	}
	return out
}

// What the engine attributes to the lots is what a queue per member does, line by
// line, whatever the order of the lines.
func TestLotsAreThoseOfAQueue(t *testing.T) {
	for _, rule := range []string{"fifo", "earliest_expiry"} {
		t.Run(rule, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(7, 1))
			type lot struct {
				issued, expires time.Time
				left            int
			}
			var lines []line
			want := map[string][4]float64{}
			add := func(month time.Time, column, points int) {
				row := want[month.Format("2006-01")]
				row[column] += float64(points)
				want[month.Format("2006-01")] = row
			}
			id := 0
			for member := 1; member <= 40; member++ {
				// By expiry, who spends as they go must have lots that expire in the
				// order in which they came; the others spend at the end.
				monthly := rule == "fifo" || member%2 == 0
				var lots []lot
				for month := 0; month < 14; month++ {
					start := time.Date(2025, time.January+time.Month(month), 1, 0, 0, 0, 0, time.UTC)
					if points := rng.IntN(90) - 20; points > 0 {
						// Lots of one month expire at different times, which an order by
						// expiry must heed.
						expires := start.AddDate(0, 5+rng.IntN(4), 0)
						if monthly {
							expires = start.AddDate(0, 7, 0)
						}
						id++
						lines = append(lines, line{id: id, member: member, at: start.AddDate(0, 0, 1), kind: "earn", points: points, expires: expires, lot: id})
						at := len(lots)
						for at > 0 && rule == "earliest_expiry" && lots[at-1].expires.After(expires) {
							at--
						}
						lots = append(lots[:at], append([]lot{{start, expires, points}}, lots[at:]...)...)
						add(start, 0, points)
					}
					balance := 0
					for _, l := range lots {
						balance += l.left
					}
					if monthly && balance > 0 && rng.IntN(3) == 0 {
						spend := 1 + rng.IntN(balance)
						id++
						lines = append(lines, line{id: id, member: member, at: start.AddDate(0, 0, 20), kind: "redeem", points: -spend})
						for i := range lots {
							take := min(spend, lots[i].left)
							lots[i].left -= take
							spend -= take
							add(lots[i].issued, 1, take)
						}
					}
				}
				if !monthly {
					spend := 0
					for _, l := range lots {
						spend += l.left / 2
					}
					if spend > 0 {
						id++
						lines = append(lines, line{id: id, member: member, at: on(2026, time.February, 25), kind: "redeem", points: -spend})
						for i := range lots {
							take := min(spend, lots[i].left)
							lots[i].left -= take
							spend -= take
							add(lots[i].issued, 1, take)
						}
					}
				}
				for _, l := range lots {
					add(l.issued, 3, l.left)
				}
			}
			rng.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
			d := testdesk.Config(t, ledger(lines, "health: {liability: {lots: "+rule+"}}"), t.TempDir(), "")
			r := diagnose(t, d, run.Request{Window: "30d"})
			got := cohortsOf(t, r)
			if len(got) == 0 {
				t.Fatalf("no cohorts: %s", r.Breakage.Reason)
			}
			for month, w := range want {
				if got[month] != w {
					t.Errorf("issued, redeemed, expired and open of %s: %v, want %v", month, got[month], w)
				}
			}
		})
	}
}

// steady is the ledger of members who earn every month and redeem a part, the
// rest expiring after half a year.
func steady(months int) []line {
	rng := rand.New(rand.NewPCG(3, 3))
	var lines []line
	id := 0
	for member := 1; member <= 60; member++ {
		type lot struct{ id, month, left int }
		var lots []lot
		for month := range months {
			start := time.Date(2024, time.January+time.Month(month), 1, 0, 0, 0, 0, time.UTC)
			for len(lots) > 0 && lots[0].month+6 <= month {
				if lots[0].left > 0 {
					id++
					lines = append(lines, line{id: id, member: member, at: start, kind: "expire", points: -lots[0].left, lot: lots[0].id})
				}
				lots = lots[1:]
			}
			id++
			points := 50 + rng.IntN(100)
			lines = append(lines, line{id: id, member: member, at: start.AddDate(0, 0, (member+id)%27), kind: "earn", points: points, expires: start.AddDate(0, 6, 0), lot: id})
			lots = append(lots, lot{id, month, points})
			balance := 0
			for _, l := range lots {
				balance += l.left
			}
			if rng.IntN(8) == 0 {
				id++
				spend := balance / 2
				lines = append(lines, line{id: id, member: member, at: start.AddDate(0, 0, 27), kind: "redeem", points: -spend})
				for i := range lots {
					take := min(spend, lots[i].left)
					lots[i].left -= take
					spend -= take
				}
			}
		}
	}
	return lines
}

// Each way to break a ledger raises its own alarm, and the roll-forward still
// closes.
func TestBrokenLedgers(t *testing.T) {
	const months = 18 // to the end of June 2025
	// expiry returns an expiry of all of a lot's points, after which its member
	// redeems (or not).
	expiry := func(lines []line, redeems bool) int {
		whole := map[int]int{}
		later := map[int]bool{}
		for _, l := range lines {
			if l.kind == "earn" {
				whole[l.id] = l.points
			}
		}
		for i := len(lines) - 1; i >= 0; i-- {
			switch l := lines[i]; {
			case l.kind == "redeem":
				later[l.member] = true
			case l.kind == "expire" && -l.points == whole[l.lot] && later[l.member] == redeems && l.at.Month() == time.June:
				return i
			}
		}
		t.Fatal("no such line")
		return 0
	}
	without := func(lines []line, i int) []line { return append(lines[:i:i], lines[i+1:]...) }
	add := func(lines []line, l line) []line {
		l.id = len(lines) + 1000
		return append(lines, l)
	}
	for name, c := range map[string]struct {
		mend  func([]line) []line
		alarm string // "" for none
	}{
		"whole":                                {func(l []line) []line { return l }, ""},
		"a missing expiry":                     {func(l []line) []line { return without(l, expiry(l, false)) }, "overdue_points"},
		"a missing expiry, redeemed meanwhile": {func(l []line) []line { return without(l, expiry(l, true)) }, "spent_after_expiry"},
		"an expiry twice":                      {func(l []line) []line { return add(l, l[expiry(l, false)]) }, "overdrawn_lots"},
		"a negative balance": {func(l []line) []line {
			return add(l, line{member: 3, at: on(2025, time.June, 20), kind: "redeem", points: -90_000})
		}, "uncovered_points"},
		"a spend before its earn": {func(l []line) []line {
			return add(add(l, line{member: 60, at: on(2023, time.December, 5), kind: "redeem", points: -40}),
				line{member: 60, at: on(2023, time.November, 5), kind: "earn", points: 10, expires: on(2024, time.May, 1)})
		}, "spent_before_earned"},
		"a transfer with one leg": {func(l []line) []line {
			return add(l, line{member: 4, at: on(2025, time.June, 8), kind: "transfer_in", points: 500, expires: on(2025, time.December, 1)})
		}, "transfers_apart"},
		"a kind that nobody knows": {func(l []line) []line {
			return add(l, line{member: 4, at: on(2025, time.June, 8), kind: "gift", points: 500, expires: on(2025, time.December, 1)})
		}, "unexplained_points"},
	} {
		t.Run(name, func(t *testing.T) {
			d := testdesk.Config(t, ledger(c.mend(steady(months)), ""), t.TempDir(), "")
			r := diagnose(t, d, run.Request{Window: "30d"})
			found := false
			for _, a := range r.DataAlarms {
				found = found || a.ID == c.alarm
				if c.alarm == "" {
					t.Errorf("a whole ledger raises %s: %s", a.ID, a.Says)
				}
			}
			if !found && c.alarm != "" {
				t.Errorf("alarms %+v, want %s", r.DataAlarms, c.alarm)
			}
			if c.alarm != "" && r.Liability.Health == diagnosehealth.Healthy {
				t.Error("healthy, though an alarm puts the points in doubt")
			}
			var sum, closing float64
			for _, l := range r.Liability.RollForward {
				if l.Line == "closing" {
					closing = l.Points.Float()
				} else {
					sum += l.Points.Float()
				}
			}
			if len(r.Liability.RollForward) == 0 || sum != closing {
				t.Errorf("the roll-forward sums to %v, closing is %v", sum, closing)
			}
			if f := r.Figure(diagnosehealth.PointExpectedCost); f == nil || f.Value == nil || f.Interval == nil {
				t.Errorf("no expected cost: %+v", f)
			}
		})
	}
}

// The three liabilities hang together: the expected cost is the redemptions at
// cost, within the gross; the schedule adds up; the cohorts are the points.
func TestLiabilityAddsUp(t *testing.T) {
	r := diagnose(t, testdesk.Demo(t), run.Request{Window: "30d", Dimensions: []string{"tier", "region"}})
	value := func(point string) float64 {
		f := r.Figure(point)
		if f == nil || f.Value == nil {
			t.Fatalf("%s is unknown: %+v", point, f)
		}
		return *f.Value
	}
	near := func(what string, got, want, tolerance float64) {
		t.Helper()
		if math.Abs(got-want) > tolerance {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	outstanding, redeemed := value(diagnosehealth.PointOutstanding), value(diagnosehealth.PointRedemptions)
	near("rate", value(diagnosehealth.PointRate)*outstanding, redeemed, outstanding*1e-6)
	near("cost", value(diagnosehealth.PointExpectedCost), redeemed*0.007, 0.02)
	if gross := value(diagnosehealth.PointGross); redeemed*0.01 >= gross {
		t.Errorf("%v points will be redeemed, more than are worth %v", redeemed, gross)
	}
	var expiring, months, breaking, revenue float64
	for _, m := range r.Liability.Schedule {
		expiring, months, breaking, revenue = expiring+*m.Expiring, months+*m.Redeemed, breaking+*m.Breaking, revenue+*m.Revenue
	}
	rounding := float64(len(r.Liability.Schedule))
	near("points of the schedule", expiring, outstanding, rounding)
	near("redemptions of the schedule", months, redeemed, rounding)
	near("what the schedule breaks", breaking, outstanding-redeemed, rounding)
	near("revenue of the schedule", revenue, value(diagnosehealth.PointDeferred), rounding)
	var open float64
	for _, c := range r.Breakage.Cohorts {
		open += *c.Open
		if *c.Rate < *c.Redeemed / *c.Points - 1e-6 || *c.Rate > 1 {
			t.Errorf("cohort %s: rate %v", c.Issued, *c.Rate)
		}
	}
	near("open points of the cohorts", open, outstanding, 0)
	near("breakage", value(diagnosehealth.PointBreakage), 1-value(diagnosehealth.PointUltimate), 1e-6)
	for _, roll := range r.Liability.Rolls {
		var closing float64
		hidden := false
		for _, c := range roll.Cells {
			if c.Suppressed {
				hidden = true
				continue
			}
			near(roll.Dimension+" "+c.Cell, c.Opening.Float()+c.Issued.Float()+c.Redeemed.Float()+c.Expired.Float()+c.Other.Float(), c.Closing.Float(), 0)
			closing += c.Closing.Float()
		}
		if !hidden {
			near("closing by "+roll.Dimension, closing, outstanding, 0)
		}
	}
	if len(r.Liability.Rolls) != 2 || r.Liability.Estimate == nil || len(r.Liability.Estimate.Methods) < 2 {
		t.Errorf("%d roll-forwards by dimension, estimate %+v", len(r.Liability.Rolls), r.Liability.Estimate)
	}
}
