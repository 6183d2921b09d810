package survival_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"loyaltymcp/stats/survival"
)

// members returns months until churn of so many members.
func members(n int) (survival.Data, *mat.Dense) {
	rng := rand.New(rand.NewPCG(1, 2))
	var d survival.Data
	x := mat.NewDense(n, 3, nil)
	for i := range n {
		start := float64(rng.IntN(6))
		x.SetRow(i, []float64{rng.NormFloat64(), float64(rng.IntN(2)), float64(rng.IntN(4))})
		length := math.Ceil(30 * rng.ExpFloat64() * math.Exp(-0.3*x.At(i, 0)))
		d.Start, d.Stop, d.Event = append(d.Start, start), append(d.Stop, start+math.Min(length, 24)), append(d.Event, 0)
		if length <= 24 {
			d.Event[i] = 1
		}
		d.Cluster = append(d.Cluster, i/2)
	}
	return d, x
}

func BenchmarkKaplanMeierMillion(b *testing.B) {
	d, _ := members(1e6)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := survival.KaplanMeier(d); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAalenJohansenRobust100k(b *testing.B) {
	d, _ := members(1e5)
	b.ReportAllocs()
	for b.Loop() {
		in, err := survival.AalenJohansen(d, 1)
		if err != nil {
			b.Fatal(err)
		}
		in.At(1, 12)
	}
}

func BenchmarkLogRank100k(b *testing.B) {
	d, x := members(1e5)
	group := make([]int, len(d.Stop))
	for i := range group {
		group[i] = int(x.At(i, 2))
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := survival.LogRank(d, group, 0); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCox100k(b *testing.B) {
	d, x := members(1e5)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := survival.Cox(d, x, survival.Efron); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkConcordance100k(b *testing.B) {
	d, x := members(1e5)
	score := mat.Col(nil, 0, x)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := survival.Concordance(d, score); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWeibull100k(b *testing.B) {
	d, x := members(1e5)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := survival.Weibull(d, x); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFlemingHarrington100k(b *testing.B) {
	d, _ := members(1e5)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := survival.FlemingHarrington(d); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCurve100k(b *testing.B) {
	d, _ := members(1e5)
	c, err := survival.KaplanMeier(d)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("At", func(b *testing.B) { // allocates nothing
		b.ReportAllocs()
		for b.Loop() {
			c.At(12)
		}
	})
	b.Run("Quantile", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			c.Quantile(0.5, 0.95, survival.LogLog)
		}
	})
	b.Run("RMST", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := c.RMST(12); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("RobustAt", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			c.RobustAt(12)
		}
	})
	b.Run("RobustRMST", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := c.RobustRMST(12); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("RMSTDifference", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := survival.RMSTDifference(c, c, 12); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkFitted100k(b *testing.B) {
	d, x := members(1e5)
	f, err := survival.Cox(d, x, survival.Efron)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("ProportionalHazards", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := f.ProportionalHazards(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Baselines", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f.Baselines()
		}
	})
}
