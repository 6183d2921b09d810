package reserve

import (
	"math"
	"testing"
	"time"
)

// feed turns the bytes of a fuzzer into numbers, among them awkward ones.
type feed []byte

func (f *feed) byte() int {
	if len(*f) == 0 {
		return 0
	}
	b := (*f)[0]
	*f = (*f)[1:]
	return int(b)
}

func (f *feed) number() float64 {
	switch b := f.byte(); {
	case b == 255:
		return math.NaN()
	case b == 254:
		return math.Inf(1)
	case b == 253:
		return 1e300
	case b == 252:
		return 1e-300
	case b == 251:
		return -1
	case b < 20:
		return 0
	default:
		return float64(b) * float64(1+f.byte())
	}
}

func finite(t *testing.T, what string, values ...float64) {
	t.Helper()
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			t.Fatalf("%s: %g without an error", what, values)
		}
	}
}

func FuzzTriangle(f *testing.F) {
	f.Add([]byte{4, 1, 30, 1, 40, 1, 50, 1, 60, 1, 20, 1, 40, 1, 45, 1, 33, 1, 60, 1, 70, 2})
	f.Add([]byte{6, 2})
	f.Fuzz(func(t *testing.T, b []byte) {
		in := feed(b)
		ages, complete := 1+in.byte()%10, 1+in.byte()%3
		var rows [][]float64
		for n := ages + complete - 1; n >= 1; n-- {
			row := make([]float64, min(n, ages))
			for j := range row {
				row[j] = in.number()
			}
			rows = append(rows, row)
		}
		tri, err := FromIncrements(rows)
		if err != nil {
			return
		}
		small := true // sums and squares stay within float64
		for _, row := range tri.cum {
			for _, v := range row {
				small = small && (v == 0 || v > 1e-100 && v < 1e100)
			}
		}
		for _, o := range []MackOptions{{}, {Average: Simple}, {Average: Regression, Sigma: LogLinear}, {Tail: TailFactor{1.1, 0.1, 3}, Independence: true}} {
			if m, err := Mack(tri, o); err == nil && small {
				finite(t, "Mack", m.Total.Reserve, m.Total.SE, m.Total.Process, m.Total.Parameter)
			}
		}
		if y, err := MerzWuthrich(tri, MinRule); err == nil && small {
			finite(t, "Merz and Wüthrich", y.Total)
		}
		if o, err := ODP(tri); err == nil && small {
			finite(t, "ODP", o.Total.Reserve, o.Total.SE, o.Dispersion)
		}
		exposure := make([]float64, tri.Origins())
		for i := range exposure {
			exposure[i] = 1000
		}
		for _, o := range []ClarkOptions{{}, {Growth: Weibull, Exposure: exposure}, {Exposure: exposure, Limit: 60}} {
			if c, err := Clark(tri, o); err == nil && small {
				finite(t, "Clark", c.Total.Reserve, c.Total.SE, c.Omega, c.Theta)
			}
		}
		for _, o := range []BornhuetterOptions{{Exposure: exposure}, {Exposure: exposure, Decay: 0.5}, {Exposure: exposure, Rate: exposure, RateSE: exposure, Correlation: 0.5}} {
			if b, err := Bornhuetter(tri, o); err == nil && small {
				finite(t, "Bornhuetter", b.Total.Reserve, b.Total.SE, b.Dispersion)
			}
		}
		if r, err := CalendarTest(tri); err == nil {
			finite(t, "calendar", r.Statistic, r.Low, r.High)
		}
		if r, err := CorrelationTest(tri); err == nil {
			finite(t, "correlation", r.Statistic, r.Low, r.High)
		}
		if v, err := tri.Factors(Volume, 0); err == nil {
			_, _ = Tail(v, Exponential)
			_, _ = Tail(v, InversePower)
			_, _ = tri.CapeCod(ToUltimate(v, 1), exposure, 0.9)
		}
	})
}

func FuzzHazard(f *testing.F) {
	f.Add([]byte{0, 0, 6, 1, 1, 40, 1, 10, 1, 1, 5, 0, 2, 100, 1, 9, 2, 2, 4, 1, 3, 80, 1, 60})
	f.Add([]byte{1, 0, 0, 0})
	f.Add([]byte{0, 0, 0, 0, 1, 1, 4, 0, 1, 100, 1, 0, 2, 2, 3, 0, 2, 100, 1, 0})                             // nothing redeemed
	f.Add([]byte{0, 0, 0, 0, 1, 1, 4, 0, 1, 100, 1, 255, 2, 2, 3, 0, 2, 100, 1, 255})                         // everything redeemed
	f.Add([]byte{0, 0, 0, 1, 1, 1, 4, 0, 1, 100, 1, 99, 1, 1, 4, 0, 1, 100, 1, 99, 2, 2, 3, 0, 1, 100, 1, 9}) // one member
	f.Add([]byte{0, 0, 0, 0, 0, 1, 0, 0, 1, 100, 1, 99, 0, 2, 0, 0, 2, 100, 1, 99, 0, 3, 0, 0, 3, 90, 1, 99}) // constant, of age 0
	f.Add([]byte{1, 0, 0, 1, 1, 1, 4, 0, 1, 253, 99, 2, 2, 3, 0, 2, 252, 120, 3, 3, 2, 0, 3, 253, 50})        // huge and tiny counts
	f.Fuzz(func(t *testing.T, b []byte) {
		in := feed(b)
		o := HazardOptions{Link: Link(in.byte() % 2), Start: in.byte() % 2, Rush: in.byte()%4 - 1, NoSeason: in.byte()%2 == 0}
		var cells []Cell
		for len(in) > 0 && len(cells) < 300 {
			c := Cell{Age: in.byte() % 40, Month: in.byte(), Left: in.byte() % 8, Tier: in.byte() % 3, Cluster: in.byte() % 9, AtRisk: in.number()}
			c.Redeemed = c.AtRisk * float64(in.byte()) / 255
			cells = append(cells, c)
		}
		h, err := FitHazard(cells, o)
		if err != nil {
			return
		}
		finite(t, "coefficients", h.Coef...)
		lots := []OpenLot{{Age: 1, Left: 5, Tier: h.design.tiers[0], Points: 100}, {Age: 50, Tier: h.design.tiers[0], Points: 100}}
		p, err := h.Project(lots, 100, 24, Scenario{Rush: 1.5})
		if err != nil {
			t.Fatal(err)
		}
		finite(t, "projection", p.Redeemed, p.Expired, p.Open, p.Unseen)
		if p.Redeemed < 0 || p.Redeemed > p.Points*(1+1e-12) {
			t.Fatalf("%g of %g points redeemed", p.Redeemed, p.Points)
		}
	})
}

func FuzzCompetingRisks(f *testing.F) {
	f.Add([]byte{30, 1, 1, 30, 1, 1, 40, 2, 0, 25, 3, 2})
	f.Fuzz(func(t *testing.T, b []byte) {
		in := feed(b)
		var lives []Life
		for len(in) > 0 && len(lives) < 300 {
			lives = append(lives, Life{Time: in.number(), Outcome: Outcome(in.byte() % 4), Weight: in.number(), Cluster: in.byte() % 5})
		}
		r, err := CompetingRisks(lives, []float64{0, 50, 1e6})
		if err != nil {
			return
		}
		for _, i := range r {
			finite(t, "incidence", i.Open, i.Redeemed, i.Expired)
			if math.Abs(i.Open+i.Redeemed+i.Expired-1) > 1e-9 {
				t.Fatalf("%+v does not add up", i)
			}
		}
	})
}

func FuzzLedger(f *testing.F) {
	f.Add([]byte{0, 1, 50, 10, 2, 1, 20, 0, 3, 2, 10, 0, 4, 1, 30, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		in := feed(b)
		l := NewLedger[int64](UseOrder(in.byte() % 2))
		var redemptions []*Redemption[int64]
		now := day(1)
		for len(in) > 0 {
			kind, v, n := in.byte()%4, int64(in.byte())-5, in.byte()
			now = now.Add(time.Duration(n%5-1) * time.Hour * 24)
			var err error
			switch {
			case kind == 0 || len(l.Lots()) == 0:
				_, err = l.Earn(now, v, now.AddDate(0, 0, n%40))
			case kind == 1 || len(redemptions) == 0:
				var r *Redemption[int64]
				if r, err = l.Redeem(now, v); err == nil {
					redemptions = append(redemptions, r)
				}
			case kind == 2:
				_, err = l.Return(now, redemptions[n%len(redemptions)], v)
			default:
				_, err = l.ClawBack(now, n%len(l.Lots()), v)
			}
			if err != nil && v >= 0 && n%5 > 0 {
				now = l.now // an earlier step went back in time
			}
			for _, p := range l.Lots() {
				if p.Open < 0 || p.Issued != p.Redeemed+p.Expired+p.ClawedBack+p.Open {
					t.Fatalf("%+v does not add up", p)
				}
			}
		}
	})
}

func FuzzDeferral(f *testing.F) {
	f.Add([]byte{100, 1, 50, 1, 90, 1, 60, 1, 80, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		in := feed(b)
		_, points, err := Allocate(in.number(), in.number(), in.number())
		if err != nil {
			return
		}
		d := Deferral{Allocated: points}
		var m DeferredRevenue
		opening, allocated := 0.0, points
		for len(in) > 0 {
			r, err := d.Close(in.number(), in.number())
			if err != nil {
				continue
			}
			finite(t, "revenue", r.Recognised, r.AtPrevious, r.Change, d.Liability())
			m.Add(opening, allocated, r, d.Liability())
			opening, allocated = d.Liability(), 0
			if d.Liability() < -1e-9*points {
				t.Fatalf("liability %g of %g", d.Liability(), points)
			}
		}
	})
}
