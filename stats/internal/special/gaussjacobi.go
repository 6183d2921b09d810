package special

import (
	"math"
	"sort"
)

// GaussJacobi fills x and w, of equal length n, with the nodes and weights of
// the n-point Gauss-Jacobi rule for the mean of a function under a beta
// distribution with a, b > 0, nodes ascending:
//
//	∫₀¹ f(p) p^(a-1) (1-p)^(b-1) dp / B(a, b) ≈ Σ wᵢ f(xᵢ),
//
// exact for polynomials of degree 2n-1; the weights sum to 1. It loses digits
// when f has a singularity close to [0, 1]: BetaMean does not.
//
// The nodes are the eigenvalues of the tridiagonal Jacobi matrix and the weights
// the squared first components of its eigenvectors. See G. H. Golub and J. H.
// Welsch, "Calculation of Gauss quadrature rules", Mathematics of Computation
// 23, 1969.
//
// GaussJacobi panics if the lengths differ or if a or b is not positive.
func GaussJacobi(x, w []float64, a, b float64) {
	if len(x) != len(w) {
		panic("special: slice length mismatch")
	}
	checkPositive(a)
	checkPositive(b)
	n := len(x)
	if n == 0 {
		return
	}
	// The recurrence of the Jacobi polynomials for the weight
	// (1-t)^(b-1) (1+t)^(a-1), moved from [-1, 1] to [0, 1].
	e := make([]float64, n)
	s := a + b
	for k := range n {
		f := float64(k)
		c := 2*f + s
		if k == 0 {
			x[0] = a / s
			e[0] = math.Sqrt(a / s * (b / s) / (s + 1))
		} else {
			x[k] = 0.5 + 0.5*(a-b)/c*((s-2)/(c-2))
			g := f + 1
			e[k] = math.Sqrt(g*(g+a-1)*(g+b-1)*(g+s-2)/((c+1)*(c-1))) / c
		}
		w[k] = 0
	}
	w[0] = 1
	tridiagonal(x, e, w)
	for i, v := range w {
		w[i] = v * v
	}
	sort.Sort(byNode{x, w})
}

// tridiagonal replaces d, the diagonal of a symmetric tridiagonal matrix with
// off-diagonal e[:n-1], by its eigenvalues and applies the rotations to z, by
// the QL algorithm with implicit shifts.
func tridiagonal(d, e, z []float64) {
	n := len(d)
	e[n-1] = 0
	for l := range n {
		for range 100 {
			m := l
			for ; m < n-1; m++ {
				if math.Abs(e[m]) <= 1e-16*(math.Abs(d[m])+math.Abs(d[m+1])) {
					break
				}
			}
			if m == l {
				break
			}
			g := (d[l+1] - d[l]) / (2 * e[l])
			r := math.Hypot(g, 1)
			g = d[m] - d[l] + e[l]/(g+math.Copysign(r, g))
			s, c, p := 1.0, 1.0, 0.0
			for i := m - 1; i >= l; i-- {
				f, b := s*e[i], c*e[i]
				r = math.Hypot(f, g)
				e[i+1] = r
				if r == 0 {
					d[i+1] -= p
					e[m] = 0
					break
				}
				s, c = f/r, g/r
				g = d[i+1] - p
				r = (d[i]-g)*s + 2*c*b
				p = s * r
				d[i+1] = g + p
				g = c*r - b
				z[i], z[i+1] = c*z[i]-s*z[i+1], s*z[i]+c*z[i+1]
			}
			d[l] -= p
			e[l] = g
			e[m] = 0
		}
	}
}

type byNode struct{ x, w []float64 }

func (s byNode) Len() int           { return len(s.x) }
func (s byNode) Less(i, j int) bool { return s.x[i] < s.x[j] }
func (s byNode) Swap(i, j int) {
	s.x[i], s.x[j] = s.x[j], s.x[i]
	s.w[i], s.w[j] = s.w[j], s.w[i]
}
