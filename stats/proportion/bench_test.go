package proportion

import "testing"

// run measures a method.
func run[T any](b *testing.B, f func() (T, error)) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f(); err != nil {
			b.Fatal(err)
		}
	}
}

// None of the intervals and tests from counts allocates.
func BenchmarkOneSample(b *testing.B) {
	c := Count{120, 4000}
	for name, f := range map[string]func(Count, float64) (Interval, error){
		"Wilson": Wilson, "ClopperPearson": ClopperPearson, "Jeffreys": Jeffreys, "AgrestiCoull": AgrestiCoull, "Wald": Wald,
	} {
		b.Run(name, func(b *testing.B) { run(b, func() (Interval, error) { return f(c, 0.95) }) })
	}
	b.Run("WilsonWeighted", func(b *testing.B) { run(b, func() (Interval, error) { return WilsonWeighted(120.5, 3879.5, 0.95) }) })
	b.Run("NPS", func(b *testing.B) { run(b, func() (Score, error) { return NPS(600, 250, 150, 0.95) }) })
}

func BenchmarkTwoSample(b *testing.B) {
	c, t := Count{120, 4000}, Count{140, 4100}
	for name, m := range map[string]Method{"Newcombe": Newcombe, "MiettinenNurminen": MiettinenNurminen, "AgrestiCaffo": AgrestiCaffo, "Wald": WaldDifference} {
		b.Run(name, func(b *testing.B) { run(b, func() (Interval, error) { return Diff(c, t, 0.95, m) }) })
	}
	for name, m := range map[string]RatioMethod{"Log": RatioLog, "LogAdjusted": RatioLogAdjusted, "Score": RatioScore} {
		b.Run("Ratio"+name, func(b *testing.B) { run(b, func() (Interval, error) { return Ratio(c, t, 0.95, m) }) })
		b.Run("OddsRatio"+name, func(b *testing.B) { run(b, func() (Interval, error) { return OddsRatio(c, t, 0.95, m) }) })
	}
	b.Run("ScoreTest", func(b *testing.B) { run(b, func() (Test, error) { return ScoreTest(c, t, -0.01) }) })
	b.Run("WaldTest", func(b *testing.B) { run(b, func() (Test, error) { return WaldTest(c, t, 0) }) })
	b.Run("AgrestiCaffoTest", func(b *testing.B) { run(b, func() (Test, error) { return AgrestiCaffoTest(c, t, 0) }) })
	b.Run("Fisher", func(b *testing.B) { run(b, func() (Exact, error) { return Fisher(c, t) }) })
}

func BenchmarkUnconditional(b *testing.B) {
	c, t := Count{0, 500}, Count{9, 500}
	b.Run("Boschloo", func(b *testing.B) { run(b, func() (Exact, error) { return Boschloo(c, t) }) })
	b.Run("Barnard", func(b *testing.B) { run(b, func() (Exact, error) { return Barnard(c, t) }) })
}
