package reviewexperiments

import (
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"testing/fstest"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/stats/abtest"
	"loyaltymcp/tools/metric"
	"loyaltymcp/warehouse"
)

// unitOf is what a member of the demo program did: spend and orders in 60 days, and
// in the 60 days before, and their tier at the start.
type unitOf struct {
	spend, orders, before float64
	tier                  string
}

// pool reads the members of the demo program who were open on 1 March 2026. Units
// of the simulations are drawn from them, so that their spend is as skewed, as often
// none, and as alike to that of before as a program's is.
func pool(t *testing.T) []unitOf {
	t.Helper()
	d := testdesk.Demo(t)
	s, err := d.Source.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	queries := warehouse.MustParseQueries("simulate", fstest.MapFS{"units.sql": {Data: []byte(`-- Grain: member. What they did.
SELECT m.member_id, coalesce(m.tier, '') AS tier, {{real "coalesce(o.spend, 0)"}} AS spend, {{real "coalesce(o.orders, 0)"}} AS orders, {{real "coalesce(o.spent, 0)"}} AS spent
FROM {{feed "members"}} AS m
LEFT JOIN (SELECT x.member_id, sum(CASE WHEN x.ordered_at >= TIMESTAMP '2026-03-01 00:00:00' THEN x.net END) AS spend, sum(CASE WHEN x.ordered_at >= TIMESTAMP '2026-03-01 00:00:00' THEN 1 ELSE 0 END) AS orders,
             sum(CASE WHEN x.ordered_at < TIMESTAMP '2026-03-01 00:00:00' THEN x.net END) AS spent
           FROM {{feed "orders"}} AS x WHERE x.ordered_at >= TIMESTAMP '2025-12-31 00:00:00' AND x.ordered_at < TIMESTAMP '2026-04-30 00:00:00' GROUP BY x.member_id) AS o ON o.member_id = m.member_id
WHERE m.enrolled_at < TIMESTAMP '2026-03-01 00:00:00' ORDER BY m.member_id NULLS LAST`)}})
	var out []unitOf
	err = s.Query(t.Context(), queries, "units", nil, func(row warehouse.Row) error {
		var id any
		var u unitOf
		err := row.Scan(&id, &u.tier, &u.spend, &u.orders, &u.before)
		out = append(out, u)
		return err
	})
	if err != nil || len(out) < 1000 {
		t.Fatalf("%d members: %v", len(out), err)
	}
	return out
}

// draw is a simulated experiment: n units drawn from the pool, of which the share
// share is treated, whose spend is 1+lift times as high.
type draw struct {
	units   []unitOf
	treated []bool
}

func (p simulation) draw(n int, share, lift float64) draw {
	d := draw{make([]unitOf, n), make([]bool, n)}
	for i := range d.units {
		d.units[i] = p.pool[p.random.IntN(len(p.pool))]
		if d.treated[i] = p.random.Float64() < share; d.treated[i] {
			d.units[i].spend *= 1 + lift
		}
	}
	return d
}

type simulation struct {
	pool   []unitOf
	random *rand.Rand
}

// measured reduces the draw as the engine does, by what value says of a unit; strata
// are tiers where asked for.
func (d draw) measured(value func(unitOf) float64, before, strata, binary bool) *measured {
	type key struct {
		arm, tier string
	}
	sums := map[key][]float64{}
	n := map[key]int64{}
	for i, u := range d.units {
		k := key{"control", ""}
		if d.treated[i] {
			k.arm = "new"
		}
		if strata {
			k.tier = u.tier
		}
		if sums[k] == nil {
			sums[k] = make([]float64, 5)
		}
		y, x := value(u), u.before
		for j, v := range []float64{x, x * x, y, y * y, x * y} {
			sums[k][j] += v
		}
		n[k]++
	}
	m := &measured{quantity: quantity{unit: metric.Money, binary: binary}, before: before}
	for k, s := range sums {
		p, err := abtest.PairFromSums(n[k], s[0], s[1], s[2], s[3], s[4])
		if err != nil && !errors.Is(err, abtest.ErrPrecision) {
			panic(err)
		}
		m.cells = append(m.cells, cell{arm: k.arm, stratum: k.tier, pair: p})
	}
	slices.SortFunc(m.cells, func(a, b cell) int {
		if a.stratum < b.stratum || a.stratum == b.stratum && a.arm < b.arm {
			return -1
		}
		return 1
	})
	return m
}

// ratio reduces the draw for spend per order.
func (d draw) ratio() *measured {
	rows := map[string][][4]float64{}
	for i, u := range d.units {
		arm := "control"
		if d.treated[i] {
			arm = "new"
		}
		rows[arm] = append(rows[arm], [4]float64{u.spend, u.orders, 0, 0})
	}
	m := &measured{ratio: true}
	for _, arm := range []string{"control", "new"} {
		m.cells = append(m.cells, cell{arm: arm, quad: abtest.QuadFromValues(rows[arm])})
	}
	return m
}

func spend(u unitOf) float64 { return u.spend }
func bought(u unitOf) float64 {
	if u.orders > 0 {
		return 1
	}
	return 0
}

// long reports whether the long form was asked for.
func long() bool { return os.Getenv("LOYALTY_COVERAGE") == "long" }

// rounds are how many experiments are simulated.
func rounds() int {
	if long() {
		return 10000
	}
	return 400
}

// within fails where a share of the rounds is not in the range, by more than chance
// does once in some ten thousand times.
func within(t *testing.T, what string, hits, of int, low, high float64) {
	t.Helper()
	got := float64(hits) / float64(of)
	slack := func(p float64) float64 { return 3.9 * math.Sqrt(p*(1-p)/float64(of)) }
	t.Logf("%s: %.2f %% of %d", what, 100*got, of)
	if got < low-slack(low) || got > high+slack(high) {
		t.Errorf("%s: %.2f %% of %d, want %.1f to %.1f %%", what, 100*got, of, 100*low, 100*high)
	}
}

// Tests keep their level and intervals cover, with the values of a program and the
// methods that a review uses; a long form with
//
//	LOYALTY_COVERAGE=long go test ./tools/reviewexperiments -run Simulation -v -timeout 60m
func TestSimulationLevelAndCoverage(t *testing.T) {
	t.Parallel()
	s := simulation{pool(t), rand.New(rand.NewPCG(1, 2))}
	var mean float64
	for _, u := range s.pool {
		mean += u.spend / float64(len(s.pool))
	}
	once := look{}
	for name, c := range map[string]struct {
		n           int
		share, lift float64
		of          func(draw) *measured
		true        float64
	}{
		"unadjusted":              {2000, 0.5, 0, func(d draw) *measured { return d.measured(spend, false, false, false) }, 0},
		"CUPED":                   {2000, 0.5, 0, func(d draw) *measured { return d.measured(spend, true, false, false) }, 0},
		"CUPED, strata":           {2000, 0.5, 0, func(d draw) *measured { return d.measured(spend, true, true, false) }, 0},
		"CUPED, strata, 10:90":    {4000, 0.9, 0, func(d draw) *measured { return d.measured(spend, true, true, false) }, 0},
		"CUPED, strata, lift 0.3": {2000, 0.5, 0.3, func(d draw) *measured { return d.measured(spend, true, true, false) }, 0.3 * mean},
		"share, score test":       {2000, 0.5, 0, func(d draw) *measured { return d.measured(bought, false, false, true) }, 0},
		"share, CUPED":            {2000, 0.5, 0, func(d draw) *measured { return d.measured(bought, true, true, true) }, 0},
		"ratio, delta method":     {4000, 0.5, 0, func(d draw) *measured { return d.ratio() }, 0},
	} {
		rejected, covered, lifted, liftsKnown := 0, 0, 0, 0
		for range rounds() {
			e, err := c.of(s.draw(c.n, c.share, c.lift)).estimate("control", "new", nil)
			if err != nil {
				t.Fatal(err)
			}
			i := once.infer(e, 0.95)
			if i.p <= alpha {
				rejected++
			}
			if i.low <= c.true && c.true <= i.high {
				covered++
			}
			if i.liftOK && i.lift.Bounded {
				liftsKnown++
				if i.lift.Low <= c.lift && c.lift <= i.lift.High {
					lifted++
				}
			}
		}
		if c.lift == 0 {
			within(t, name+": A/A tests rejected", rejected, rounds(), 0.04, 0.06)
		}
		within(t, name+": differences covered", covered, rounds(), 0.94, 0.96)
		within(t, name+": lifts covered", lifted, liftsKnown, 0.94, 0.965)
	}
}

// Peeked at each of 30 days, the confidence sequence rejects at most 5 % of the A/A
// tests, where the fixed test rejects many more; and the lift is covered at all
// looks at once.
func TestSimulationPeeking(t *testing.T) {
	t.Parallel()
	s := simulation{pool(t), rand.New(rand.NewPCG(3, 4))}
	const days, perDay = 30, 200
	always, once := look{anytime: true, tuning: abtest.DefaultTuning}, look{}
	n := rounds() / 4
	fixed, anytime, lifts := 0, 0, 0
	for range n {
		all := s.draw(days*perDay, 0.5, 0)
		var fixedHit, anyHit, liftMissed bool
		for day := 1; day <= days; day++ {
			d := draw{all.units[:day*perDay], all.treated[:day*perDay]}
			e, err := d.measured(spend, true, false, false).estimate("control", "new", nil)
			if err != nil {
				t.Fatal(err)
			}
			fixedHit = fixedHit || once.infer(e, 0.95).p <= alpha
			i := always.infer(e, 0.95)
			anyHit = anyHit || i.p <= alpha
			liftMissed = liftMissed || i.liftOK && i.lift.Bounded && (i.lift.Low > 0 || i.lift.High < 0)
		}
		for hit, count := range map[*bool]*int{&fixedHit: &fixed, &anyHit: &anytime, &liftMissed: &lifts} {
			if *hit {
				*count++
			}
		}
	}
	within(t, "A/A tests rejected at any of 30 looks, confidence sequence", anytime, n, 0, 0.05)
	within(t, "lifts missed at any of 30 looks, Fieller's confidence sequence", lifts, n, 0, 0.05)
	within(t, "A/A tests rejected at any of 30 looks, fixed test", fixed, n, 0.12, 0.45)
}

// A guardrail that is worse by just its margin passes at most 2.5 % of the time.
func TestSimulationGuardrail(t *testing.T) {
	t.Parallel()
	s := simulation{pool(t), rand.New(rand.NewPCG(5, 6))}
	const margin = 0.2
	for name, l := range map[string]look{"fixed": {}, "anytime": {anytime: true, tuning: abtest.DefaultTuning}} {
		passed := 0
		for range rounds() {
			e, err := s.draw(2000, 0.5, -margin).measured(spend, true, true, false).estimate("control", "new", nil)
			if err != nil {
				t.Fatal(err)
			}
			if l.notWorse(e, false, margin, true) <= oneSided {
				passed++
			}
		}
		low := 0.02
		if l.anytime {
			low = 0
		}
		within(t, name+": guardrails at their margin passed", passed, rounds(), low, 0.03)
	}
}

// A test of the size that the planner asks for finds the lift it was planned for as
// often as promised.
func TestSimulationPower(t *testing.T) {
	t.Parallel()
	s := simulation{pool(t), rand.New(rand.NewPCG(7, 8))}
	const lift, promised = 0.25, 0.8
	// As a first test shows them: the mean of control and the variance left.
	first, err := s.draw(20000, 0.5, 0).measured(spend, true, true, false).estimate("control", "new", nil)
	if err != nil {
		t.Fatal(err)
	}
	design := abtest.Design{Control: 0.5, Treatment: 0.5, Mean: first.control, Variance: first.samples[0].Variance() * (1 - first.reduction()), Alpha: alpha}
	// What is treated spends more, and varies more: the planner does not know, and is
	// told here by the effect as it is in the pool.
	n, err := design.RequiredN(lift*first.control, promised)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for range rounds() {
		d := s.draw(int(n), 0.5, 0)
		for i := range d.units { // an additive lift, as it is planned for
			if d.treated[i] {
				d.units[i].spend += lift * first.control
			}
		}
		e, err := d.measured(spend, true, true, false).estimate("control", "new", nil)
		if err != nil {
			t.Fatal(err)
		}
		if (look{}).infer(e, 0.95).p <= alpha {
			found++
		}
	}
	within(t, "planned lifts found", found, rounds(), promised-0.03, promised+0.03)
}
