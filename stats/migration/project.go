package migration

import (
	"fmt"
	"math"

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
// negative, and returns an error for a mix that is negative or not finite.
func (e Estimate) Project(mix []float64, steps int) (Projection, error) {
	n, _ := e.P.Dims()
	if len(mix) != n {
		panic("migration: mix of another length")
	}
	for i, x := range mix {
		if x < 0 || math.IsNaN(x) || math.IsInf(x, 0) {
			return Projection{}, fmt.Errorf("migration: the mix has %v in state %d", x, i)
		}
	}
	// ahead[s] is the mix after s steps; powers[s] is P^s.
	ahead, powers := make([]*mat.VecDense, steps+1), make([]*mat.Dense, steps+1)
	ahead[0] = mat.NewVecDense(n, append([]float64(nil), mix...))
	powers[0] = Power(e.P, 0)
	for s := 1; s <= steps; s++ {
		ahead[s], powers[s] = mat.NewVecDense(n, nil), mat.NewDense(n, n, nil)
		ahead[s].MulVec(e.P.T(), ahead[s-1])
		powers[s].Mul(e.P, powers[s-1])
	}
	out := Projection{Mix: append([]float64(nil), ahead[steps].RawVector().Data...), SE: make([]float64, n)}
	gradient := make([]float64, n)
	for l := range n {
		variance := 0.0
		for i := range n {
			if e.N[i] == 0 {
				continue
			}
			mean, square := 0.0, 0.0
			for j := range n {
				gradient[j] = 0
				for s := range steps {
					gradient[j] += ahead[s].AtVec(i) * powers[steps-1-s].At(j, l)
				}
				mean += e.P.At(i, j) * gradient[j]
			}
			for j := range n {
				square += e.P.At(i, j) * (gradient[j] - mean) * (gradient[j] - mean)
			}
			variance += square / e.N[i]
		}
		out.SE[l] = math.Sqrt(variance)
	}
	return out, nil
}
