package abtest

import "math"

// Quad is what one arm's values of two ratios come down to, four variables of
// every member: the numerator and the denominator during the experiment and
// before it, in this order. Mean has their means and C the sums of products of
// deviations from the means; C is symmetric. The zero Quad is empty.
type Quad struct {
	N    int64
	Mean [4]float64
	C    [4][4]float64
}

// QuadFromValues returns the Quad of the rows of values, one row a member.
func QuadFromValues(rows [][4]float64) Quad {
	var q Quad
	for _, r := range rows {
		q.N++
		var before [4]float64
		for i, v := range r {
			before[i] = v - q.Mean[i]
			q.Mean[i] += before[i] / float64(q.N)
		}
		for i := range r {
			for j, v := range r {
				q.C[i][j] += before[i] * (v - q.Mean[j])
			}
		}
	}
	return q
}

// QuadFromSums returns the Quad of n rows with the given sums and sums of
// products, products[i][j] being that of the variables i and j for i <= j (for
// i = j the sum of squares). It has the errors of FromSums for each variable,
// ErrPrecision along with the Quad.
func QuadFromSums(n int64, sums [4]float64, products [4][4]float64) (Quad, error) {
	q := Quad{N: n}
	var lost error
	for i := range sums {
		s, err := FromSums(n, sums[i], products[i][i])
		if err != nil && err != ErrPrecision {
			return Quad{}, err
		}
		if err != nil {
			lost = err
		}
		q.Mean[i], q.C[i][i] = s.Mean, s.M2
	}
	if n == 0 {
		return q, nil
	}
	for i := range sums {
		for j := i + 1; j < len(sums); j++ {
			c := centredProduct(float64(n), sums[i], q.Mean[i], sums[j], q.Mean[j], products[i][j])
			q.C[i][j], q.C[j][i] = c, c
		}
	}
	return q, lost
}

// centredProduct returns sumXY - sumX sumY/n without further rounding.
func centredProduct(n, sumX, meanX, sumY, meanY, sumXY float64) float64 {
	p := sumX * meanY
	perr := math.FMA(sumX, meanY, -p)
	rest := math.FMA(-n, meanY, sumY)
	return (sumXY - p) - perr - meanX*rest
}

// Merge returns the Quad of the values of q and o together.
func (q Quad) Merge(o Quad) Quad {
	switch {
	case q.N == 0:
		return o
	case o.N == 0:
		return q
	}
	m := Quad{N: q.N + o.N}
	w := float64(o.N) / float64(m.N)
	for i := range m.Mean {
		d := o.Mean[i] - q.Mean[i]
		m.Mean[i] = q.Mean[i] + d*w
		for j := range m.Mean {
			m.C[i][j] = q.C[i][j] + o.C[i][j] + d*(o.Mean[j]-q.Mean[j])*(float64(q.N)*w)
		}
	}
	return m
}

// Ratios returns the Pair of the two ratios, X before the experiment and Y
// during it, each member's pair of numbers replaced by its linear approximation
// around the arm's ratio, as in Ratio.
//
// Ratios returns ErrZeroDenominator when a mean of denominators is 0.
func (q Quad) Ratios() (Pair, error) {
	if q.Mean[1] == 0 || q.Mean[3] == 0 {
		return Pair{}, ErrZeroDenominator
	}
	y := [4]float64{1 / q.Mean[1], -q.Mean[0] / q.Mean[1] / q.Mean[1]}
	x := [4]float64{2: 1 / q.Mean[3], 3: -q.Mean[2] / q.Mean[3] / q.Mean[3]}
	return Pair{
		N:     q.N,
		MeanX: q.Mean[2] / q.Mean[3], MeanY: q.Mean[0] / q.Mean[1],
		M2X: math.Max(0, q.form(x, x)), M2Y: math.Max(0, q.form(y, y)), CXY: q.form(x, y),
	}, nil
}

// form returns u' C v.
func (q Quad) form(u, v [4]float64) float64 {
	var sum float64
	for i, a := range u {
		for j, b := range v {
			sum += a * q.C[i][j] * b
		}
	}
	return sum
}
