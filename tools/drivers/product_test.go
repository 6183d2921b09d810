package drivers_test

import (
	"testing"

	"loyaltymcp/tools/drivers"
)

// Table 2.1 of Das Gupta (1993): mean earnings of black and white men, US
// 1980, as earnings per earner times the share who earn. The effect of a factor
// of two is its change times the mean of the other.
func TestPublishedProduct(t *testing.T) {
	d, err := drivers.Product([]drivers.Factor{{Name: "earnings", Before: 10930, Now: 16591}, {Name: "earners", Before: 0.717892, Now: 0.825974}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"before", d.Before, 10930 * 0.717892}, {"now", d.Now, 16591 * 0.825974},
		{"earnings", driver(t, d, "earnings").Total, (16591 - 10930) * (0.717892 + 0.825974) / 2},
		{"earners", driver(t, d, "earners").Total, (0.825974 - 0.717892) * (10930 + 16591) / 2},
	} {
		if !near(c.got, c.want) {
			t.Errorf("%s = %v, want %v", c.name, c.got, c.want)
		}
	}
	if d.Drivers[0].Labels[0] != "earnings" {
		t.Errorf("largest effect is of %s, want earnings", d.Drivers[0].Labels)
	}
}

// A factor that goes to zero takes all with it, and the effects still sum.
func TestFactorOfZero(t *testing.T) {
	d, err := drivers.Product([]drivers.Factor{{Name: "a", Before: 3, Now: 0}, {Name: "b", Before: 2, Now: 4}})
	if err != nil {
		t.Fatal(err)
	}
	if a, b := driver(t, d, "a").Total, driver(t, d, "b").Total; !near(a, -9) || !near(b, 3) || d.Change != -6 {
		t.Errorf("effects %v and %v of %v, want -9 and 3 of -6", a, b, d.Change)
	}
}
