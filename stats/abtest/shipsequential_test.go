package abtest

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"loyaltymcp/stats/internal/special"
)

// Factors by which looks at equal steps raise the members of one look, two-sided at
// 5%: C. Jennison and B. W. Turnbull, "Group sequential methods", 2000, tables 2.1 to
// 2.4.
func TestPublishedLookDrift(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		looks       int
		constant    float64
		obrien      bool
		power, want float64
	}{
		{"Pocock", 2, 2.178, false, 0.8, 1.110},
		{"Pocock", 2, 2.178, false, 0.9, 1.100},
		{"Pocock", 5, 2.413, false, 0.8, 1.229},
		{"Pocock", 5, 2.413, false, 0.9, 1.207},
		{"O'Brien and Fleming", 2, 1.977, true, 0.9, 1.007},
		{"O'Brien and Fleming", 5, 2.040, true, 0.8, 1.028},
		{"O'Brien and Fleming", 5, 2.040, true, 0.9, 1.026},
	} {
		looks := make([]Look, c.looks)
		for k := range looks {
			looks[k].Information = float64(k+1) / float64(c.looks)
			looks[k].Z = c.constant
			if c.obrien {
				looks[k].Z /= math.Sqrt(looks[k].Information)
			}
		}
		if level := LookPower(looks, true, 0); math.Abs(level-0.05) > 1e-4 {
			t.Errorf("%s, %d looks: level %v, want 0.05", c.name, c.looks, level)
		}
		r := LookDrift(looks, true, c.power) / (quantileZ + special.NormalQuantile(c.power))
		if math.Abs(r*r-c.want) > 1e-3 {
			t.Errorf("%s, %d looks, power %v: %.4f times the members, want %v", c.name, c.looks, c.power, r*r, c.want)
		}
	}
}

func TestPropertyLookPower(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		information := drawInformation(t)
		alpha := rapid.Float64Range(0.001, 0.3).Draw(t, "alpha")
		two := rapid.Bool().Draw(t, "two-sided")
		looks, err := Bounds(information, alpha, two, Pocock)
		if err != nil {
			t.Fatal(err)
		}
		if level, want := LookPower(looks, two, 0), looks[len(looks)-1].Spent; !within(level, want, 1e-8) {
			t.Fatalf("level %v of %v spent", level, want)
		}
		drift := rapid.Float64Range(0, 6).Draw(t, "drift")
		power := LookPower(looks, two, drift)
		if more := LookPower(looks, two, drift+0.1); more < power || power > 1 {
			t.Fatalf("power %v at %v, %v at more", power, drift, more)
		}
		// More looks at the same bounds find more.
		if fewer := LookPower(looks[len(looks)-1:], two, drift); fewer > power+1e-9 {
			t.Fatalf("power %v, with the last look only %v", power, fewer)
		}
		if power < 1-1e-6 && drift > 0.1 {
			if got := LookDrift(looks, two, power); !within(got, drift, 1e-5) {
				t.Fatalf("drift %v for the power %v, want %v", got, power, drift)
			}
		}
	})
	one := []Look{{Information: 1, Z: 1.5}}
	if got, want := LookPower(one, false, 2), special.NormalSurvival(-0.5); !within(got, want, 1e-14) {
		t.Errorf("one look: power %v, want %v", got, want)
	}
	if got := LookDrift(one, false, 0.01); got != 0 {
		t.Errorf("power below the level: drift %v, want 0", got)
	}
}

func drawInformation(t *rapid.T) []float64 {
	steps := rapid.SliceOfN(rapid.Float64Range(0.2, 1), 1, 4).Draw(t, "steps")
	var sum float64
	for _, v := range steps {
		sum += v
	}
	total := rapid.SampledFrom([]float64{1, 0.7}).Draw(t, "information so far")
	information := make([]float64, len(steps))
	var at float64
	for k, v := range steps {
		at += v
		information[k] = math.Min(total, total*at/sum)
	}
	return information
}

func drawMetrics(t *rapid.T) []Metric {
	metrics := make([]Metric, rapid.IntRange(1, 5).Draw(t, "metrics"))
	for i := range metrics {
		se := rapid.Float64Range(0.5, 2).Draw(t, "standard error")
		m := &metrics[i]
		m.Effect = Effect{
			N: 1000, Difference: rapid.Float64Range(-4, 8).Draw(t, "difference"), Variance: se * se,
			DF: rapid.Float64Range(5, 1000).Draw(t, "degrees of freedom"), Control: 40, ControlVariance: se * se / 2, Covariance: -se * se / 2,
		}
		m.Prefer = Preference(rapid.IntRange(0, 1).Draw(t, "preference"))
		if m.Guardrail = i > 0 && rapid.Bool().Draw(t, "guardrail"); m.Guardrail {
			m.Margin = rapid.Float64Range(0.5, 5).Draw(t, "margin")
			if m.Relative = rapid.Bool().Draw(t, "relative"); m.Relative {
				m.Margin /= 40
			}
		}
	}
	return metrics
}

// shipByBounds is the rule by the bounds of the levels that Holm steps down through,
// with no p-values: at each step the level of all tests not yet rejected is the same.
type shipByBounds struct {
	rule              Rule
	better, safe, bad map[int][]Look // by the number of tests not yet rejected
}

func newShipByBounds(t *testing.T, information []float64, rule Rule, spend Spending, goals, metrics int) shipByBounds {
	s := shipByBounds{rule, map[int][]Look{}, map[int][]Look{}, map[int][]Look{}}
	bounds := func(alpha float64) []Look { return must[[]Look](t)(Bounds(information, alpha, false, spend)) }
	for m := 1; m <= goals; m++ {
		s.better[m] = bounds(rule.Alpha / float64(m*rule.Arms))
	}
	s.safe[1] = bounds(rule.Alpha)
	for m := 1; m <= metrics; m++ {
		s.bad[m] = bounds(rule.Harm / float64(m))
	}
	return s
}

// rejects returns how many of the tests, p-values by look and test, Holm rejects.
func (s shipByBounds) rejects(p [][]float64, looks map[int][]Look) int {
	n := 0
	var done []bool
	for _, v := range p[0] {
		done = append(done, math.IsNaN(v))
		n += 1 - int(indicator(math.IsNaN(v)))
	}
	rejected := 0
	for again := true; again && rejected < n; {
		again = false
		for i := range done {
			for k := range p {
				if !done[i] && p[k][i] <= special.NormalSurvival(looks[n-rejected][k].Z) {
					done[i], again = true, true
					rejected++
					break
				}
			}
			if again {
				break
			}
		}
	}
	return rejected
}

func (s shipByBounds) ship(interims []Interim) (bool, error) {
	var better, worse [][]float64
	var safe []bool
	for k, look := range interims {
		p, err := s.rule.test(look.Metrics)
		if err != nil {
			return false, err
		}
		better, worse = append(better, p.better), append(worse, p.worse)
		if safe == nil {
			safe = make([]bool, len(p.safe))
		}
		for i, v := range p.safe {
			safe[i] = safe[i] || math.IsNaN(v) || v <= special.NormalSurvival(s.safe[1][k].Z)
		}
	}
	for _, ok := range safe {
		if !ok {
			return false, nil
		}
	}
	return s.rejects(better, s.better) > 0 && s.rejects(worse, s.bad) == 0, nil
}

// The decision is that of the bounds.
func TestPropertyShipByBounds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		information := drawInformation(rt)
		metrics := drawMetrics(rt)
		goals := 0
		for _, m := range metrics {
			goals += 1 - int(indicator(m.Guardrail))
		}
		rule := Rule{Alpha: rapid.Float64Range(0.01, 0.3).Draw(rt, "alpha"), Harm: 0.02, Arms: rapid.IntRange(1, 2).Draw(rt, "arms")}
		spend := rapid.SampledFrom([]Spending{OBrienFleming, Pocock, PowerSpending(2)}).Draw(rt, "spending")
		var looks []Interim
		for _, share := range information {
			now := append([]Metric(nil), metrics...)
			for i := range now {
				now[i].Effect.Difference += rapid.Float64Range(-3, 3).Draw(rt, "difference")
			}
			looks = append(looks, Interim{share, now})
		}
		got, err := ShipSequential(looks, rule, spend, true)
		if err != nil {
			rt.Fatal(err)
		}
		want, err := newShipByBounds(t, information, rule, spend, goals, len(metrics)).ship(looks)
		if err != nil {
			rt.Fatal(err)
		}
		if got.Ship != want {
			rt.Fatalf("got %+v, by bounds %v", got, want)
		}
	})
}

// One look at all data is the fixed rule, to the last bit.
func TestPropertyShipOneLook(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		metrics := drawMetrics(t)
		rule := Rule{Alpha: rapid.Float64Range(0.001, 0.3).Draw(t, "alpha"), Harm: 0.01, Arms: rapid.IntRange(1, 3).Draw(t, "arms")}
		sound := rapid.Bool().Draw(t, "sound")
		want, err := Ship(metrics, rule, sound)
		if err != nil {
			t.Fatal(err)
		}
		for name, spend := range map[string]Spending{"O'Brien and Fleming": OBrienFleming, "Pocock": Pocock, "quadratic": PowerSpending(2)} {
			got, err := ShipSequential([]Interim{{1, metrics}}, rule, spend, sound)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("%s: got %+v, want %+v", name, got, want)
			}
		}
	})
}

// The p-value of several looks is at most a level exactly when a bound of that level
// has been crossed, whatever the level; and further looks never raise it.
func TestPropertySequentialP(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		information := drawInformation(t)
		p := make([]float64, len(information))
		for k := range p {
			p[k] = math.Pow(10, rapid.Float64Range(-8, -0.2).Draw(t, "log p"))
		}
		spend := rapid.SampledFrom([]Spending{OBrienFleming, Pocock, PowerSpending(2)}).Draw(t, "spending")
		got := sequentialP(p, information, spend)
		alpha := math.Pow(10, rapid.Float64Range(-6, -0.3).Draw(t, "log alpha"))
		looks, err := Bounds(information, alpha, false, spend)
		if err != nil {
			t.Fatal(err)
		}
		crossed := false
		for k, l := range looks {
			crossed = crossed || p[k] <= special.NormalSurvival(l.Z)
		}
		if crossed != (got <= alpha) && !within(got, alpha, 1e-7) {
			t.Fatalf("p %v, and at the level %v crossed %v", got, alpha, crossed)
		}
		if n := len(p) - 1; n > 0 {
			if before := sequentialP(p[:n], information[:n], spend); got > before*(1+1e-6) {
				t.Fatalf("p %v after %v looks, %v before the last", got, n+1, before)
			}
		}
	})
}

func TestShipSequentialErrors(t *testing.T) {
	t.Parallel()
	good := []Metric{{Effect: Effect{N: 100, Difference: 3, Variance: 1, DF: 98, Control: 1}}}
	rail := append([]Metric{{Effect: good[0].Effect, Guardrail: true, Margin: 1}}, good...)
	rule := Rule{Alpha: 0.05, Harm: 0.01, Arms: 1}
	for _, c := range []struct {
		name     string
		interims []Interim
		want     error
	}{
		{"no look", nil, ErrInformation},
		{"falling", []Interim{{0.6, good}, {0.5, good}}, ErrInformation},
		{"beyond the plan", []Interim{{0.6, good}, {1.1, good}}, ErrInformation},
		{"NaN", []Interim{{math.NaN(), good}}, ErrInformation},
		{"another metric", []Interim{{0.6, good}, {1, rail}}, ErrInterims},
		{"another margin", []Interim{{0.6, []Metric{{Effect: good[0].Effect, Guardrail: true, Margin: 2}, good[0]}}, {1, rail}}, ErrInterims},
		{"nothing known at a look", []Interim{{0.6, []Metric{{}}}, {1, good}}, ErrEffect},
		{"no goal", []Interim{{1, rail[:1]}}, ErrNoSuccess},
	} {
		if d, err := ShipSequential(c.interims, rule, OBrienFleming, true); !errors.Is(err, c.want) || d.Ship {
			t.Errorf("%s: got %+v, %v, want %v", c.name, d, err, c.want)
		}
	}
	// Far beyond any bound the p-value has a floor, and stays a decision.
	d, err := ShipSequential([]Interim{{0.5, []Metric{{Effect: Effect{N: 100, Difference: 30, Variance: 1, DF: math.Inf(1), Control: 1}}}}, {1, good}}, rule, OBrienFleming, true)
	if err != nil || !d.Ship || d.Metrics[0].P > 1e-14 {
		t.Errorf("30 standard errors at the first look: %+v, %v", d, err)
	}
}

func ExampleShipSequential() {
	effect := func(difference, se float64) Effect {
		return Effect{N: 20000, Difference: difference, Variance: se * se, DF: 19998, Control: 40, ControlVariance: se * se / 2, Covariance: -se * se / 2}
	}
	look := func(information, spend, margin float64) Interim {
		root := math.Sqrt(information)
		return Interim{information, []Metric{
			{Effect: effect(spend, 0.6/root)},
			{Effect: effect(margin, 0.4/root), Guardrail: true, Margin: 0.03, Relative: true},
		}}
	}
	rule := Rule{Alpha: 0.05, Harm: 0.01, Arms: 1}
	looks := []Interim{look(0.5, 1.8, 0.2), look(0.75, 1.9, 0.1)}
	for n := range looks {
		d, err := ShipSequential(looks[:n+1], rule, OBrienFleming, true)
		fmt.Printf("%.0f%%: better %v (p %.3f), safe %v (p %.3f), ship %v %v\n", 100*looks[n].Information, d.Better, d.Metrics[0].P, d.Safe, d.Metrics[1].P, d.Ship, err)
	}
	// Output:
	// 50%: better false (p 0.091), safe false (p 0.052), ship false <nil>
	// 75%: better true (p 0.011), safe true (p 0.008), ship true <nil>
}
