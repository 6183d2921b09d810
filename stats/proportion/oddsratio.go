package proportion

import "math"

// OddsRatio returns the ratio of the odds of success, treatment over control,
// with its interval.
//
// See O. Miettinen and M. Nurminen, "Comparative analysis of two rates",
// Statistics in Medicine 4, 1985, for RatioScore.
//
// OddsRatio returns ErrNoData or ErrCounts for counts that are not a sample, and
// ErrNoEvents when the estimate or, for RatioLog, its variance is undefined because a
// cell of the table is empty. With RatioLogAdjusted and RatioScore the interval is returned
// beside ErrNoEvents. It panics on an unknown method.
func OddsRatio(control, treatment Count, confidence float64, method RatioMethod) (Interval, error) {
	z := criticalValue(confidence)
	if err := checkBoth(control, treatment); err != nil {
		return Interval{}, err
	}
	xc, yc := float64(control.Successes), float64(control.N-control.Successes)
	xt, yt := float64(treatment.Successes), float64(treatment.N-treatment.Successes)
	iv := Interval{Estimate: xt / yt * (yc / xc)}
	// Only whether they are 0 matters.
	numerator := min(treatment.Successes, control.N-control.Successes)
	denominator := min(control.Successes, treatment.N-treatment.Successes)
	var err error
	if xc == 0 || yt == 0 {
		iv.Estimate, err = math.NaN(), ErrNoEvents
	}
	switch method {
	case RatioLog:
		if xc*yc*xt*yt == 0 {
			return Interval{Estimate: iv.Estimate}, ErrNoEvents
		}
		iv.Low, iv.High = logInterval(iv.Estimate, 1/xc+1/yc+1/xt+1/yt, z)
	case RatioLogAdjusted:
		xc, yc, xt, yt = xc+0.5, yc+0.5, xt+0.5, yt+0.5
		iv.Low, iv.High = logInterval(xt/yt*(yc/xc), 1/xc+1/yc+1/xt+1/yt, z)
		iv = iv.holdingRatio(numerator, denominator)
	case RatioScore:
		iv.Low, iv.High = invert(iv.Estimate, z, func(r float64) float64 { return oddsZ(control, treatment, r) })
		iv = iv.holdingRatio(numerator, denominator)
	default:
		panic("proportion: unknown method")
	}
	return iv, err
}

// oddsZ returns the score statistic of the odds ratio r.
func oddsZ(control, treatment Count, r float64) float64 {
	nc, nt := float64(control.N), float64(treatment.N)
	total := float64(control.Successes + treatment.Successes)
	if total == 0 || total == nc+nt {
		return 0
	}
	xc, yc := float64(control.Successes), float64(control.N-control.Successes)
	xt, yt := float64(treatment.Successes), float64(treatment.N-treatment.Successes)
	share := func(u float64) float64 { return 1 / (1 + math.Exp(-u)) }
	shift := math.Log(r)
	// By how much more successes are expected in control than seen, and fewer in
	// treatment, of the smaller of a group's cells so that no digits are lost.
	more := func(u float64) float64 {
		if xc < yc {
			return nc*share(u) - xc
		}
		return yc - nc*share(-u)
	}
	fewer := func(u float64) float64 {
		if xt < yt {
			return xt - nt*share(u+shift)
		}
		return nt*share(-u-shift) - yt
	}
	// The expected successes keep the total: u is the logarithm of the control
	// odds for which they do.
	u := crossing(func(u float64) bool { return more(u) < fewer(u) }, -1500, 1500)
	wc, wt := nc*share(u)*share(-u), nt*share(u+shift)*share(-u-shift)
	d := more(u)
	if min(xt, yt) < min(xc, yc) {
		d = fewer(u)
	}
	if d == 0 {
		return 0
	}
	return d * math.Sqrt((1/wc+1/wt)*(nc+nt-1)/(nc+nt))
}
