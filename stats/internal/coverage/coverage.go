// Package coverage holds the simulations under stats to what they promise: the
// level of tests, the coverage of intervals, fixed and peeked at, the recovery of
// parameters, and bias. One command runs all of them at full size,
//
//	LOYALTY_COVERAGE=long go test ./stats/... -run Coverage -v -timeout 60m
//
// and without the variable they run short, with the other tests. A gate prints a line
// with its nominal value, what was measured, and what is allowed:
//
//	gate: Newcombe: nominal 0.9500, measured 0.9521, allowed 0.9430 to 0.9564, 10000 runs
//
// What is allowed are the limits that a right method leaves once in 10,000 times, by
// the binomial distribution, so that a gate is as strict as its number of runs lets
// it be. Simulations draw from fixed seeds: none fails by chance.
package coverage

import (
	"fmt"
	"math"
	"os"
	"testing"

	"loyaltymcp/stats/internal/special"
)

// Variable is the environment variable that selects the size: "long", or "short" as
// when it is not set.
const Variable = "LOYALTY_COVERAGE"

// chance is how often a right method leaves the limits of a gate on one side.
const chance = 1e-4

// Long reports whether the simulations are to run at full size.
func Long(t testing.TB) bool {
	t.Helper()
	switch v := os.Getenv(Variable); v {
	case "long":
		return true
	case "", "short":
	default:
		t.Fatalf("%s is %q; it must be long or short", Variable, v)
	}
	return false
}

// Runs returns the number of runs: short, or long where that is asked for.
func Runs(t testing.TB, short, long int) int {
	t.Helper()
	if Long(t) {
		return long
	}
	return short
}

// Gate is a share of runs that is held to a nominal value.
type Gate struct {
	What string
	// Nominal is what the share should be. Slack is by how much the method is known
	// to be off it in samples of this size; 0 for none.
	Nominal, Slack float64
	Hits, Runs     int
}

// AtLeast fails the test when the share is below Nominal - Slack by more than chance.
func (g Gate) AtLeast(t testing.TB) { t.Helper(); g.check(t, g.lowest(), 1) }

// AtMost fails the test when the share is above Nominal + Slack by more than chance.
func (g Gate) AtMost(t testing.TB) { t.Helper(); g.check(t, 0, g.highest()) }

// Near fails the test when the share is off Nominal by more than Slack and chance.
func (g Gate) Near(t testing.TB) { t.Helper(); g.check(t, g.lowest(), g.highest()) }

func (g Gate) check(t testing.TB, low, high float64) {
	t.Helper()
	got := float64(g.Hits) / float64(g.Runs)
	line := fmt.Sprintf("gate: %s: nominal %.4f, measured %.4f, allowed %.4f to %.4f, %d runs", g.What, g.Nominal, got, low, high, g.Runs)
	if !(got >= low && got <= high) {
		t.Error(line)
		return
	}
	t.Log(line)
}

// highest returns the largest share that the binomial distribution of Nominal + Slack
// does not call too many, lowest the smallest.
func (g Gate) highest() float64 {
	p := math.Min(1, g.Nominal+g.Slack)
	lo, hi := 0, g.Runs // of the smallest k with P(X > k) <= chance
	for lo < hi {
		k := lo + (hi-lo)/2
		if special.BinomialSurvival(int64(k), int64(g.Runs), p) <= chance {
			hi = k
		} else {
			lo = k + 1
		}
	}
	return float64(lo) / float64(g.Runs)
}

func (g Gate) lowest() float64 {
	return 1 - Gate{Nominal: 1 - g.Nominal, Slack: g.Slack, Runs: g.Runs}.highest()
}

// Bias fails the test when the estimate got is off want by more than slack and four
// standard errors se of it, which leaves a right method once in 16,000 times.
func Bias(t testing.TB, what string, got, want, se, slack float64) {
	t.Helper()
	allowed := 4*se + slack
	line := fmt.Sprintf("gate: %s: nominal %.4g, measured %.4g, allowed %.4g to %.4g", what, want, got, want-allowed, want+allowed)
	if !(math.Abs(got-want) <= allowed) {
		t.Error(line)
		return
	}
	t.Log(line)
}
