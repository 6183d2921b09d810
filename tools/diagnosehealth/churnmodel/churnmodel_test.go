package churnmodel_test

import (
	"errors"
	"math"
	"testing"

	"loyaltymcp/tools/diagnosehealth/churnmodel"
)

func fitAll(t testing.TB, rows []churnmodel.Row) []churnmodel.Fit {
	t.Helper()
	fits, err := churnmodel.FitAll(rows)
	if err != nil {
		t.Fatal(err)
	}
	return fits
}

// Weeks lose little of what days tell: the parameters move by less than a
// standard error, and what is at risk by less than half of one.
func TestWeeksTellWhatDaysDo(t *testing.T) {
	w := demoLike
	w.members = 8000
	p := w.draw(5, 0)
	weeks := make([]churnmodel.Row, len(p.rows))
	for i, r := range p.rows {
		weeks[i] = weekly(r)
	}
	day, week := fitAll(t, p.rows)[0], fitAll(t, weeks)[0]
	for i, name := range day.Names {
		if off := (week.Params[i] - day.Params[i]) / day.SE[i]; math.Abs(off) > 1 {
			t.Errorf("%s: %v by week, %v by day, off by %.2f standard errors", name, week.Params[i], day.Params[i], off)
		}
	}
	spend := churnmodel.NewSpend(p.spends)
	of := func(f churnmodel.Fit, rows []churnmodel.Row) churnmodel.Estimate {
		total := churnmodel.NewValuer(f, spend, 365, 0).Sum(rows)
		return total.AtRisk()
	}
	byDay, byWeek := of(day, p.rows), of(week, weeks)
	if half := (byDay.High - byDay.Low) / 2; math.Abs(byWeek.Value-byDay.Value) > half/4 {
		t.Errorf("at risk %v by week, %+v by day", byWeek.Value, byDay)
	}
}

// Data that come from the model pass its test, and those whose members stop
// buying fail it.
func TestBacktestTellsAModelThatFails(t *testing.T) {
	limits := churnmodel.Limits{Total: 0.25, Calibration: 0.05}
	w := demoLike
	w.members = 4000
	p := w.draw(9, 90)
	fits := fitAll(t, p.rows)
	good, err := churnmodel.Hold(fits, p.rows, 90, limits)
	if err != nil {
		t.Fatal(err)
	}
	if good.Failure != "" || good.Chosen != churnmodel.MBGNBD || math.Abs(good.Ratio-1) > 0.1 || len(good.Bands) != 10 {
		t.Errorf("got %+v, want a test that passes by MBG/NBD", good)
	}
	halved := make([]churnmodel.Row, len(p.rows))
	for i, r := range p.rows {
		r.Later /= 2
		halved[i] = r
	}
	bad, err := churnmodel.Hold(fits, halved, 90, limits)
	if err != nil {
		t.Fatal(err)
	}
	if bad.Failure == "" {
		t.Errorf("a model passes that expected %.0f purchases of %.0f", bad.Expected, bad.Actual)
	}
	for i := range halved {
		halved[i].Open = false
	}
	if _, err := churnmodel.Hold(fits, halved, 90, limits); !errors.Is(err, churnmodel.ErrNothingToPredict) {
		t.Errorf("got %v with nobody open", err)
	}
}

// Where those who buy more often spend more, spend is taken by band.
func TestSpendByBand(t *testing.T) {
	var rows []churnmodel.SpendRow
	for n := 1; n <= 12; n++ {
		rows = append(rows, churnmodel.SpendRow{N: n, Members: 50, Spend: 50 * float64(n) * float64(10*n)},
			churnmodel.SpendRow{N: n, Members: 50, Spend: 50 * float64(n) * float64(12*n)})
	}
	s := churnmodel.NewSpend(rows)
	if s.Method != churnmodel.ByBand || !(s.Correlation > 0.2) {
		t.Errorf("got %s at correlation %v", s.Method, s.Correlation)
	}
	independent := demoLike.draw(3, 0)
	if s := churnmodel.NewSpend(independent.spends); s.Method != churnmodel.GammaGamma || math.Abs(s.Correlation) > 0.1 {
		t.Errorf("got %s at correlation %v", s.Method, s.Correlation)
	}
	if churnmodel.NewSpend(nil) != nil {
		t.Error("nobody spent, and purchases have a worth")
	}
}

func TestTooFew(t *testing.T) {
	for name, rows := range map[string][]churnmodel.Row{
		"nobody":           nil,
		"few":              {{X: 1, TX: 5, T: 50, Open: true, Members: 60}},
		"no repeat buyers": {{T: 50, Open: true, Members: 5000}},
	} {
		if _, err := churnmodel.FitAll(rows); !errors.Is(err, churnmodel.ErrTooFew) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
