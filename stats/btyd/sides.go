package btyd

import "math"

// Sides returns pairs of models, one standard error below and above the
// maximum along each direction that the data determine, the directions being
// independent of each other. They give the standard error of whatever a model
// says (see SideError) with few evaluations, where that is a sum over many
// members: eight for a model of four parameters, while Draw would take
// hundreds. The scale and the directions held are those of Draw.
//
// Sides returns ErrNoCovariance if the fit did not end at a maximum.
func (f *Fitted[M]) Sides() ([][2]M, error) {
	if f.root == nil {
		return nil, ErrNoCovariance
	}
	var out [][2]M
	n := len(f.theta)
	for k := range n {
		var length float64
		for i := range n {
			length += math.Abs(f.root.At(i, k))
		}
		if length == 0 {
			continue
		}
		var pair [2]M
		for side, sign := range []float64{-1, 1} {
			theta := make([]float64, n)
			for i := range theta {
				theta[i] = f.theta[i] + sign*f.root.At(i, k)
			}
			pair[side] = f.build(f.natural(theta))
		}
		out = append(out, pair)
	}
	return out, nil
}

// SideError returns the standard error of what a model says from what the
// models of Sides say, in the same order:
//
//	sqrt(Σ ((above - below)/2)²),
//
// the delta method with differences of one standard error in place of
// derivatives. It is exact for what is linear, or has a square term only.
func SideError(said [][2]float64) float64 {
	var sum float64
	for _, s := range said {
		d := (s[1] - s[0]) / 2
		sum += d * d
	}
	return math.Sqrt(sum)
}
