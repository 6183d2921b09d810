package series

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// Line is a linear trend with an effect for each place in the season.
type Line struct {
	// Coefficients are the intercept (the first place of the season at step
	// 0), the slope a step, and the other places' differences from the first.
	Coefficients []float64
	Sigma        float64 // residual standard deviation
	period       int
	n            int
}

// TrendSeason fits a linear trend with season by least squares. Steps count
// from 1. It needs more values than coefficients, period + 1.
func TrendSeason(y []float64, period int) (Line, error) {
	if period < 1 {
		return Line{}, fmt.Errorf("series: period is %d; it is at least 1, for no season", period)
	}
	if period > len(y) {
		return Line{}, fmt.Errorf("series: %d values, which are not one cycle of %d; a longer series or a shorter season is needed", len(y), period)
	}
	if err := finite(y, period+2); err != nil {
		return Line{}, err
	}
	k := period + 1
	x := mat.NewDense(len(y), k, nil)
	for i := range y {
		x.Set(i, 0, 1)
		x.Set(i, 1, float64(i+1))
		if place := i % period; place > 0 {
			x.Set(i, 1+place, 1)
		}
	}
	coefficients, rss, err := leastSquares(x, y)
	if err != nil {
		return Line{}, err
	}
	return Line{Coefficients: coefficients, Sigma: math.Sqrt(rss / float64(len(y)-k)), period: period, n: len(y)}, nil
}

// Forecast returns the values of so many next steps, without intervals. A negative
// number panics.
func (l Line) Forecast(steps int) []float64 {
	out := make([]float64, steps)
	for h := range out {
		at := l.n + h
		out[h] = l.Coefficients[0] + l.Coefficients[1]*float64(at+1)
		if place := at % l.period; place > 0 {
			out[h] += l.Coefficients[1+place]
		}
	}
	return out
}

// leastSquares returns the coefficients and the residual sum of squares.
func leastSquares(x *mat.Dense, y []float64) ([]float64, float64, error) {
	var qr mat.QR
	qr.Factorize(x)
	_, k := x.Dims()
	b := mat.NewVecDense(k, nil)
	if err := qr.SolveVecTo(b, false, mat.NewVecDense(len(y), y)); err != nil {
		return nil, 0, errors.New("series: the season and the trend can't be told apart on so few values")
	}
	var fitted mat.VecDense
	fitted.MulVec(x, b)
	rss := 0.0
	for i, v := range y {
		rss += (v - fitted.AtVec(i)) * (v - fitted.AtVec(i))
	}
	return b.RawVector().Data, rss, nil
}
