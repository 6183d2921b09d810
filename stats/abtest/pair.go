package abtest

// Pair is what one arm's values of two variables come down to: their number,
// means, sums of squared deviations from the means (M2) and of products of
// deviations (CXY). The zero Pair is empty.
//
// What X and Y are is for the function that takes the Pair to say: the
// denominator and the numerator of a ratio, or a value before the experiment and
// the outcome.
type Pair struct {
	N            int64
	MeanX, MeanY float64
	M2X, M2Y     float64
	CXY          float64
}

// PairFromValues returns the Pair of the values in x and y, by the updating
// formula of Welford. It panics if x and y differ in length.
func PairFromValues(x, y []float64) Pair {
	if len(x) != len(y) {
		panic("abtest: slice length mismatch")
	}
	var p Pair
	for i, vx := range x {
		vy := y[i]
		p.N++
		n := float64(p.N)
		dx, dy := vx-p.MeanX, vy-p.MeanY
		p.MeanX += dx / n
		p.MeanY += dy / n
		p.M2X += dx * (vx - p.MeanX)
		p.M2Y += dy * (vy - p.MeanY)
		p.CXY += dx * (vy - p.MeanY)
	}
	return p
}

// PairFromSums returns the Pair of n pairs of values with the given sums, sums of
// squares and sum of products. It has the errors of FromSums, for either
// variable, ErrPrecision again along with the Pair.
func PairFromSums(n int64, sumX, sumsqX, sumY, sumsqY, sumXY float64) (Pair, error) {
	x, err := FromSums(n, sumX, sumsqX)
	if err != nil && err != ErrPrecision {
		return Pair{}, err
	}
	y, erry := FromSums(n, sumY, sumsqY)
	if erry != nil {
		err = erry
		if err != ErrPrecision {
			return Pair{}, err
		}
	}
	p := Pair{N: n, MeanX: x.Mean, MeanY: y.Mean, M2X: x.M2, M2Y: y.M2}
	if n > 0 {
		p.CXY = centredProduct(float64(n), sumX, x.Mean, sumY, y.Mean, sumXY)
	}
	return p, err
}

// X returns the Sample of the first variable.
func (p Pair) X() Sample { return Sample{N: p.N, Mean: p.MeanX, M2: p.M2X} }

// Y returns the Sample of the second variable.
func (p Pair) Y() Sample { return Sample{N: p.N, Mean: p.MeanY, M2: p.M2Y} }

// Merge returns the Pair of the values of p and o together, by the formula of
// Chan, Golub and LeVeque (1983) for products.
func (p Pair) Merge(o Pair) Pair {
	switch {
	case p.N == 0:
		return o
	case o.N == 0:
		return p
	}
	x, y := p.X().Merge(o.X()), p.Y().Merge(o.Y())
	w := float64(p.N) * (float64(o.N) / float64(x.N))
	return Pair{
		N:     x.N,
		MeanX: x.Mean, MeanY: y.Mean,
		M2X: x.M2, M2Y: y.M2,
		CXY: p.CXY + o.CXY + (o.MeanX-p.MeanX)*(o.MeanY-p.MeanY)*w,
	}
}
