package warehouse_test

import (
	"encoding/json"
	"math"
	"testing"

	"loyaltymcp/warehouse"
)

func TestExactString(t *testing.T) {
	for _, c := range []struct {
		e    warehouse.Exact
		want string
	}{
		{0, "0"}, {1, "0.0001"}, {-1, "-0.0001"}, {10, "0.001"}, {100, "0.01"}, {5000, "0.5"}, {10_000, "1"}, {-10_000, "-1"}, {12_345, "1.2345"}, {-12_300, "-1.23"},
		{100_000_000, "10000"}, {1_000_001, "100.0001"}, {math.MaxInt64, "922337203685477.5807"}, {math.MinInt64, "-922337203685477.5808"},
	} {
		if got := c.e.String(); got != c.want {
			t.Errorf("String of %d = %s, want %s", int64(c.e), got, c.want)
		}
	}
	if got := warehouse.Exact(12_345).Float(); got != 1.2345 {
		t.Errorf("Float = %v, want 1.2345", got)
	}
}

func roundTrip(t *testing.T, e warehouse.Exact) {
	t.Helper()
	text, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	var got warehouse.Exact
	if err := json.Unmarshal(text, &got); err != nil || got != e {
		t.Errorf("%d through %s = %d, %v", int64(e), text, int64(got), err)
	}
}

func TestExactThroughJSON(t *testing.T) {
	for _, e := range []warehouse.Exact{0, 1, -1, 7, -9999, 10_000, 12_345, -12_345, 333_333, 65_024_860_000, 1_234_567_890_123, -1_234_567_890_123} {
		roundTrip(t, e)
	}
	for digits := range warehouse.Exact(20_000) {
		roundTrip(t, 1_000_000_000+digits)
	}
}

// A run keeps its sums as JSON: the second reading of a large one must be the
// first to the last digit.
func TestLargeExactThroughJSON(t *testing.T) {
	for _, e := range []warehouse.Exact{9_007_199_254_740_993, -9_007_199_254_740_993, 1_000_000_000_000_000_001, math.MaxInt64, math.MinInt64} {
		roundTrip(t, e)
	}
}

func TestExactReadsNumbers(t *testing.T) {
	for _, c := range []struct {
		text string
		want warehouse.Exact
	}{{"1.5", 15_000}, {"-0.5", -5000}, {"0", 0}, {"2.0000", 20_000}} {
		var got warehouse.Exact
		if err := json.Unmarshal([]byte(c.text), &got); err != nil || got != c.want {
			t.Errorf("%s = %d, %v, want %d", c.text, int64(got), err, int64(c.want))
		}
	}
	for _, text := range []string{`"one"`, `true`, `{}`, `1e999`, `1e3`, `-0.00005`} {
		var got warehouse.Exact
		if err := json.Unmarshal([]byte(text), &got); err == nil {
			t.Errorf("%s = %d, want an error", text, int64(got))
		}
	}
}
