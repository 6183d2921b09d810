package reserve

import (
	"fmt"
	"math"
	"testing"
)

// Triangles and results that have been published, so that a clone alone proves
// something.

// taylorAshe is Taylor and Ashe (1983), as Mack (1993) and England and Verrall
// (1999) use it; raa the automatic facultative business of Mack (1994), and
// merzWuthrich the triangle of Merz and Wüthrich (2008).
var (
	taylorAshe = [][]float64{
		{357848, 1124788, 1735330, 2218270, 2745596, 3319994, 3466336, 3606286, 3833515, 3901463},
		{352118, 1236139, 2170033, 3353322, 3799067, 4120063, 4647867, 4914039, 5339085},
		{290507, 1292306, 2218525, 3235179, 3985995, 4132918, 4628910, 4909315},
		{310608, 1418858, 2195047, 3757447, 4029929, 4381982, 4588268},
		{443160, 1136350, 2128333, 2897821, 3402672, 3873311},
		{396132, 1333217, 2180715, 2985752, 3691712},
		{440832, 1288463, 2419861, 3483130},
		{359480, 1421128, 2864498},
		{376686, 1363294},
		{344014},
	}
	raa = [][]float64{
		{5012, 8269, 10907, 11805, 13539, 16181, 18009, 18608, 18662, 18834},
		{106, 4285, 5396, 10666, 13782, 15599, 15496, 16169, 16704},
		{3410, 8992, 13873, 16141, 18735, 22214, 22863, 23466},
		{5655, 11555, 15766, 21266, 23425, 26083, 27067},
		{1092, 9565, 15836, 22169, 25955, 26180},
		{1513, 6445, 11702, 12935, 15852},
		{557, 4020, 10946, 12314},
		{1351, 6947, 13112},
		{3133, 5395},
		{2063},
	}
	merzWuthrich = [][]float64{
		{2202584, 3210449, 3468122, 3545070, 3621627, 3644636, 3669012, 3674511, 3678633},
		{2350650, 3553023, 3783846, 3840067, 3865187, 3878744, 3898281, 3902425},
		{2321885, 3424190, 3700876, 3798198, 3854755, 3878993, 3898825},
		{2171487, 3165274, 3395841, 3466453, 3515703, 3548422},
		{2140328, 3157079, 3399262, 3500520, 3585812},
		{2290664, 3338197, 3550332, 3641036},
		{2148216, 3219775, 3428335},
		{2143728, 3158581},
		{2144738},
	}
)

func triangle(t testing.TB, rows [][]float64) *Triangle {
	t.Helper()
	tri, err := NewTriangle(rows)
	if err != nil {
		t.Fatal(err)
	}
	return tri
}

func TestPublishedMack(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name        string
		rows        [][]float64
		rule        SigmaRule
		reserve, se float64
	}{
		{"Mack 1993", taylorAshe, MinRule, 18_680_856, 2_447_095},
		{"Mack 1993, log-linear", taylorAshe, LogLinear, 18_680_856, 2_441_364},
		{"Mack 1994", raa, MinRule, 52_135, 26_909},
		{"Mack 1994, log-linear", raa, LogLinear, 52_135, 26_881},
		{"Merz and Wüthrich 2008", merzWuthrich, MinRule, 2_237_826, 108_401},
	} {
		m, err := Mack(triangle(t, tt.rows), MackOptions{Sigma: tt.rule})
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(m.Total.Reserve-tt.reserve) > 0.5 || math.Abs(m.Total.SE-tt.se) > 0.5 {
			t.Errorf("%s: reserve %.1f, se %.1f, want %.0f, %.0f", tt.name, m.Total.Reserve, m.Total.SE, tt.reserve, tt.se)
		}
	}
}

func TestPublishedMerzWuthrich(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		rows [][]float64
		want float64
	}{{"Merz and Wüthrich 2008", merzWuthrich, 81_080.5}, {"Taylor and Ashe", taylorAshe, 1_778_968}} {
		got, err := MerzWuthrich(triangle(t, tt.rows), MinRule)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(got.Total-tt.want) > 0.5 {
			t.Errorf("%s: %.1f, want %.1f", tt.name, got.Total, tt.want)
		}
	}
}

// England and Verrall (1999, 2002) have a prediction error of 16% for the over-
// dispersed Poisson model, from a scale of 52,601.
func TestPublishedODP(t *testing.T) {
	t.Parallel()
	fit, err := ODP(triangle(t, taylorAshe))
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(fit.Dispersion-52_601) > 1 || math.Abs(fit.Total.SE/fit.Total.Reserve-0.16) > 0.005 {
		t.Errorf("dispersion %.0f, se %.4f of the reserve, want 52601 and 0.16", fit.Dispersion, fit.Total.SE/fit.Total.Reserve)
	}
}

// Mack (1994): in the RAA triangle Z is 14 and T is 0.0696, both within range.
func TestPublishedTests(t *testing.T) {
	t.Parallel()
	tri := triangle(t, raa)
	c, err := CalendarTest(tri)
	if err != nil {
		t.Fatal(err)
	}
	r, err := CorrelationTest(tri)
	if err != nil {
		t.Fatal(err)
	}
	if c.Statistic != 14 || math.Abs(c.Mean-12.875) > 1e-12 || math.Abs(c.Variance-3.9785) > 5e-5 || c.Rejects() {
		t.Errorf("calendar test %+v, want 14 of 12.875, variance 3.9785", c)
	}
	if math.Abs(r.Statistic-0.0696) > 5e-5 || math.Abs(r.Variance-1.0/28) > 1e-15 || r.Rejects() {
		t.Errorf("correlation test %+v, want 0.0696, variance 1/28", r)
	}
}

// A campaign in one calendar month makes all factors of its diagonal large.
func TestCalendarTestFindsACampaign(t *testing.T) {
	t.Parallel()
	const n = 14
	rows := make([][]float64, n)
	for i := range rows {
		sum := 100.0
		for j := range n - i {
			f := 1 + 0.5/float64(1+j) + 0.001*math.Sin(float64(7*i+3*j))
			if (i+j)%12 >= 10 {
				f += 0.1
			}
			if j > 0 {
				sum *= f
			}
			rows[i] = append(rows[i], sum)
		}
	}
	r, err := CalendarTest(triangle(t, rows))
	if err != nil {
		t.Fatal(err)
	}
	if !r.Rejects() || r.Statistic > r.Mean {
		t.Errorf("got %+v, want a rejection", r)
	}
}

func ExampleMack() {
	t, _ := NewTriangle([][]float64{
		{1200, 3100, 4000, 4400, 4550},
		{1300, 3300, 4350, 4800},
		{1150, 3050, 3900},
		{1400, 3600},
		{1250},
	})
	m, err := Mack(t, MackOptions{})
	for _, o := range m.Origins {
		fmt.Printf("%6.0f to come, se %4.0f\n", o.Reserve, o.SE)
	}
	fmt.Printf("%6.0f in all, se %4.0f %v\n", m.Total.Reserve, m.Total.SE, err)
	// Output:
	//      0 to come, se    0
	//    164 to come, se    2
	//    543 to come, se   12
	//   1717 to come, se   93
	//   3521 to come, se  130
	//   5945 in all, se  174 <nil>
}

func ExampleTriangle_BornhuetterFerguson() {
	t, _ := NewTriangle([][]float64{
		{1200, 3100, 4000, 4400},
		{1300, 3300, 4350},
		{1150, 3050},
		{400}, // a month that is hardly known
	})
	issued := []float64{6000, 6500, 6000, 6000}
	f, _ := t.Factors(Volume, 0)
	cdf := ToUltimate(f, 1)
	rate, _ := t.CapeCod(cdf, issued, 1)
	fmt.Printf("%.3f\n%.0f\n%.0f\n", rate[3], t.ChainLadder(cdf), t.BornhuetterFerguson(cdf, issued, rate, 1))
	// Output:
	// 0.689
	// [4400 4785 4377 1486]
	// [4400 4757 4304 3422]
}

func ExampleClark() {
	t, _ := NewTriangle([][]float64{
		{1200, 3100, 4000, 4400, 4550},
		{1300, 3300, 4350, 4800},
		{1150, 3050, 3900},
		{1400, 3600},
		{1250},
	})
	issued := []float64{6000, 6500, 5900, 7000, 6300}
	for _, growth := range []Growth{LogLogistic, Weibull} {
		c, err := Clark(t, ClarkOptions{Growth: growth, Exposure: issued})
		fmt.Printf("rate %.2f, %.0f to come, se %.0f %v\n", c.Rate, c.Total.Reserve, c.Total.SE, err)
	}
	// Output:
	// rate 0.87, 9517 to come, se 561 <nil>
	// rate 0.77, 6423 to come, se 133 <nil>
}
