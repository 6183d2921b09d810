package reserve

import "math"

// OneYear is by how far the reserve of a cohort can move within one more period:
// the standard error of its claims development result.
type OneYear struct {
	Origins []float64
	Total   float64
}

// MerzWuthrich returns the standard error of the change of the chain-ladder
// ultimate when one more diagonal is known (Merz and Wüthrich 2008, linear
// approximation):
//
//	mse_i = U_i² [ s_k²/f_k² (1/C_ik + 1/S_k)
//	             + sum_{j>k} C_{n-j,j}/S'_j  s_j²/f_j² / S_j ], k the age of i,
//
// S_j being the sum of column j without its last entry C_{n-j,j}, S'_j with it;
// a cohort covaries with each younger one by U U' [s_k²/f_k²/S_k + the same sum],
// since its next amount moves the factor the younger will use. It is the answer to
// "how far can the liability move by the next closing", and never above the
// error to the end, Mack's.
//
// Volume weights, no tail. A cohort with nothing redeemed has no answer.
func MerzWuthrich(t *Triangle, rule SigmaRule) (*OneYear, error) {
	f, sigma, sums, err := t.development(Volume, rule)
	if err != nil {
		return nil, err
	}
	// share[j] is the part of the squared error of factor j that the next
	// diagonal moves, relative to f_j².
	share := make([]float64, len(f))
	ratio := func(j int) float64 { return sigma[j] * sigma[j] / (f[j] * f[j]) }
	n := t.Origins()
	for j := t.Age(n - 1); j < len(f); j++ {
		if f[j] == 0 {
			return nil, triangleError("everything redeemed by age %d is taken back at the next, so that the error is not defined", j)
		}
		last := t.cum[n-1-(j-t.Age(n-1))][j]
		share[j] = last / (sums[j] + last) * ratio(j) / sums[j]
	}
	after := make([]float64, len(f)+1) // sum of share from j on
	for j := len(f) - 1; j >= 0; j-- {
		after[j] = after[j+1] + share[j]
	}
	out := &OneYear{Origins: make([]float64, n)}
	ultimate := t.ChainLadder(ToUltimate(f, 1))
	var total, younger float64 // younger: sum of the ultimates of the cohorts after i
	for i := n - 1; i >= 0; i-- {
		k := t.Age(i)
		if k == len(f) {
			break
		}
		c := t.cum[i][k]
		if c == 0 {
			return nil, triangleError("origin %d has nothing redeemed to date, so that its error is not defined", i)
		}
		u := ultimate[i]
		mse := u * u * (ratio(k)*(1/c+1/sums[k]) + after[k+1])
		out.Origins[i] = math.Sqrt(mse)
		total += mse + 2*u*younger*(ratio(k)/sums[k]+after[k+1])
		younger += u
	}
	out.Total = math.Sqrt(total)
	return out, nil
}
