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
	for b.Loop() {
		if _, err := MetaAnalysis(studies, REML, true, 0.95); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBest(b *testing.B) {
	arms := []Study{{1, 1}, {1.5, 1}, {0.3, 2}, {1.1, 0.4}}
	for b.Loop() {
		if _, err := Best(arms, Increase); err != nil {
			b.Fatal(err)
		}
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
