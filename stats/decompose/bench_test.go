package decompose_test

import (
	"strconv"
	"testing"

	"loyaltymcp/stats/decompose"
)

func product(x []float64) float64 {
	p := 1.0
	for _, v := range x {
		p *= v
	}
	return p
}

func BenchmarkShapley(b *testing.B) {
	for _, k := range []int{4, 10} {
		before, after := make([]float64, k), make([]float64, k)
		for i := range before {
			before[i], after[i] = float64(i+1), float64(i+2)
		}
		b.Run(strconv.Itoa(k), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := decompose.Shapley(before, after, product); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// segments returns sizes and rates of so many segments.
func segments(k int) (n0, r0, n1, r1 []float64) {
	for i := range k {
		n0, n1 = append(n0, float64(100+i%17)), append(n1, float64(90+i%23))
		r0, r1 = append(r0, float64(i%7)/10), append(r1, float64(i%5)/9)
	}
	return n0, r0, n1, r1
}

func BenchmarkKitagawa1000(b *testing.B) {
	n0, r0, n1, r1 := segments(1000)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := decompose.Kitagawa(n0, r0, n1, r1); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkThreeFold1000(b *testing.B) {
	n0, r0, n1, r1 := segments(1000)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, _, err := decompose.ThreeFold(n0, r0, n1, r1); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCrossClassified(b *testing.B) {
	n0, r0, n1, r1 := segments(5 * 6 * 7)
	var cells []decompose.Cell
	for i := range n0 {
		cells = append(cells, decompose.Cell{Levels: []string{strconv.Itoa(i % 5), strconv.Itoa(i / 5 % 6), strconv.Itoa(i / 30)},
			Size0: n0[i], Rate0: r0[i], Size1: n1[i], Rate1: r1[i]})
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := decompose.CrossClassified(cells); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAdtributor(b *testing.B) {
	n0, _, n1, _ := segments(100)
	sum0, sum1 := 0.0, 0.0
	fine := decompose.Dimension{Name: "shop"}
	for i := range n0 {
		sum0, sum1 = sum0+n0[i], sum1+n1[i]
		fine.Elements = append(fine.Elements, decompose.Element{Name: strconv.Itoa(i), Forecast: n0[i], Real: n1[i]})
	}
	dimensions := []decompose.Dimension{fine, {Name: "half", Elements: []decompose.Element{{Name: "a", Forecast: sum0 / 2, Real: sum1 / 3}, {Name: "b", Forecast: sum0 / 2, Real: sum1 * 2 / 3}}}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := decompose.Adtributor(dimensions, decompose.Thresholds{Element: 0.001, Dimension: 0.67}); err != nil {
			b.Fatal(err)
		}
	}
}
