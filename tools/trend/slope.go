package trend

import "math"

// Slope is the trend within a window: by how much the KPI moves a day, of a flow
// its value a day, with the bounds of a 95 % interval.
type Slope struct {
	PerDay, Low, High float64
}

const (
	fewestOnLine = 5
	twoSided95   = 1.959964
)

// slope fits a line to the window by least squares, weighted by exposure, with
// weekdays evened out. Its error allows for buckets that depend on those
// before. Of a stock it is the mean change, with the error of that.
//
// Source: W. K. Newey and K. D. West (1987), A simple, positive semi-definite,
// heteroskedasticity and autocorrelation consistent covariance matrix,
// Econometrica 55, 703-708; the number of lags is 4 (n/100)^(2/9), as in W. K.
// Newey and K. D. West (1994), Review of Economic Studies 61, 631-653.
func (c *course) slope() *Slope {
	var at, y, weight []float64
	for i := c.start; i < len(c.y); i++ {
		if !c.known[i] || c.x[i] <= thin*c.exposed() {
			continue
		}
		v := c.y[i] / c.x[i]
		if c.kind == Stock {
			v = c.y[i] + c.off[i]
		}
		at, y, weight = append(at, float64(i*7/c.cycle)), append(y, v), append(weight, c.x[i])
	}
	if len(y) < fewestOnLine {
		return nil
	}
	perDay := float64(c.cycle) / 7
	if c.kind == Stock {
		if c.growth {
			perDay *= c.level
		}
		b, se := average(y)
		return newSlope(b, se, float64(len(y)-1), perDay*c.scaleY)
	}
	b, se := line(at, y, weight)
	if c.kind == Ratio {
		return newSlope(b, se, float64(len(y)-2), c.scale)
	}
	return newSlope(b, se, float64(len(y)-2), perDay*c.scaleY)
}

func newSlope(b, se, df, unit float64) *Slope {
	reach := toStudent(twoSided95, df) * se
	return &Slope{PerDay: b * unit, Low: (b - reach) * unit, High: (b + reach) * unit}
}

// line returns the slope of a weighted line and its error.
func line(x, y, w []float64) (b, se float64) {
	sum, mx, my := 0.0, 0.0, 0.0
	for i := range x {
		sum, mx, my = sum+w[i], mx+w[i]*x[i], my+w[i]*y[i]
	}
	mx, my = mx/sum, my/sum
	sxx, sxy := 0.0, 0.0
	for i := range x {
		sxx, sxy = sxx+w[i]*(x[i]-mx)*(x[i]-mx), sxy+w[i]*(x[i]-mx)*(y[i]-my)
	}
	b = sxy / sxx
	part := make([]float64, len(x))
	for i := range x {
		part[i] = w[i] * (x[i] - mx) / sxx * (y[i] - my - b*(x[i]-mx))
	}
	return b, hac(part, 2)
}

// average returns the mean and its error.
func average(y []float64) (m, se float64) {
	m = mean(y)
	part := make([]float64, len(y))
	for i, v := range y {
		part[i] = (v - m) / float64(len(y))
	}
	return m, hac(part, 1)
}

// hac returns the standard deviation of a sum whose parts depend on those
// before them, where so many coefficients were estimated.
func hac(part []float64, coefficients int) float64 {
	n := float64(len(part))
	lags := int(4 * math.Pow(n/100, 2.0/9))
	sum := 0.0
	for lag := 0; lag <= min(lags, len(part)-1); lag++ {
		weight := 1.0
		if lag > 0 {
			weight = 2 * (1 - float64(lag)/float64(lags+1))
		}
		for i := lag; i < len(part); i++ {
			sum += weight * part[i] * part[i-lag]
		}
	}
	return math.Sqrt(max(0, sum) * n / (n - float64(coefficients)))
}
