package series_test

import (
	"math"
	"slices"
	"testing"

	"loyaltymcp/stats/series"
)

func TestRefusals(t *testing.T) {
	good := week(30, 1)
	bad := slices.Clone(good)
	bad[3] = math.NaN()
	p := series.Process{Center: 0, SD: 1}
	for name, err := range map[string]error{
		"STL, NaN":            second(series.STL(bad, 7, series.STLOptions{})),
		"STL, short":          second(series.STL(good[:13], 7, series.STLOptions{})),
		"STL, even window":    second(series.STL(good, 7, series.STLOptions{SeasonWindow: 8})),
		"STL, period":         second(series.STL(good, 1, series.STLOptions{})),
		"scores, constant":    second(series.Scores([]float64{1, 1, 1, 2})),
		"outliers, fence":     second(series.Outliers(good, 0)),
		"outliers, NaN":       second(series.Outliers(bad, 3)),
		"calibrate, constant": second(series.Calibrate([]float64{1, 1, 1})),
		"xmr, NaN":            second(p.XmR(bad, 3)),
		"cusum, interval":     second(p.CUSUM(good, 1, 0)),
		"runs, NaN":           second(p.RunRules(bad)),
		"breaks, piece":       second(series.Breakpoints(good, 2)),
		"breaks, short":       second(series.Breakpoints(good[:9], 5)),
		"breaks, exact":       second(series.Breakpoints([]float64{1, 2, 3, 4, 5, 6}, 3)),
		"line, short":         second(series.TrendSeason(good[:8], 7)),
		"holt-winters, short": second(series.HoltWinters(good[:20], 7, series.Smoothing{})),
		"holt-winters, share": second(series.HoltWinters(good, 7, series.Smoothing{Level: 2})),
		"ets, short":          second(series.ETS(good[:13], 7)),
		"theil-sen, one":      second(series.TheilSen(good[:1])),
		"laney, all":          second(series.Laney([]float64{5, 5}, []float64{5, 5})),
		"laney, above":        second(series.Laney([]float64{6, 5}, []float64{5, 5})),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, _, err := series.PChart([]float64{1}, []float64{2}, 2, 3, 1); err == nil {
		t.Error("p chart calibrated beyond its end: no error")
	}
	if _, _, err := series.MannKendall(bad); err == nil {
		t.Error("Mann-Kendall, NaN: no error")
	}
	if _, _, err := series.CUSUMTest([]float64{1, 2, 3, 4}); err == nil {
		t.Error("CUSUM test of a line: no error")
	}
	if _, _, err := p.EWMA(good, 0, 3); err == nil {
		t.Error("EWMA without weight: no error")
	}
}

func second[T any](_ T, err error) error { return err }
