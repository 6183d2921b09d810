package drivers

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// MaxDimensions is how many dimensions a change is split by at once: the work
// grows with their factorial, and cells of more are mostly empty.
const MaxDimensions = 4

// check returns an error unless the cells are a table of the dimensions, each
// cell once, with values that can be split.
func check(dimensions []string, cells []Cell) error {
	switch {
	case len(dimensions) == 0:
		return errors.New("drivers: no dimension; name at least one that the cells are split by")
	case len(dimensions) > MaxDimensions:
		return fmt.Errorf("drivers: %d dimensions; at most %d can be split by at once", len(dimensions), MaxDimensions)
	case len(cells) == 0:
		return fmt.Errorf("drivers: no cell of %s; a change is split over at least one", strings.Join(dimensions, ", "))
	}
	seen := map[string]bool{}
	for _, c := range cells {
		if len(c.Labels) != len(dimensions) {
			return fmt.Errorf("drivers: cell %q has %d labels for %d dimensions (%s)", c.Labels, len(c.Labels), len(dimensions), strings.Join(dimensions, ", "))
		}
		k := key(c.Labels)
		if seen[k] {
			return fmt.Errorf("drivers: cell %q stands twice; add up what it holds first", c.Labels)
		}
		seen[k] = true
		for _, v := range []struct {
			window, what string
			value        float64
		}{
			{"before", "numerator", c.Before.Numerator}, {"before", "denominator", c.Before.Denominator},
			{"now", "numerator", c.Now.Numerator}, {"now", "denominator", c.Now.Denominator},
		} {
			if math.IsNaN(v.value) || math.IsInf(v.value, 0) {
				return fmt.Errorf("drivers: the %s of cell %q %s is %v; values are finite, and a cell that holds nothing holds 0", v.what, c.Labels, v.window, v.value)
			}
			if v.what == "denominator" && v.value < 0 {
				return fmt.Errorf("drivers: the denominator of cell %q %s is %v; a share of it means nothing when it is negative", c.Labels, v.window, v.value)
			}
		}
	}
	return nil
}

// key names a cell unmistakably.
func key(labels []string) string {
	k := ""
	for _, l := range labels {
		k += strconv.Quote(l)
	}
	return k
}

// in returns what the cell holds in a window: 0 is before, 1 now.
func (c Cell) in(window int) Part {
	if window == 0 {
		return c.Before
	}
	return c.Now
}
