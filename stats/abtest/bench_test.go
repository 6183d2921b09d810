package abtest

import (
	"math"
	"math/rand/v2"
	"testing"
)

var (
	benchControl   = Sample{N: 7000, Mean: 49.6, M2: 6999 * 5000}
	benchTreatment = Sample{N: 7200, Mean: 54.2, M2: 7199 * 5400}
)

func BenchmarkCompareTest(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		e, err := Compare(benchControl, benchTreatment)
		if err != nil || !(e.Test(0.95).P < 1) {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tests/s")
}

func BenchmarkCompareTestSmall(b *testing.B) {
	b.ReportAllocs()
	control, treatment := Sample{N: 41, Mean: 4.6, M2: 50}, Sample{N: 37, Mean: 5.2, M2: 54}
	for b.Loop() {
		e, err := Compare(control, treatment)
		if err != nil || !(e.Test(0.95).P < 1) {
			b.Fatal(err)
		}
	}
}

func BenchmarkWelch(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Welch(benchControl, benchTreatment, 0.95); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFieller(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Fieller(benchControl, benchTreatment, 0.95); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAnytime(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		e, err := Compare(benchControl, benchTreatment)
		if err != nil {
			b.Fatal(err)
		}
		e.TestAnytime(0.95, DefaultTuning)
		if _, err := e.LiftAnytime(0.95, DefaultTuning); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCUPEDRatio(b *testing.B) {
	b.ReportAllocs()
	rows := randomRows(500)
	c, t := QuadFromValues(rows[:250]), QuadFromValues(rows[250:])
	for b.Loop() {
		if _, _, err := CUPEDRatio(c, t); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPostStratify(b *testing.B) {
	strata := []Stratum[Sample]{{benchControl, benchTreatment}, {benchTreatment, benchControl}, {benchControl, benchControl}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := PostStratify(strata); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPosterior(b *testing.B) {
	b.ReportAllocs()
	e, err := Compare(benchControl, benchTreatment)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := e.Posterior(Prior{0, 3}, 0.95); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBounds(b *testing.B) {
	information := make([]float64, 30)
	for i := range information {
		information[i] = float64(i+1) / 30
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Bounds(information, 0.05, true, OBrienFleming); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkShipSequential(b *testing.B) {
	metrics := []Metric{{Effect: Effect{N: 1000, Difference: 2, Variance: 1, DF: 998, Control: 40}}, {Effect: Effect{N: 1000, Difference: 0.3, Variance: 1, DF: 998, Control: 40}, Guardrail: true, Margin: 2}}
	interims := []Interim{{0.25, metrics}, {0.5, metrics}, {0.75, metrics}, {1, metrics}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ShipSequential(interims, Rule{Alpha: 0.05, Harm: 0.01, Arms: 1}, OBrienFleming, true); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLin(b *testing.B) {
	const n = 10000
	r := rand.New(rand.NewPCG(1, 2))
	y, x, treated := make([]float64, n), make([]float64, n), make([]bool, n)
	for i := range y {
		x[i] = r.NormFloat64()
		y[i] = x[i] + r.NormFloat64()
		treated[i] = i%2 == 0
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Lin(y, treated, x); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMetaAnalysis(b *testing.B) {
	studies := make([]Study, 50)
	for i := range studies {
		studies[i] = Study{math.Sin(float64(i)), 0.3 + 0.01*float64(i)}
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := MetaAnalysis(studies, REML, true, 0.95); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBest(b *testing.B) {
	arms := []Study{{1, 1}, {1.5, 1}, {0.3, 2}, {1.1, 0.4}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Best(arms, Increase); err != nil {
			b.Fatal(err)
		}
	}
}

// Everything else that tests, plans or adjusts, one call each.
func BenchmarkCalls(b *testing.B) {
	e, err := Compare(benchControl, benchTreatment)
	if err != nil {
		b.Fatal(err)
	}
	rows := randomRows(400)
	values, pair := make([]float64, len(rows)), Pair{}
	for i, r := range rows {
		values[i] = r[0]
		pair = pair.Merge(Pair{N: 1, MeanX: r[1], MeanY: r[0]})
	}
	sorted := sortedCopy(values)
	quad := QuadFromValues(rows)
	counts, weights := []int64{5012, 4988, 10100}, []float64{1, 1, 2}
	p := make([]float64, 40)
	estimates, errors, nulls := make([]float64, len(p)), make([]float64, len(p)), make([]float64, len(p))
	for i := range p {
		p[i] = 0.5 + 0.5*math.Sin(float64(i))
		estimates[i], errors[i] = 3*math.Cos(float64(i)), 1
	}
	cells := [2][2]Sample{{benchControl, benchTreatment}, {benchTreatment, benchControl}}
	design := Design{Control: 0.5, Treatment: 0.5, Mean: 0.21, Variance: 0.21 * 0.79, Binary: true, Alpha: 0.05}
	peeked := design
	peeked.Tuning = DefaultTuning
	metrics := []Metric{{Effect: e}, {Effect: e, Guardrail: true, Margin: 0.02, Relative: true}}
	looks, err := Bounds([]float64{0.25, 0.5, 0.75, 1}, 0.05, false, OBrienFleming)
	if err != nil {
		b.Fatal(err)
	}
	studies := []Study{{1, 1}, {1.5, 1}, {0.3, 2}, {1.1, 0.4}}
	best := []float64{0.1, 0.2, 0.3, 0.4}
	for _, c := range []struct {
		name string
		call func() error
	}{
		{"TestSide", func() error { e.TestSide(Greater, 0, 0.95); return nil }},
		{"TestAnytimeSide", func() error { e.TestAnytimeSide(Greater, 0, 0.95, DefaultTuning); return nil }},
		{"TestAnytimeT", func() error { e.TestAnytimeT(0.95, 10); return nil }},
		{"AnytimeG", func() error { AnytimeG(5000, 4, 0.95); return nil }},
		{"TestLook", func() error { e.TestLook(2.5); return nil }},
		{"Lift", func() error { _, err := e.Lift(0.95); return err }},
		{"LiftAnytime", func() error { _, err := e.LiftAnytime(0.95, DefaultTuning); return err }},
		{"DeltaLift", func() error { _, err := e.DeltaLift(); return err }},
		{"NonInferiority", func() error { e.NonInferiority(Increase, 1, 0.95); return nil }},
		{"NonInferiorityLift", func() error { _, err := e.NonInferiorityLift(Increase, 0.02, 0.95); return err }},
		{"Ship", func() error { _, err := Ship(metrics, Rule{0.05, 0.01, 1}, true); return err }},
		{"LookPower", func() error { LookPower(looks, false, 2.5); return nil }},
		{"LookDrift", func() error { LookDrift(looks, false, 0.8); return nil }},
		{"SRM", func() error { _, err := SRM(counts, weights); return err }},
		{"Ratio", func() error { _, err := Ratio(pair); return err }},
		{"QuantileOf", func() error { _, err := QuantileOf(sorted, 0.75); return err }},
		{"CUPED", func() error { _, _, err := CUPED(pair, pair); return err }},
		{"PostStratifyCUPED", func() error { _, err := PostStratifyCUPED([]Stratum[Pair]{{pair, pair}, {pair, pair}}); return err }},
		{"PostStratifyRatio", func() error { _, err := PostStratifyRatio([]Stratum[Pair]{{pair, pair}, {pair, pair}}); return err }},
		{"PostStratifyCUPEDRatio", func() error {
			_, err := PostStratifyCUPEDRatio([]Stratum[Quad]{{quad, quad}, {quad, quad}})
			return err
		}},
		{"FromValues400", func() error { FromValues(values); return nil }},
		{"FromSums", func() error { _, err := FromSums(1000, 49600, 1e7); return err }},
		{"Interact", func() error { _, err := Interact(cells); return err }},
		{"Heterogeneous", func() error { _, err := Heterogeneous(studies); return err }},
		{"TopTwo", func() error { TopTwo(best); return nil }},
		{"Holm40", func() error { Holm(p); return nil }},
		{"Hommel40", func() error { Hommel(p); return nil }},
		{"BenjaminiHochberg40", func() error { BenjaminiHochberg(p); return nil }},
		{"TwoStageBKY40", func() error { TwoStageBKY(p, 0.05); return nil }},
		{"HolmLimits40", func() error { HolmLimits(estimates, errors, nulls, 0.95); return nil }},
		{"DesignPower", func() error { _, err := design.Power(0.01, 60000); return err }},
		{"DesignMDE", func() error { _, err := design.MDE(60000, 0.8); return err }},
		{"DesignRequiredN", func() error { _, err := design.RequiredN(0.01, 0.8); return err }},
		{"DesignRequiredNPeeked", func() error { _, err := peeked.RequiredN(0.01, 0.8); return err }},
		{"PowerShares", func() error { PowerShares(0.2, 0.22, 5000, 0.05); return nil }},
		{"MDEShares", func() error { _, err := MDEShares(0.2, 5000, 0.05, 0.8); return err }},
		{"PowerT", func() error { PowerT(0.5, 50, 50, 0.05, false); return nil }},
		{"RequiredNT", func() error { _, err := RequiredNT(0.5, 1, 0.05, 0.8, false); return err }},
		{"PowerSRM", func() error { PowerSRM([]float64{1, 1}, []float64{1, 1.02}, 100000, 0.001); return nil }},
		{"PowerAt", func() error { e.PowerAt(3, 1.5, 0.05, 0); return nil }},
		{"Growth", func() error { _, err := e.Growth(1, 0.8, 0.05, 0); return err }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := c.call(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func randomRows(n int) [][4]float64 {
	r := rand.New(rand.NewPCG(3, 4))
	rows := make([][4]float64, n)
	for i := range rows {
		orders, before := 1+float64(r.IntN(5)), 1+float64(r.IntN(5))
		rows[i] = [4]float64{orders * 20 * r.ExpFloat64(), orders, before * 20 * r.ExpFloat64(), before}
	}
	return rows
}

// One comparison allocates nothing.
func TestAllocations(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() {
		e, err := Compare(benchControl, benchTreatment)
		if err != nil {
			t.Fatal(err)
		}
		e.Test(0.95)
		e.TestAnytime(0.95, DefaultTuning)
		if _, err := e.Lift(0.95); err != nil {
			t.Fatal(err)
		}
		if _, err := e.Posterior(Prior{0, 1}, 0.95); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}
