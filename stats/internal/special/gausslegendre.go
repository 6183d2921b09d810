package special

import "math"

// GaussLegendre fills x and w, of equal length n, with the nodes and weights of
// the n-point Gauss-Legendre rule on [-1, 1], nodes ascending:
//
//	∫₋₁¹ f(x) dx ≈ Σ wᵢ f(xᵢ),
//
// exact for polynomials of degree 2n-1. The nodes are the zeros of the Legendre
// polynomial, found by Newton's method from Tricomi's approximation.
//
// GaussLegendre panics if the lengths differ.
func GaussLegendre(x, w []float64) {
	if len(x) != len(w) {
		panic("special: slice length mismatch")
	}
	n := len(x)
	for i := range (n + 1) / 2 {
		t := math.Cos(math.Pi * (float64(i) + 0.75) / (float64(n) + 0.5))
		var d float64
		for range 100 {
			var p float64
			p, d = legendre(n, t)
			step := p / d
			t -= step
			if math.Abs(step) <= 1e-16 {
				break
			}
		}
		if 2*i+1 == n {
			t = 0
		}
		_, d = legendre(n, t)
		x[i], x[n-1-i] = -t, t
		w[i] = 2 / ((1 - t*t) * d * d)
		w[n-1-i] = w[i]
	}
}

// legendre returns the Legendre polynomial of degree n at |t| < 1 and its
// derivative.
func legendre(n int, t float64) (p, d float64) {
	p, q := 1.0, 0.0
	for k := range n {
		f := float64(k)
		p, q = ((2*f+1)*t*p-f*q)/(f+1), p
	}
	return p, float64(n) * (q - t*p) / (1 - t*t)
}
