package series

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Process is where a process runs while in control. Its charts are an error
// unless Center is finite and SD finite and above 0.
type Process struct {
	Center, SD float64
}

func (p Process) check() error {
	if !(p.SD >= tiniest && p.SD <= hugest && math.Abs(p.Center) <= hugest) {
		return fmt.Errorf("series: a process at %v with the standard deviation %v; both must be finite, and the deviation above 0 (see Calibrate)", p.Center, p.SD)
	}
	return nil
}

// width returns an error for limits so many standard deviations wide, unless they
// have a width.
func width(sigmas float64) error {
	if !(sigmas > 0 && sigmas <= widest) {
		return fmt.Errorf("series: limits at %v standard deviations; they are above 0, usually 3, and at most %v", sigmas, widest)
	}
	return nil
}

const widest = 1e6

// Calibrate estimates a process from individual values of a time in which it
// was in control: the mean, and the mean moving range divided by 1.128, which
// a shift or a trend widens less than the standard deviation. Values that never
// change, but for rounding, are an error, and so are those whose mean or range is
// no longer a finite number.
//
// Source: D. C. Montgomery, Introduction to Statistical Quality Control, on
// charts for individuals; 1.128 is the expected range of two normal values.
func Calibrate(x []float64) (Process, error) {
	if err := finite(x, 2); err != nil {
		return Process{}, err
	}
	sum, moved := 0.0, 0.0
	for i, v := range x {
		sum += v
		if i > 0 {
			moved += math.Abs(v - x[i-1])
		}
	}
	p := Process{Center: sum / float64(len(x)), SD: moved / float64(len(x)-1) / 1.128}
	if math.IsInf(p.SD, 0) || math.IsInf(p.Center, 0) || math.IsNaN(p.Center) {
		return Process{}, errors.New("series: the values are too large to compute with; take a larger unit")
	}
	if p.SD <= rounding(len(x), largest(x)) {
		return Process{}, errors.New("series: the values never change but for rounding, so there are no control limits")
	}
	return p, nil
}

// Limits are control limits, and the places, from 0, of values beyond them.
type Limits struct {
	Low, High []float64
	Beyond    []int
}

// XmR charts individual values against limits so many standard deviations
// (usually 3) from the centre. Of normal values in control about one in 370 is
// beyond 3.
func (p Process) XmR(x []float64, sigmas float64) (Limits, error) {
	if err := p.check(); err != nil {
		return Limits{}, err
	}
	if err := finite(x, 1); err != nil {
		return Limits{}, err
	}
	if err := width(sigmas); err != nil {
		return Limits{}, err
	}
	low, high := make([]float64, len(x)), make([]float64, len(x))
	for i := range x {
		low[i], high[i] = p.Center-sigmas*p.SD, p.Center+sigmas*p.SD
	}
	return limits(x, low, high), nil
}

func limits(x, low, high []float64) Limits {
	l := Limits{Low: low, High: high}
	for i, v := range x {
		if v < low[i] || v > high[i] {
			l.Beyond = append(l.Beyond, i)
		}
	}
	return l
}

// EWMA charts the exponentially weighted mean z_i = weight x_i + (1-weight)
// z_(i-1), from the centre, against its own limits of so many standard
// deviations. A weight of 0.2 with 3 finds shifts of about one.
//
// Source: J. S. Hunter (1986), The exponentially weighted moving average,
// Journal of Quality Technology 18, 203-210.
func (p Process) EWMA(x []float64, weight, sigmas float64) (z []float64, l Limits, err error) {
	if err := p.check(); err != nil {
		return nil, Limits{}, err
	}
	if err := finite(x, 1); err != nil {
		return nil, Limits{}, err
	}
	if err := width(sigmas); err != nil {
		return nil, Limits{}, err
	}
	if !(weight > 0 && weight <= 1) {
		return nil, Limits{}, fmt.Errorf("series: weight of the newest value is %v; it is above 0 and at most 1", weight)
	}
	z = make([]float64, len(x))
	low, high := make([]float64, len(x)), make([]float64, len(x))
	last, forgotten := p.Center, 1.0
	for i, v := range x {
		last = weight*v + (1-weight)*last
		forgotten *= (1 - weight) * (1 - weight)
		half := sigmas * p.SD * math.Sqrt(weight/(2-weight)*(1-forgotten))
		z[i], low[i], high[i] = last, p.Center-half, p.Center+half
	}
	return z, limits(z, low, high), nil
}

// Sums are the two one-sided cumulative sums of a CUSUM chart, in standard
// deviations: Up is never below 0, Down never above. A value is Beyond where
// one of them is past the decision interval.
type Sums struct {
	Up, Down             []float64
	BeyondUp, BeyondDown []int
}

// CUSUM adds up how far standardised values lie past half the shift that is to
// be found, in standard deviations, and never goes past 0 to the other side. After
// an alarm it goes on: start a new chart once the cause is dealt with. With a shift of 1 and a decision interval of
// 5 it finds a shift of one standard deviation after about 10 values, and
// raises a false alarm about every 465.
//
// Source: E. S. Page (1954), Continuous inspection schemes, Biometrika 41,
// 100-115.
func (p Process) CUSUM(x []float64, shift, decision float64) (Sums, error) {
	if err := p.check(); err != nil {
		return Sums{}, err
	}
	if err := finite(x, 1); err != nil {
		return Sums{}, err
	}
	if !(shift >= 0 && decision > 0) || shift > widest || decision > widest {
		return Sums{}, fmt.Errorf("series: shift %v and decision interval %v; they are in standard deviations, usually 1 and 5, and at most %v", shift, decision, widest)
	}
	s := Sums{Up: make([]float64, len(x)), Down: make([]float64, len(x))}
	up, down := 0.0, 0.0
	for i, v := range x {
		z := (v - p.Center) / p.SD
		up, down = math.Max(0, up+z-shift/2), math.Min(0, down+z+shift/2)
		s.Up[i], s.Down[i] = up, down
		if up > decision {
			s.BeyondUp = append(s.BeyondUp, i)
		}
		if down < -decision {
			s.BeyondDown = append(s.BeyondDown, i)
		}
	}
	return s, nil
}

// PChart charts shares x/n of differing sizes against the share of a
// calibration period: the first so many values. Limits are
// so many (usually 3) times sqrt(p (1-p) / n) from it, kept between 0 and 1, and
// widened by the factor of [Laney] (1 for none) where the shares vary more than
// binomially by nature. With few members a day, so that p n is below about 5, the
// limits are rough. A calibration period in which all or none of the units count is an error: limits
// without width would call any other share odd.
func PChart(x, n []float64, calibration int, sigmas, widen float64) (center float64, l Limits, err error) {
	if len(x) != len(n) {
		panic("series: lengths differ")
	}
	if calibration < 1 || calibration > len(x) {
		return 0, Limits{}, fmt.Errorf("series: calibration over %d of %d values", calibration, len(x))
	}
	if center, err = pooled(x[:calibration], n[:calibration]); err != nil {
		return 0, Limits{}, err
	}
	if err := width(sigmas); err != nil {
		return 0, Limits{}, err
	}
	if !(widen > 0 && widen <= widest) {
		return 0, Limits{}, fmt.Errorf("series: limits widened by %v; the factor is above 0, 1 for none, and at most %v", widen, widest)
	}
	if center == 0 || center == 1 {
		return 0, Limits{}, fmt.Errorf("series: the share is %v in all of the calibration, so that limits have no width; calibrate over a longer time", center)
	}
	if _, err := pooled(x, n); err != nil {
		return 0, Limits{}, err
	}
	shares, low, high := make([]float64, len(x)), make([]float64, len(x)), make([]float64, len(x))
	for i := range x {
		half := sigmas * widen * math.Sqrt(center*(1-center)/n[i])
		shares[i], low[i], high[i] = x[i]/n[i], math.Max(0, center-half), math.Min(1, center+half)
	}
	return center, limits(shares, low, high), nil
}

// Laney returns by how much shares vary more than binomially: the mean moving
// range of their standardised values divided by 1.128. Large programs need it:
// with enough members a day, days differ by more than chance alone, and plain
// limits would call most days odd.
//
// Source: D. B. Laney (2002), Improved control charts for attributes, Quality
// Engineering 14, 531-537.
func Laney(x, n []float64) (float64, error) {
	if len(x) != len(n) {
		panic("series: lengths differ")
	}
	center, err := pooled(x, n)
	if err != nil {
		return 0, err
	}
	if center == 0 || center == 1 {
		return 0, errors.New("series: all or none of the units count, so the shares never vary")
	}
	z := make([]float64, len(x))
	for i := range x {
		if off := x[i]/n[i] - center; math.Abs(off) > rounding(len(x), center) {
			z[i] = off / math.Sqrt(center*(1-center)/n[i])
		}
	}
	p, err := Calibrate(z)
	return p.SD, err
}

// pooled returns the share of all counts.
func pooled(x, n []float64) (float64, error) {
	sum, units := 0.0, 0.0
	for i := range x {
		if !(x[i] >= 0 && n[i] > 0 && x[i] <= n[i]) || math.IsInf(n[i], 0) {
			return 0, fmt.Errorf("series: count %d is %v of %v; counts are between 0 and their size", i, x[i], n[i])
		}
		if n[i] > hugest || n[i] < tiniest {
			return 0, fmt.Errorf("series: size %d is %v, which is none of members", i, n[i])
		}
		sum, units = sum+x[i], units+n[i]
	}
	if units == 0 {
		return 0, errors.New("series: no counts; a share takes at least one step with members in it")
	}
	return sum / units, nil
}

// Run is a pattern that a process in control seldom shows.
type Run struct {
	Rule int // 1 to 4 of the Western Electric rules
	End  int // the place, from 0, at which the pattern is complete
}

// RunRules applies the four Western Electric zone rules: one value beyond 3
// standard deviations, two of three beyond 2 on one side, four of five beyond
// 1 on one side, eight in a row on one side of the centre. Together they give
// a false alarm about every 92 values of a process in control.
//
// Source: Western Electric (1956), Statistical Quality Control Handbook;
// C. W. Champ and W. H. Woodall (1987), Technometrics 29, 393-399.
func (p Process) RunRules(x []float64) ([]Run, error) {
	if err := p.check(); err != nil {
		return nil, err
	}
	if err := finite(x, 1); err != nil {
		return nil, err
	}
	rules := []struct {
		among, needed int
		beyond        float64
	}{{1, 1, 3}, {3, 2, 2}, {5, 4, 1}, {8, 8, 0}}
	var out []Run
	for i, v := range x {
		side := math.Copysign(1, v-p.Center)
		for r, rule := range rules {
			if i+1 < rule.among || side*(v-p.Center) <= rule.beyond*p.SD {
				continue // a pattern is complete at a value that belongs to it
			}
			found := 0
			for _, w := range x[i+1-rule.among : i+1] {
				if side*(w-p.Center) > rule.beyond*p.SD {
					found++
				}
			}
			if found >= rule.needed {
				out = append(out, Run{Rule: r + 1, End: i})
			}
		}
	}
	return slices.Clip(out), nil
}
