package run_test

import (
	"math"
	"strings"
	"testing"

	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
)

func TestCites(t *testing.T) {
	for _, c := range []struct {
		value   float64
		written string
		want    bool
	}{
		// Exact, however written.
		{0.256798, "0.256798", true}, {0.256798, "2.56798e-1", true}, {12, "12", true}, {12, "12.0", true}, {0, "0", true}, {0, "-0", true}, {5, "5", true},
		{100, "1e2", true}, {1.0 / 3, "0.3333333333333333", true},
		// Rounded to what was written.
		{0.256798, "0.2568", true}, {0.256798, "0.257", true}, {1234567, "1.23e6", true}, {1234567, "1.235e6", true}, {1234567.4, "1234567", true},
		{123.4, "123", true}, {99.96, "100.0", true},
		// Not rounded but cut, or wrong.
		{0.256798, "0.256", false}, {0.256798, "0.258", false}, {0.256798, "0.25680", true}, {0.256798, "0.25679", false}, {1234567, "1.22e6", false},
		{1234567, "1234568", false}, {1234567, "1230000", false},
		// Too few digits to be a quotation.
		{0.256798, "0.26", false}, {0.256798, "0.3", false}, {0.256798, "0", false}, {12.4, "12", false}, {1234567, "1.2e6", false}, {1234567, "1e6", false},
		{0.0123, "0.012", false}, {0.01234, "0.0123", true}, {0.00004, "0.0000", false}, {100.4, "100", false},
		// A percentage is not the fraction.
		{0.256798, "25.68", false}, {0.256798, "25.6798", false}, {25.6798, "0.257", false},
		// Signs.
		{-0.123456, "-0.123", true}, {-0.123456, "0.123", false}, {0.123456, "-0.123", false}, {-1234567, "-1.235e6", true}, {0.123456, "+0.123", true},
		// Huge and tiny.
		{9007199254740993, "9007199254740993", true}, {1e18, "1000000000000000000", true}, {1.23456e18, "1.235e18", true}, {1.23456e18, "1.236e18", false},
		{5e-324, "5e-324", true}, {1e-12, "2e-12", false}, {1e-12, "0", false}, {0, "0.0001", false},
		// No numbers.
		{1, "", false}, {1, "one", false}, {1, "1,0", false}, {1, "NaN", false}, {math.MaxFloat64, "Inf", false}, {1, "1e400", false}, {1, "--1", false}, {1, "1 ", false},
		{0.5, "1e-99999999999999999999", false}, {0.5, "0e99999999999999999999", false},
		{0.5, "000e5", false}, {0.5, "123456e400", false},
	} {
		p := run.Point{ID: "metrics/x", Value: c.value, Unit: metric.Share}
		if got := p.Cites(c.written); got != c.want {
			t.Errorf("%q cites %v = %v, want %v", c.written, c.value, got, c.want)
		}
	}
}

// An exponent too long to be read as a number leaves the precision unknown,
// and what is far from the value must not pass for it.
func TestCitesAbsurdExponent(t *testing.T) {
	p := run.Point{ID: "metrics/x", Value: 0.5, Unit: metric.Share}
	if written := "123e-99999999999999999999"; p.Cites(written) {
		t.Errorf("%q cites 0.5", written)
	}
}

// A long exponent must not cost time or memory.
func TestCitesLongText(t *testing.T) {
	p := run.Point{Value: 0.5}
	for _, written := range []string{"0." + strings.Repeat("5", 1<<20), "1" + strings.Repeat("0", 1<<20), "1e" + strings.Repeat("9", 1<<20)} {
		if p.Cites(written) {
			t.Errorf("%.20s... cites 0.5", written)
		}
	}
}

func TestRound(t *testing.T) {
	for _, c := range []struct{ x, want float64 }{
		{0.1234564, 0.123456}, {0.1234566, 0.123457}, {-0.1234566, -0.123457}, {2, 2}, {1e-9, 0}, {1e15 + 0.125, 1e15 + 0.125},
	} {
		if got := run.Round(c.x); got == nil || *got != c.want {
			t.Errorf("Round(%v) = %v, want %v", c.x, show(got), c.want)
		}
	}
	if got := run.Round(-1e-9); got == nil || math.Signbit(*got) {
		t.Errorf("Round(-1e-9) = %v, want 0 without a sign", show(got))
	}
	for _, x := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if got := run.Round(x); got != nil {
			t.Errorf("Round(%v) = %v, want nil", x, *got)
		}
	}
}

func TestSignificant(t *testing.T) {
	for _, c := range []struct{ x, want float64 }{{0.000012345678, 0.00001235}, {123456, 123500}, {0, 0}} {
		if got := run.Significant(c.x); got == nil || *got != c.want {
			t.Errorf("Significant(%v) = %v, want %v", c.x, show(got), c.want)
		}
	}
	if got := run.Significant(math.NaN()); got != nil {
		t.Errorf("Significant(NaN) = %v, want nil", *got)
	}
}

// Labels come from the data and end in reports that agents read: one line,
// nothing invisible, and no two of them the same by being cut.
func TestLabel(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"Gold", "Gold"}, {"", "(unknown)"}, {"a\nb\tc\x00d", "a b c d#"}, {"a\u202eb\u200bc", "a b c#"}, {"\xffx", "\uFFFDx#"},
		{strings.Repeat("é", 61), strings.Repeat("é", 60) + "…#"}, {strings.Repeat("é", 60), strings.Repeat("é", 60)},
	} {
		got := run.Label(c.text)
		if strings.HasSuffix(c.want, "#") && len(got) == len(c.want)+4 {
			got = got[:len(c.want)]
		}
		if got != c.want {
			t.Errorf("Label(%q) = %q, want %q", c.text, got, c.want)
		}
	}
	long := strings.Repeat("x", 60)
	if a, b := run.Label(long+"a"), run.Label(long+"b"); a == b {
		t.Errorf("two labels become one: %q", a)
	}
}

func TestShow(t *testing.T) {
	number := func(x float64) *float64 { return &x }
	for _, c := range []struct {
		value *float64
		unit  metric.Unit
		want  string
	}{
		{nil, metric.Count, "n/a"}, {number(0.2568), metric.Share, "25.68 %"}, {number(6502486), metric.Points, "6,502,486"}, {number(135229.4), metric.Money, "CAD 135,229"},
		{number(999), metric.Count, "999"}, {number(1000), metric.Count, "1,000"}, {number(-1234567), metric.Count, "-1,234,567"}, {number(12.5), metric.Money, "CAD 12.50"},
		{number(-0.4), metric.Count, "0"}, {number(0.1234), metric.Score, "0.123"}, {number(-1234.5678), metric.Score, "-1,234.568"},
	} {
		if got := run.Show(c.value, c.unit, "CAD"); got != c.want {
			t.Errorf("Show(%v, %s) = %q, want %q", show(c.value), c.unit, got, c.want)
		}
	}
	if got := run.ShowChange(number(-0.031)); got != "-3.1 %" {
		t.Errorf("ShowChange = %q, want -3.1 %%", got)
	}
}

func TestProportion(t *testing.T) {
	f := run.Proportion("health/x", "X", 3, 0)
	if f.Value != nil || f.Reason == "" || f.Interval != nil {
		t.Errorf("3 of 0 = %+v, want unknown with a reason", f)
	}
	f = run.Proportion("health/x", "X", 10, 40)
	// Wilson by hand: centre (p + z²/2n)/(1 + z²/n), z = 1.959964.
	if f.Value == nil || *f.Value != 0.25 || f.Interval == nil || *f.Interval != [2]float64{0.141871, 0.40194} {
		t.Errorf("10 of 40 = %v in %v, want 0.25 in [0.141871 0.40194]", show(f.Value), f.Interval)
	}
}
