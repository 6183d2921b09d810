package diagnosehealth

import (
	"fmt"
	"strings"
	"time"

	"loyaltymcp/tools/diagnosehealth/churnmodel"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
)

// Backtest is what the model, fitted to the time before, said of the days up to
// the end of the window, held to what members did.
type Backtest struct {
	Model       string   `json:"model"`
	From        string   `json:"from"`
	Days        int      `json:"days"`
	Members     int64    `json:"members"` // open at its start
	Expected    *float64 `json:"expected_purchases"`
	Actual      float64  `json:"actual_purchases"`
	Ratio       *float64 `json:"ratio"`             // actual / expected
	Calibration *float64 `json:"calibration_error"` // mean |share that bought - predicted| over the bands
	Passed      bool     `json:"passed"`
	Bands       []Band   `json:"bands,omitempty"` // least likely to buy first
}

// Band is about a tenth of the members, alike in how likely they were to buy.
type Band struct {
	Members   int64    `json:"members"`
	Predicted *float64 `json:"predicted"` // probability to buy
	Active    *float64 `json:"active"`    // share that bought
	Expected  *float64 `json:"expected"`  // purchases a member
	Bought    *float64 `json:"bought"`
}

const (
	pointBacktestRatio       = "health/churn/backtest/ratio"
	pointBacktestCalibration = "health/churn/backtest/calibration_error"
	pointBacktestExpected    = "health/churn/backtest/expected_purchases"
	pointBacktestActual      = "health/churn/backtest/actual_purchases"
)

// newBacktest states a test, with its bands where each holds enough members.
func newBacktest(t *churnmodel.Test, from time.Time, days, least int) *Backtest {
	b := &Backtest{Model: t.Chosen, From: run.Day(from), Days: days, Members: int64(t.Members), Expected: run.Round(t.Expected), Actual: t.Actual,
		Ratio: run.Round(t.Ratio), Calibration: run.Round(t.Calibration), Passed: t.Failure == ""}
	for _, band := range t.Bands {
		if band.Members < float64(least) {
			b.Bands = nil
			break
		}
		b.Bands = append(b.Bands, Band{int64(band.Members), run.Round(band.Predicted), run.Round(band.Active), run.Round(band.Expected), run.Round(band.Bought)})
	}
	return b
}

func (t *Backtest) points() []run.Point {
	if t == nil {
		return nil
	}
	out := []run.Point{{ID: pointBacktestActual, Value: t.Actual, Unit: metric.Count}}
	for _, p := range []struct {
		id    string
		value *float64
		unit  metric.Unit
	}{{pointBacktestExpected, t.Expected, metric.Count}, {pointBacktestRatio, t.Ratio, metric.Share}, {pointBacktestCalibration, t.Calibration, metric.Share}} {
		if p.value != nil {
			out = append(out, run.Point{ID: p.id, Value: *p.value, Unit: p.unit})
		}
	}
	return out
}

func (t *Backtest) markdown(b *strings.Builder) {
	if t == nil {
		return
	}
	verdict := "failed"
	if t.Passed {
		verdict = "passed"
	}
	fmt.Fprintf(b, "\nBacktest %s: %s fitted up to %s expected %s purchases of %d members in %d days, and they made %s; calibration error %s.\n", verdict, t.Model, t.From,
		run.Show(t.Expected, metric.Count, ""), t.Members, t.Days, run.Show(&t.Actual, metric.Count, ""), run.Show(t.Calibration, metric.Share, ""))
	if len(t.Bands) == 0 {
		return
	}
	b.WriteString("\n| band | members | predicted to buy | bought | expected purchases | purchases |\n|---|---|---|---|---|---|\n")
	for i, band := range t.Bands {
		fmt.Fprintf(b, "| %d | %d | %s | %s | %s | %s |\n", i+1, band.Members, run.Show(band.Predicted, metric.Share, ""), run.Show(band.Active, metric.Share, ""),
			number(band.Expected, 3), number(band.Bought, 3))
	}
}
