package trend

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Kind is the rule by which a KPI's buckets make the value of a window.
type Kind string

// The kinds of KPI.
const (
	Flow  Kind = "flow"  // sum of the numerators
	Ratio Kind = "ratio" // sum of the numerators over sum of the denominators
	Stock Kind = "stock" // the numerator of the last bucket: the level at its end
)

// Bucket is a KPI in one step of its series, a day or a week.
type Bucket struct {
	Start       time.Time // midnight in the program's time zone
	Numerator   float64   // of a stock the level at the end of the step
	Denominator float64   // of a ratio; not negative
	// N is how many units are behind the numerator of a flow (orders behind
	// revenue) and the denominator of a ratio (answers behind a mean score). It
	// says how much chance alone explains; 0 throughout where it is not known.
	N     float64
	Known bool // false where the data hold no answer; the rest is ignored then
}

// largest bounds the values, so that sums over all of a series stay finite.
const largest = 1e290

// check returns how many buckets make a week.
func check(kind Kind, buckets []Bucket, start int) (cycle int, err error) {
	switch kind {
	case Flow, Ratio, Stock:
	default:
		return 0, fmt.Errorf("trend: kind %q; valid are %q, %q and %q", kind, Flow, Ratio, Stock)
	}
	if start < 0 || start >= len(buckets) {
		return 0, fmt.Errorf("trend: the window starts at bucket %d of %d; it has at least the last one", start, len(buckets))
	}
	if len(buckets) < 2 {
		return 0, errors.New("trend: one bucket has no step; give its history too")
	}
	step := 0
	for i, b := range buckets {
		if i > 0 {
			days := int(civil(b.Start).Sub(civil(buckets[i-1].Start)) / (24 * time.Hour))
			if step == 0 {
				step = days
			}
			if days != step || step != 1 && step != 7 {
				return 0, fmt.Errorf("trend: bucket %d starts %d days after the one before; all are a day apart, or all a week", i, days)
			}
		}
		if !b.Known {
			continue
		}
		for i, v := range [...]float64{b.Numerator, b.Denominator, b.N} {
			if math.IsNaN(v) || math.Abs(v) > largest {
				name := [...]string{"numerator", "denominator", "n"}[i]
				return 0, fmt.Errorf("trend: the %s of %s is %v; valid are numbers up to %v", name, b.Start.Format(time.DateOnly), v, float64(largest))
			}
		}
		if b.N < 0 || kind == Ratio && b.Denominator < 0 {
			return 0, fmt.Errorf("trend: %s has a denominator of %v and n of %v; neither is below 0", b.Start.Format(time.DateOnly), b.Denominator, b.N)
		}
	}
	return 7 / step, nil
}

// civil drops the zone, so that days of 23 or 25 hours count as days.
func civil(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// valueOf returns a KPI's value over buckets, the last of which is known where
// it is a stock.
func valueOf(kind Kind, buckets []Bucket) float64 {
	if kind == Stock {
		return buckets[len(buckets)-1].Numerator
	}
	y, x := 0.0, 0.0
	for _, b := range buckets {
		if b.Known {
			y, x = y+b.Numerator, x+b.Denominator
		}
	}
	if kind == Ratio {
		return y / x
	}
	return y
}
