package abtest

import (
	"math"
	"slices"
)

// Hommel closes the test of R. J. Simes, for independent or positively dependent
// tests; it rejects all that Hochberg does, and more (G. Hommel, Biometrika 75,
// 1988; S. P. Wright, Biometrics 48, 1992).
func Hommel(p []float64) []float64 {
	order := sorted(p)
	adjusted := slices.Clone(p)
	m := len(order)
	if m == 0 {
		return adjusted
	}
	s := make([]float64, m) // ascending
	for k, i := range order {
		s[k] = p[i]
	}
	simes := math.Inf(1)
	for k, v := range s {
		simes = math.Min(simes, float64(m)*v/float64(k+1))
	}
	a, q := make([]float64, m), make([]float64, m)
	for k := range a {
		a[k], q[k] = simes, simes
	}
	for j := m - 1; j >= 2; j-- {
		c := math.Inf(1)
		for k := 2; k <= j; k++ {
			c = math.Min(c, float64(j)*s[m-j+k-1]/float64(k))
		}
		for k := range m - j + 1 {
			q[k] = math.Min(float64(j)*s[k], c)
		}
		for k := m - j + 1; k < m; k++ {
			q[k] = q[m-j]
		}
		for k := range a {
			a[k] = math.Max(a[k], q[k])
		}
	}
	for k, i := range order {
		adjusted[i] = math.Min(1, math.Max(a[k], s[k]))
	}
	return adjusted
}
