package migration

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// Power returns the probabilities of moves over so many steps, P^steps. Where
// the rows of p sum to 1, so do those of the result, however many steps the
// rounding had to grow in; other matrices are raised as they are. It panics for
// a negative number of steps.
func Power(p mat.Matrix, steps int) *mat.Dense {
	if steps < 0 {
		panic("migration: negative number of steps")
	}
	n, _ := p.Dims()
	from, out := mat.DenseCopyOf(p), mat.NewDense(n, n, nil)
	stochastic := true
	for i := range n {
		stochastic = stochastic && sumsToOne(p, i)
	}
	if stochastic {
		normalise(from)
	}
	out.Pow(from, steps)
	if stochastic {
		normalise(out)
	}
	return out
}

// normalise divides each row by its sum.
func normalise(p *mat.Dense) {
	n, columns := p.Dims()
	for i := range n {
		sum := rowSum(p, i)
		for j := range columns {
			p.Set(i, j, p.At(i, j)/sum)
		}
	}
}

// Projection is a mix of states to come, with the standard errors that the
// uncertainty of the transition matrix gives it.
type Projection struct {
	Mix []float64
	// SE is by the delta method over the multinomial rows. It leaves out that
	// a finite number of members moves at random, and whether the chain holds.
	SE []float64
}

// Project carries a mix (shares or numbers of members by state) so many steps
// ahead with the estimated matrix. New members are not in it.
//
// The derivative of the mix x P^k by p_ij is Σ_s (x P^s)_i times row j of
// P^(k-1-s); with the covariances of a multinomial row, (δ_jl p_j - p_j p_l)/n.
//
// It panics when the mix has another length than the matrix or steps is
// negative. It returns an error for a mix that is negative or not finite, for
// figures so large or so uncertain that they overflow, and for so many steps that
// their matrices need more than 160 MB: after that long the mix is [Stationary]'s
// or everyone is absorbed.
func (e Estimate) Project(mix []float64, steps int) (Projection, error) {
	n, _ := e.P.Dims()
	if len(mix) != n {
		panic("migration: mix of another length")
	}
	if steps < 0 {
		panic("migration: negative number of steps")
	}
	for i, x := range mix {
		if !(x >= 0) || math.IsInf(x, 0) {
			return Projection{}, fmt.Errorf("migration: the mix has %v in state %d; shares or numbers are finite and not negative", x, i)
		}
	}
	if most := 20_000_000 / (n * n); steps > most {
		return Projection{}, fmt.Errorf("migration: %d steps are too many to project %d states with errors; at most %d are: see Stationary and Absorb for the long run", steps, n, most)
	}
	// Row s of ahead is the mix after s steps; powers holds P^s for s below steps.
	p := mat.DenseCopyOf(e.P).RawMatrix().Data
	ahead, powers := make([]float64, (steps+1)*n), make([]float64, steps*n*n)
	copy(ahead, mix)
	for s := range steps {
		multiply(ahead[(s+1)*n:(s+2)*n], ahead[s*n:(s+1)*n], p, n)
		if s == 0 {
			for i := range n {
				powers[i*n+i] = 1
			}
			continue
		}
		multiply(powers[s*n*n:(s+1)*n*n], powers[(s-1)*n*n:s*n*n], p, n)
	}
	out := Projection{Mix: slices.Clone(ahead[steps*n:]), SE: make([]float64, n)}
	gradient := make([]float64, n)
	for l := range n {
		variance := 0.0
		for i := range n {
			if e.N[i] == 0 {
				continue
			}
			clear(gradient)
			for s := range steps {
				at, column := ahead[s*n+i], powers[(steps-1-s)*n*n+l:]
				for j := range gradient {
					gradient[j] += at * column[j*n]
				}
			}
			mean, square := 0.0, 0.0
			for j, g := range gradient {
				mean += p[i*n+j] * g
			}
			for j, g := range gradient {
				square += p[i*n+j] * (g - mean) * (g - mean)
			}
			variance += square / e.N[i]
		}
		out.SE[l] = math.Sqrt(variance)
		if !(out.Mix[l]+out.SE[l] <= math.MaxFloat64) {
			return Projection{}, fmt.Errorf("migration: the projection of state %d is %v ± %v; take another unit for the mix", l, out.Mix[l], out.SE[l])
		}
	}
	return out, nil
}

// multiply sets dst to a b, for rows a of length n and a square b.
func multiply(dst, a, b []float64, n int) {
	clear(dst)
	for r := 0; r < len(a); r += n {
		for k := range n {
			v := a[r+k]
			if v == 0 {
				continue
			}
			for j := range n {
				dst[r+j] += v * b[k*n+j]
			}
		}
	}
}
