package demo

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"loyaltymcp/internal/fault"
	"loyaltymcp/schemas"
)

var loadSchemas = sync.OnceValues(schemas.Load)

func schemaSet(t testing.TB) *schemas.Set {
	t.Helper()
	set, err := loadSchemas()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func readPlant(t testing.TB, text string) *Plant {
	t.Helper()
	p, err := ReadPlant("plant.json", []byte(text), schemaSet(t))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// pair is a program with one fault, and the same program without it.
type pair struct {
	with, without recorder
	truth         Truth
	fault         FaultTruth
}

// one plants a single fault, by its JSON, in the sample.
func one(t testing.TB, text string) pair {
	t.Helper()
	without, truth := sample()
	return oneIn(t, without, truth, text)
}

// oneIn plants a single fault in a program.
func oneIn(t testing.TB, without recorder, truth Truth, text string) pair {
	t.Helper()
	p := pair{with: recorder{}, without: without}
	var err error
	o := Options{Members: truth.Members, Seed: truth.Seed, Plant: readPlant(t, `{"faults":[`+text+`]}`)}
	if p.truth, err = Generate(t.Context(), o, p.with); err != nil {
		t.Fatal(err)
	}
	p.fault = p.truth.Planted.Faults[0]
	checkTruth(t, p.truth)
	return p
}

func checkTruth(t testing.TB, truth Truth) {
	t.Helper()
	text, err := json.Marshal(truth)
	if err != nil {
		t.Fatal(err)
	}
	value, err := schemas.Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	schema, ok := schemaSet(t).Get("truth")
	if !ok {
		t.Fatal("no schema named truth")
	}
	if err := schema.Check(fault.Internal, "truth", value); err != nil {
		t.Error(err)
	}
}

// changed returns the members whose rows differ.
func (p pair) changed() map[int64]bool {
	out := map[int64]bool{}
	for _, table := range []string{"members", "tier_history", "orders", "points", "redemptions", "engagement", "surveys", "assignments"} {
		a, b := keyed(p.without, table), keyed(p.with, table)
		for id := range b {
			if _, ok := a[id]; !ok && id != 0 {
				out[id] = true
			}
		}
		for id, rows := range a {
			if id != 0 && !same(rows, b[id]) {
				out[id] = true
			}
		}
	}
	return out
}

// same reports whether two lists of rows are equal.
func same(a, b [][]any) bool { return slices.EqualFunc(a, b, slices.Equal[[]any]) }

// keyed groups a table's rows by member, or by unit.
func keyed(r recorder, table string) map[int64][][]any {
	if table != "assignments" {
		return r.table(table).byMember()
	}
	out := map[int64][][]any{}
	for _, row := range r[table] {
		id := row[1].(int64)
		out[id] = append(out[id], row[:4])
	}
	return out
}

// column returns a column of the members by member.
func column[T any](r recorder, name string) map[int64]T {
	m, out := r.table("members"), map[int64]T{}
	for _, row := range m.all {
		if id := of[int64](m, row, "member_id"); id < testMemberBase {
			out[id] = of[T](m, row, name)
		}
	}
	return out
}

// count counts the rows of a table within dates that a test keeps.
func count(r recorder, table, from, to string, keep func(rows, []any) bool) int {
	x, n := r.table(table), 0
	for _, row := range x.all {
		at := of[time.Time](x, row, when[table])
		if !at.Before(date(from)) && at.Before(date(to)) && (keep == nil || keep(x, row)) {
			n++
		}
	}
	return n
}

func date(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return t
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.Abs(got-want) > tolerance {
		t.Errorf("%s is %.4g, want %.4g within %.2g", what, got, want, tolerance)
	}
}

func bought(x rows, row []any) bool {
	return of[string](x, row, "status") != "cancelled" && of[int64](x, row, "member_id") < testMemberBase && row[x.index["member_id"]] != nil
}

func TestKPIDrop(t *testing.T) {
	p := one(t, `{"kind":"kpi_drop","place":{"region":"South","channel":"web"},"from":"2025-11-01","to":"2026-03-01","size":0.4}`)
	region, channel := column[string](p.without, "region"), column[string](p.without, "channel")
	in := func(id int64) bool { return region[id] == "South" && channel[id] == "web" }
	buys := func(r recorder, from, to string) int {
		return count(r, "orders", from, to, func(x rows, row []any) bool {
			return bought(x, row) && in(of[int64](x, row, "member_id"))
		})
	}
	with, without := buys(p.with, "2025-11-01", "2026-03-01"), buys(p.without, "2025-11-01", "2026-03-01")
	r := p.fault.Realized
	if with != r.With.Purchases || without != r.Without.Purchases {
		t.Errorf("purchases %d and without the fault %d, the truth says %d and %d", with, without, r.With.Purchases, r.Without.Purchases)
	}
	// Who doesn't buy doesn't leave either, so somewhat more than 60 % remain.
	near(t, "the share of purchases left", float64(with)/float64(without), 0.62, 0.06)
	if a, b := buys(p.with, "2024-07-01", "2025-11-01"), buys(p.without, "2024-07-01", "2025-11-01"); a != b {
		t.Errorf("%d purchases before the fault, want %d", a, b)
	}
	if r.With.PointsIssued >= r.Without.PointsIssued {
		t.Errorf("%d points issued, without the fault %d: they should have fallen with the purchases", r.With.PointsIssued, r.Without.PointsIssued)
	}
	later := count(p.with, "redemptions", "2025-11-01", "2026-07-01", func(x rows, row []any) bool { return in(of[int64](x, row, "member_id")) })
	before := count(p.without, "redemptions", "2025-11-01", "2026-07-01", func(x rows, row []any) bool { return in(of[int64](x, row, "member_id")) })
	if later >= before {
		t.Errorf("%d redemptions after the drop, without it %d", later, before)
	}
	changed := p.changed()
	for id := range changed {
		if !in(id) {
			t.Fatalf("member %d of %s and %s has other rows", id, region[id], channel[id])
		}
	}
	if len(changed) != r.Members {
		t.Errorf("%d members have other rows, the truth says %d", len(changed), r.Members)
	}
	for _, table := range []string{"orders", "surveys"} {
		if !same(p.with.table(table).byMember()[0], p.without.table(table).byMember()[0]) {
			t.Errorf("%s of non-members differ", table)
		}
	}
}

func TestChurnWave(t *testing.T) {
	p := one(t, `{"kind":"churn_wave","place":{"tier":"Gold"},"from":"2026-04-01","to":"2026-05-01","size":0.3}`)
	// The tier on the eve, from the history alone.
	h, gold := p.without.table("tier_history"), map[int64]bool{}
	left := column[time.Time](p.without, "cancelled_at")
	tests := column[bool](p.without, "is_test")
	for _, row := range h.all {
		id, to := of[int64](h, row, "member_id"), of[time.Time](h, row, "effective_to")
		from := of[time.Time](h, row, "effective_from")
		if _, real := tests[id]; real && of[string](h, row, "tier") == "Gold" && from.Before(date("2026-04-01")) && (to.IsZero() || !to.Before(date("2026-04-01"))) &&
			(left[id].IsZero() || left[id].After(date("2026-04-01"))) {
			gold[id] = true
		}
	}
	struck := 0
	for id, at := range column[time.Time](p.with, "cancelled_at") {
		if !at.Equal(left[id]) {
			struck++
			if !gold[id] || at.Before(date("2026-04-01")) || !at.Before(date("2026-05-01")) {
				t.Fatalf("member %d cancelled at %v, Gold: %v", id, at, gold[id])
			}
		}
	}
	r := p.fault.Realized
	if struck != r.Members || r.Without.Members != len(gold) {
		t.Errorf("%d of %d Gold members cancelled, the truth says %d of %d", struck, len(gold), r.Members, r.Without.Members)
	}
	n := float64(len(gold))
	near(t, "the share that cancelled", float64(struck)/n, 0.3, 4*math.Sqrt(0.3*0.7/n))
	for id := range p.changed() {
		if !gold[id] {
			t.Fatalf("member %d wasn't Gold and has other rows", id)
		}
	}
	lives := lives(p.with)
	o := p.with.table("orders")
	for _, row := range o.all {
		id := of[int64](o, row, "member_id")
		if id != 0 && !of[time.Time](o, row, "ordered_at").Before(lives[id].until) {
			t.Fatalf("member %d ordered after cancelling", id)
		}
	}
}

func TestRedemptionOutage(t *testing.T) {
	p := one(t, `{"kind":"redemption_outage","place":{"channel":"app"},"from":"2025-12-01","to":"2026-02-01","size":1}`)
	channel := column[string](p.without, "channel")
	app := func(x rows, row []any) bool { return channel[of[int64](x, row, "member_id")] == "app" }
	if n := count(p.with, "redemptions", "2025-12-01", "2026-02-01", app); n != 0 || p.fault.Realized.With.Redemptions != 0 {
		t.Errorf("%d redemptions during the outage, the truth says %d", n, p.fault.Realized.With.Redemptions)
	}
	without := count(p.without, "redemptions", "2025-12-01", "2026-02-01", app)
	if without < 50 || without != p.fault.Realized.Without.Redemptions {
		t.Errorf("%d redemptions without the outage, the truth says %d", without, p.fault.Realized.Without.Redemptions)
	}
	for id := range p.changed() {
		if channel[id] != "app" {
			t.Fatalf("member %d has other rows and enrolled by %s", id, channel[id])
		}
	}
	reward := one(t, `{"kind":"redemption_outage","place":{"reward":4},"from":"2025-12-01","size":1}`)
	voucher := func(x rows, row []any) bool {
		_, real := channel[of[int64](x, row, "member_id")]
		return real && of[int64](x, row, "reward_id") == 4
	}
	if n := count(reward.with, "redemptions", "2025-12-01", "2026-07-01", voucher); n != 0 {
		t.Errorf("%d redemptions of a reward that can't be had", n)
	}
	if n := count(reward.without, "redemptions", "2025-12-01", "2026-07-01", voucher); n < 100 || n != reward.fault.Realized.Without.Redemptions {
		t.Errorf("%d redemptions of the reward otherwise, the truth says %d", n, reward.fault.Realized.Without.Redemptions)
	}
}

func TestLiabilitySpike(t *testing.T) {
	p := one(t, `{"kind":"liability_spike","place":{"region":"North"},"from":"2026-06-10","to":"2026-06-13","size":500}`)
	x, given, members := p.with.table("points"), int64(0), map[int64]bool{}
	region := column[string](p.without, "region")
	for _, row := range x.all {
		if of[string](x, row, "campaign_id") == floodCampaign {
			id, at := of[int64](x, row, "member_id"), of[time.Time](x, row, "occurred_at")
			if region[id] != "North" || at.Before(date("2026-06-10")) || !at.Before(date("2026-06-13")) {
				t.Fatalf("member %d of %s got points at %v", id, region[id], at)
			}
			members[id] = true
			given += of[int64](x, row, "points")
		}
	}
	r := p.fault.Realized
	if given != r.Points || len(members) != r.Members || given != int64(500*len(members)) {
		t.Errorf("%d points to %d members, the truth says %d to %d", given, len(members), r.Points, r.Members)
	}
	if rise := p.truth.Realized.Outstanding - p.truth.Planted.WithoutFaults.Outstanding; float64(rise) < 0.9*float64(given) {
		t.Errorf("the outstanding points rose by %d, of %d given", rise, given)
	}
}

func TestPointsLeak(t *testing.T) {
	leak := func(mode string, size string) pair {
		return one(t, `{"kind":"points_leak","mode":"`+mode+`","from":"2026-01-01","size":`+size+`}`)
	}
	t.Run("missing_redemptions", func(t *testing.T) {
		p := leak("missing_redemptions", "0.25")
		claimed, debited := int64(0), int64(0)
		x := p.with.table("redemptions")
		for _, row := range x.all {
			claimed += of[int64](x, row, "points")
		}
		x = p.with.table("points")
		for _, row := range x.all {
			if of[string](x, row, "kind") == "redeem" {
				debited -= of[int64](x, row, "points")
			}
		}
		if claimed-debited != p.fault.Realized.Points || p.fault.Realized.Points == 0 {
			t.Errorf("%d points claimed and not debited, the truth says %d", claimed-debited, p.fault.Realized.Points)
		}
		n := float64(p.fault.Realized.With.Redemptions)
		near(t, "the share of redemptions that leaked", float64(p.fault.Realized.Events)/n, 0.25, 4*math.Sqrt(0.25*0.75/n))
	})
	t.Run("duplicate_credits", func(t *testing.T) {
		p := leak("duplicate_credits", "0.1")
		x, times, twice, points := p.with.table("points"), map[int64]int{}, 0, int64(0)
		for _, row := range x.all {
			if of[string](x, row, "kind") == "earn" {
				order := of[int64](x, row, "order_id")
				if times[order]++; times[order] > 1 {
					twice++
					points += of[int64](x, row, "points")
				}
			}
		}
		if twice != p.fault.Realized.Events || points != p.fault.Realized.Points || twice == 0 {
			t.Errorf("%d orders credited twice, %d points, the truth says %d and %d", twice, points, p.fault.Realized.Events, p.fault.Realized.Points)
		}
	})
	t.Run("missing_expiries", func(t *testing.T) {
		p := leak("missing_expiries", "0.5")
		var sum int64
		x := p.with.table("points")
		for _, row := range x.all {
			if of[int64](x, row, "member_id") < testMemberBase {
				sum += of[int64](x, row, "points")
			}
		}
		// What the entries come to exceeds what the lots hold by the leak.
		if sum-p.truth.Realized.Outstanding != p.fault.Realized.Points || p.fault.Realized.Points == 0 {
			t.Errorf("the entries exceed the lots by %d points, the truth says %d", sum-p.truth.Realized.Outstanding, p.fault.Realized.Points)
		}
	})
	t.Run("unexplained_debits", func(t *testing.T) {
		p := leak("unexplained_debits", "30")
		x, points := p.with.table("points"), int64(0)
		for _, row := range x.all {
			if of[string](x, row, "kind") == debitKind {
				points += of[int64](x, row, "points")
			}
		}
		if points != p.fault.Realized.Points || points >= 0 {
			t.Errorf("%d points of unknown kind, the truth says %d", points, p.fault.Realized.Points)
		}
	})
}

func TestExpiryWall(t *testing.T) {
	for _, day := range []string{"2026-05-20", "2026-08-15"} {
		p := one(t, `{"kind":"expiry_wall","place":{"region":"East"},"from":"2025-07-01","to":"2026-04-01","date":"`+day+`","size":0.9}`)
		x, moved, credited, expired := p.with.table("points"), int64(0), int64(0), int64(0)
		region := column[string](p.without, "region")
		for _, row := range x.all {
			points, at := of[int64](x, row, "points"), of[time.Time](x, row, "occurred_at")
			if region[of[int64](x, row, "member_id")] != "East" {
				continue
			}
			if expires := of[time.Time](x, row, "expires_at"); !expires.IsZero() && !at.Before(date("2025-07-01")) && at.Before(date("2026-04-01")) {
				credited += points
				if expires.Equal(date(day)) {
					moved += points
				}
			}
			if of[string](x, row, "kind") == "expire" && at.Equal(date(day)) {
				expired -= points
			}
		}
		r := p.fault.Realized
		if moved != r.Points {
			t.Errorf("%d points expire on %s, the truth says %d", moved, day, r.Points)
		}
		near(t, "the share of points moved to "+day, float64(moved)/float64(credited), 0.9, 0.03)
		if day < "2026-07-01" && expired != r.PointsOnDate || r.PointsOnDate == 0 || r.PointsOnDate > moved {
			t.Errorf("%d points expired on %s, the truth says %d", expired, day, r.PointsOnDate)
		}
		// The ledger still holds together lot by lot.
		for id, entries := range x.byMember() {
			var balance int64
			for _, row := range entries {
				if balance += of[int64](x, row, "points"); balance < 0 {
					t.Fatalf("member %d: the balance falls to %d", id, balance)
				}
			}
		}
	}
}

func TestLateData(t *testing.T) {
	p := one(t, `{"kind":"late_data","place":{"feed":"orders"},"from":"2026-05-01","size":0.5,"delay_days":4}`)
	last := func(r recorder) int { return count(r, "orders", "2026-06-27", "2026-07-01", nil) }
	all := func(r recorder) int { return count(r, "orders", "2024-07-01", "2026-07-01", nil) }
	r := p.fault.Realized
	if missing := all(p.without) - all(p.with); missing != r.Missing || missing == 0 {
		t.Errorf("%d orders are missing, the truth says %d", missing, r.Missing)
	}
	// Of the late half, exp(-d/4) has not come after d days.
	near(t, "the share left of the last four days", float64(last(p.with))/float64(last(p.without)), 1-0.5*(1-math.Exp(-1)), 0.07)
	x := p.with["orders"]
	width, late := len(Tables()[3].Columns), 0
	for _, row := range x {
		at, came := row[2].(time.Time), row[width].(time.Time)
		if came.Before(at) || !came.Before(end.time()) {
			t.Fatalf("an order of %v arrived at %v", at, came)
		}
		if came.Sub(at) > 3*time.Hour {
			late++
		}
	}
	if late > r.Events-r.Missing || float64(late) < 0.97*float64(r.Events-r.Missing) {
		t.Errorf("%d orders are late, the truth says %d", late, r.Events-r.Missing)
	}
}

func TestDefinitionChange(t *testing.T) {
	p := one(t, `{"kind":"definition_change","mode":"order_status","from":"2026-01-01","size":1}`)
	coded := func(r recorder, code, from, to string) int {
		return count(r, "orders", from, to, func(x rows, row []any) bool { return of[string](x, row, "status") == code })
	}
	if n, want := coded(p.with, renamedCancelled, "2026-01-01", "2026-07-01"), coded(p.without, "cancelled", "2026-01-01", "2026-07-01"); n != want || n != p.fault.Realized.Events || n == 0 {
		t.Errorf("%d orders are recoded, want %d, the truth says %d", n, want, p.fault.Realized.Events)
	}
	if n := coded(p.with, "cancelled", "2026-01-01", "2026-07-01") + coded(p.with, renamedCancelled, "2024-07-01", "2026-01-01"); n != 0 {
		t.Errorf("%d orders carry the code of the other time", n)
	}
	p = one(t, `{"kind":"definition_change","mode":"net_with_tax","from":"2026-01-01","size":0.2}`)
	revenue := func(r recorder) (sum float64) {
		x := r.table("orders")
		for _, row := range x.all {
			if !of[time.Time](x, row, "ordered_at").Before(date("2026-01-01")) {
				sum += float64(of[Cents](x, row, "net"))
			}
		}
		return sum
	}
	near(t, "the rise of net", revenue(p.with)/revenue(p.without), 1.2, 0.001)
	p = one(t, `{"kind":"definition_change","mode":"points_kind","from":"2026-01-01","size":1}`)
	accruals := count(p.with, "points", "2026-01-01", "2026-07-01", func(x rows, row []any) bool { return of[string](x, row, "kind") == renamedEarn })
	if accruals != p.fault.Realized.Events || accruals == 0 {
		t.Errorf("%d entries are renamed, the truth says %d", accruals, p.fault.Realized.Events)
	}
}

func TestBrokenFeed(t *testing.T) {
	without, truth := record(t, Options{Members: 250, Seed: 5})
	spoil := func(mode, feed, size string) pair {
		return oneIn(t, without, truth, `{"kind":"broken_feed","mode":"`+mode+`","place":{"feed":"`+feed+`"},"from":"2025-07-01","to":"2026-04-01","size":`+size+`}`)
	}
	// What the rows alone say was spoiled, by mode.
	counts := map[string]func(p pair, feed string) int{
		"duplicates": func(p pair, feed string) int { return len(p.with[feed]) - len(p.without[feed]) },
		"colliding_ids": func(p pair, feed string) int {
			seen, n := map[any]bool{}, 0
			for _, row := range p.with[feed] {
				if seen[row[0]] {
					n++
				}
				seen[row[0]] = true
			}
			return n
		},
		"gap": func(p pair, feed string) int { return len(p.without[feed]) - len(p.with[feed]) },
		"orphans": func(p pair, feed string) int {
			x := p.with.table(feed)
			return matching(x, func(row []any) bool {
				id := of[int64](x, row, "member_id")
				return id > orphanBase && id < testMemberBase || id > orphanBase+testMemberBase
			})
		},
		"future_dates": func(p pair, feed string) int {
			x := p.with.table(feed)
			return matching(x, func(row []any) bool { return !of[time.Time](x, row, when[feed]).Before(end.time()) })
		},
		"time_travel": func(p pair, feed string) int {
			x, all := p.with.table(feed), lives(p.without)
			return matching(x, func(row []any) bool {
				id := of[int64](x, row, "member_id")
				return id != 0 && of[time.Time](x, row, when[feed]).Before(all[id].from)
			})
		},
		"impossible_tiers": func(p pair, feed string) int {
			x := p.with.table(feed)
			return matching(x, func(row []any) bool { return of[string](x, row, "tier") == "Palladium" })
		},
		"mixed_currencies": func(p pair, feed string) int {
			n := 0
			for _, row := range p.with[feed] {
				if row[len(row)-1] == "SEK" {
					n++
				}
			}
			return n
		},
	}
	differing := func(p pair, feed string) int {
		n := 0
		for i, row := range p.with[feed] {
			if !slices.Equal(row, p.without[feed][i]) {
				n++
			}
		}
		return n
	}
	for _, b := range breakages() {
		for _, feed := range b.feeds {
			size := "0.2"
			if b.mode == "time_zone_shift" {
				size = "-6"
			}
			p := spoil(b.mode, feed, size)
			got := counts[b.mode]
			if got == nil {
				got = differing
			}
			r := p.fault.Realized
			spoiled := r.Events
			if n := got(p, feed); n != spoiled || n == 0 {
				t.Errorf("%s of %s: %d rows are spoiled, the truth says %d", b.mode, feed, n, spoiled)
			}
			if b.mode != "time_zone_shift" && (feed != "orders" || b.mode != "time_travel" && b.mode != "orphans") { // which orders of no member can't show
				n := float64(r.Rows)
				near(t, "the share spoiled by "+b.mode+" of "+feed, float64(r.Events)/n, 0.2, 5*math.Sqrt(0.16/n)+1/n)
			}
			for table := range p.without {
				if table != feed && !same(p.with[table], p.without[table]) {
					t.Errorf("%s of %s: %s differs too", b.mode, feed, table)
				}
			}
		}
	}
}

func matching(x rows, keep func([]any) bool) int {
	n := 0
	for _, row := range x.all {
		if keep(row) {
			n++
		}
	}
	return n
}

// TestAll plants the example with every kind of fault.
func TestAll(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "examples", "plant.json"))
	if err != nil {
		t.Fatal(err)
	}
	p := readPlant(t, string(text))
	var kinds []string
	for _, f := range p.Faults {
		kinds = append(kinds, f.Kind)
	}
	for _, k := range Kinds() {
		if !slices.Contains(kinds, k.Name) {
			t.Errorf("the example has no %s", k.Name)
		}
	}
	o := Options{Members: 2000, Seed: 4, Plant: p}
	first := sum(t, o)
	if again := sum(t, o); again != first {
		t.Error("the same plant gave other rows")
	}
	r := recorder{}
	truth, err := Generate(t.Context(), o, r)
	if err != nil {
		t.Fatal(err)
	}
	checkTruth(t, truth)
	for _, f := range truth.Planted.Faults {
		// So small a program may have no row in some places, and what a reward
		// that can't be had prevents isn't known as an event.
		if f.Realized.Events == 0 && f.Place.Reward == 0 && f.ID != "twice" && f.ID != "survey-gap" {
			t.Errorf("%s did nothing", f.ID)
		}
	}
	for _, table := range o.Tables() {
		for _, row := range r[table.Name] {
			if len(row) != len(table.Columns) {
				t.Fatalf("%s: %d values for %d columns", table.Name, len(row), len(table.Columns))
			}
		}
	}
	if len(r["experiments"]) != len(experiments)+len(p.Experiments) {
		t.Errorf("%d experiments", len(r["experiments"]))
	}
}

// TestExperimentWithoutEffect: a plant file that only adds an experiment
// leaves every other row as it was.
func TestExperimentWithoutEffect(t *testing.T) {
	with := recorder{}
	o := Options{Members: 3000, Seed: 5, Plant: readPlant(t, `{"experiments":[{"id":"aa","from":"2026-01-01","control":"a","arms":[{"arm":"a","share":0.7},{"arm":"b","share":0.3}]}]}`)}
	truth, err := Generate(t.Context(), o, with)
	if err != nil {
		t.Fatal(err)
	}
	checkTruth(t, truth)
	without, _ := sample()
	for table, all := range without {
		if table == "experiments" || table == "assignments" {
			continue
		}
		if !same(all, with[table]) {
			t.Errorf("%s differs", table)
		}
	}
	e := truth.Experiments[2]
	n := float64(e.Units["a"] + e.Units["b"])
	near(t, "the share of arm b", float64(e.Units["b"])/n, 0.3, 4*math.Sqrt(0.21/n))
}

func TestPlantMistakes(t *testing.T) {
	drop := func(more string) string {
		return `{"faults":[{"kind":"kpi_drop","from":"2026-05-01","size":0.4` + more + `}]}`
	}
	for name, c := range map[string]struct{ text, want string }{
		"no JSON":           {`{"faults":`, "plant.json: is no JSON"},
		"empty":             {`{}`, "plant.json"},
		"unknown name":      {`{"fault":[]}`, `unknown name "fault"; valid: faults, experiments`},
		"unknown kind":      {`{"faults":[{"kind":"kpi_dorp","size":1}]}`, `plant.json.faults[0].kind: "kpi_dorp" is not a valid value; valid: kpi_drop`},
		"no size":           {`{"faults":[{"kind":"kpi_drop"}]}`, "missing 'size'"},
		"no dates":          {`{"faults":[{"kind":"kpi_drop","size":0.1}]}`, "faults[0].from: is missing"},
		"unknown region":    {drop(`,"place":{"region":"Wset"}`), `faults[0].place.region: there is no region "Wset" here; valid: West`},
		"unknown channel":   {drop(`,"place":{"channel":"fax"}`), "valid: app"},
		"unknown tier":      {drop(`,"place":{"tier":"Diamond"}`), `no tier "Diamond"`},
		"other place":       {drop(`,"place":{"feed":"orders"}`), "place.feed: doesn't go with kpi_drop"},
		"too large":         {`{"faults":[{"kind":"kpi_drop","from":"2026-05-01","size":40}]}`, "size: 40 is out of range. Choose 0 to 1"},
		"nothing":           {`{"faults":[{"kind":"kpi_drop","from":"2026-05-01","size":0}]}`, "size: 0 is out of range"},
		"before the data":   {`{"faults":[{"kind":"kpi_drop","from":"2023-05-01","size":0.1}]}`, "from: 2023-05-01 is outside the data"},
		"after the data":    {drop(`,"to":"2026-07-02"`), "to: 2026-07-02 is outside the data"},
		"backwards":         {drop(`,"to":"2026-05-01"`), "is not after from"},
		"no date":           {`{"faults":[{"kind":"kpi_drop","from":"May","size":0.1}]}`, "YYYY-MM-DD"},
		"mode":              {drop(`,"mode":"gap"`), "mode: doesn't go with kpi_drop"},
		"no mode":           {`{"faults":[{"kind":"points_leak","from":"2026-05-01","size":0.1}]}`, "no form of points_leak; valid: "},
		"feed of a mode":    {`{"faults":[{"kind":"broken_feed","mode":"colliding_ids","place":{"feed":"orders"},"from":"2026-05-01","size":0.1}]}`, "valid: members"},
		"no feed":           {`{"faults":[{"kind":"late_data","from":"2026-05-01","size":0.1}]}`, "place.feed: is missing"},
		"no experiment":     {`{"faults":[{"kind":"winner","size":0.1}]}`, "place.experiment: is missing"},
		"other experiment":  {`{"faults":[{"kind":"winner","place":{"experiment":"x"},"size":0.1}]}`, "birthday-surprise"},
		"dated experiment":  {`{"faults":[{"kind":"winner","place":{"experiment":"birthday-surprise"},"from":"2026-05-01","size":0.1}]}`, "doesn't go with winner"},
		"the control":       {`{"faults":[{"kind":"winner","place":{"experiment":"birthday-surprise","arm":"control"},"size":0.1}]}`, `"control" is the control`},
		"wall without date": {`{"faults":[{"kind":"expiry_wall","from":"2026-01-01","to":"2026-02-01","size":0.1}]}`, "date: is missing"},
		"wall too early":    {`{"faults":[{"kind":"expiry_wall","from":"2026-01-01","to":"2026-02-01","date":"2026-01-15","size":0.1}]}`, "date: 2026-01-15"},
		"half a point":      {`{"faults":[{"kind":"liability_spike","from":"2026-01-01","size":1.5}]}`, "whole number"},
		"same id":           {`{"faults":[{"id":"a","kind":"kpi_drop","from":"2026-05-01","size":0.4},{"id":"a","kind":"kpi_drop","from":"2026-05-01","size":0.4}]}`, `faults[1].id: there is a fault "a" already`},
		"shares":            {`{"experiments":[{"id":"x","from":"2026-01-01","control":"a","arms":[{"arm":"a","share":0.5},{"arm":"b","share":0.4}]}]}`, "add up to 0.9"},
		"no control":        {`{"experiments":[{"id":"x","from":"2026-01-01","control":"c","arms":[{"arm":"a","share":0.5},{"arm":"b","share":0.5}]}]}`, `"c" is no arm; valid: a, b`},
		"an arm twice":      {`{"experiments":[{"id":"x","from":"2026-01-01","control":"a","arms":[{"arm":"a","share":0.5},{"arm":"a","share":0.5}]}]}`, `arms[1].arm`},
		"taken experiment":  {`{"experiments":[{"id":"birthday-surprise","from":"2026-01-01","control":"a","arms":[{"arm":"a","share":0.5},{"arm":"b","share":0.5}]}]}`, "already"},
		"two reversals":     {`{"faults":[{"kind":"simpsons_reversal","place":{"experiment":"birthday-surprise"},"size":0.1},{"kind":"simpsons_reversal","place":{"experiment":"birthday-surprise"},"size":0.1}]}`, "reversed already"},
	} {
		_, err := ReadPlant("plant.json", []byte(c.text), schemaSet(t))
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", name, err, c.want)
		}
	}
}

func TestKindsAreDescribed(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "schemas", "plant.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Defs struct {
			Kind struct{ Enum []string }
		} `json:"$defs"`
	}
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(schema.Defs.Kind.Enum, kindNames()) {
		t.Errorf("the schema's kinds are %v, the program's %v", schema.Defs.Kind.Enum, kindNames())
	}
	usage := Usage()
	for _, k := range Kinds() {
		if k.Summary == "" || k.Size == "" || !strings.Contains(usage, k.Name) {
			t.Errorf("%s isn't described", k.Name)
		}
	}
}
