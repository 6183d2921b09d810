package diagnosehealth

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

const (
	// spikeDays is the window that the configured liability_spike is about; for
	// other lengths it is scaled.
	spikeDays = 30
	// usualSpike is the liability_spike where there are too few windows for a
	// band.
	usualSpike = 0.20
	// leastSpread is the smallest robust standard deviation of the growth that a
	// band goes by: windows that hardly differ would make any change a spike.
	leastSpread = 0.005
)

// spikeRule is by what the growth of the outstanding points is a spike.
type spikeRule struct {
	over   float64 // the growth
	watch  float64 // from which it is worth a look
	text   string
	sales  float64 // the growth that more sales than usual explain; NaN where unknown
	banded bool
}

// judgeLiability decides whether the outstanding points spiked, once for all
// who ask: the diagnosis and the plan's rip-cord. Every data alarm is of the
// ledger, and so puts the points in doubt. Where their growth is unknown, a doubt
// is still a reason to look, but nothing is healthy.
func (d *doctor) judgeLiability(ctx context.Context) error {
	l, doubts := &d.result.Liability, len(d.result.DataAlarms)
	rule, err := d.spikeRule(ctx)
	if err != nil {
		return err
	}
	var doubt string
	if doubts > 0 {
		doubt = fmt.Sprintf(" Data alarms that put them in doubt: %d.", doubts)
	}
	growth := d.result.Figure(PointGrowth)
	if growth == nil || growth.Value == nil {
		if doubts > 0 {
			l.decide(rule.text, "How the outstanding points changed is unknown."+doubt, false, true, PointOutstanding)
		}
		return nil
	}
	spike := *growth.Value > rule.over
	says := fmt.Sprintf("The outstanding points changed by %s in %d days; usual is up to %s.", run.Show(growth.Value, metric.Share, ""), d.run.Window.Days(), run.Show(&rule.over, metric.Share, ""))
	explained := false
	if spike && rule.banded && !math.IsNaN(rule.sales) {
		says += fmt.Sprintf(" Sales other than usual explain %s.", run.Show(&rule.sales, metric.Share, ""))
		if *growth.Value-rule.sales <= rule.over {
			spike, explained = false, true
		}
	}
	l.SpikeOver, l.Spike = run.Round(rule.over), &spike
	l.decide(rule.text, says+doubt, spike, explained || *growth.Value > rule.watch || doubts > 0, PointGrowth, PointOutstanding)
	return nil
}

// fixed is the rule by a share that the config sets.
func (d *doctor) fixed(share float64, why string) spikeRule {
	over := share * float64(d.run.Window.Days()) / spikeDays
	return spikeRule{over: over, watch: over / 2, sales: math.NaN(),
		text: fmt.Sprintf("Act when the outstanding points grow by more than %s in %d days (%s), watch when by more than half of it, or on a data alarm.", run.Show(&over, metric.Share, ""), d.run.Window.Days(), why)}
}

// past is a window, of which windows.sql tells.
type past struct{ points, issued, sales float64 }

// spikeRule returns the rule: the share that the config sets; else the band
//
//	median + k × 1.4826 × median absolute deviation
//
// of the growth in the windows before; else a usual share, where they are too few.
func (d *doctor) spikeRule(ctx context.Context) (spikeRule, error) {
	config := d.desk.Config
	if share := config.LiabilitySpike; share > 0 {
		return d.fixed(share, "liability_spike"), nil
	}
	growths, sales, err := d.earlier(ctx, config.Health.Liability.SpikeWindows)
	if err != nil {
		return spikeRule{}, err
	}
	if len(growths) < config.Health.Liability.SpikeWindows {
		return d.fixed(usualSpike, fmt.Sprintf("the history holds %d of the %d windows before that a band takes", len(growths), config.Health.Liability.SpikeWindows)), nil
	}
	middle := median(growths)
	apart := make([]float64, len(growths))
	for i, g := range growths {
		apart[i] = math.Abs(g - middle)
	}
	sigma := max(leastSpread, 1.4826*median(apart))
	k := config.Health.Liability.SpikeSigmas
	r := spikeRule{over: middle + k*sigma, watch: middle + k*sigma*2/3, sales: sales, banded: true}
	r.text = fmt.Sprintf("Growth beyond the band of the %d windows before (median %s, %g robust standard deviations: up to %s): act, or watch if sales explain it; watch beyond two thirds of it, or on a data alarm.",
		len(growths), run.Show(&middle, metric.Share, ""), k, run.Show(&r.over, metric.Share, ""))
	return r, nil
}

// earlier returns the growth of the outstanding points in the windows before this
// one, as far back as points are known, the latest first, and what part of this
// window's growth comes of sales that differ from the usual, at the points that a
// sale usually earns; NaN where that is unknown.
func (d *doctor) earlier(ctx context.Context, windows int) (growths []float64, bySales float64, err error) {
	bySales = math.NaN()
	w, days := d.run.Window, d.run.Window.Days()
	ledger := d.run.Feed("points")
	if ledger == nil || ledger.First == nil {
		return nil, bySales, nil
	}
	data := struct {
		End, Since time.Time
		Days       float64
	}{w.End, w.End.AddDate(0, 0, -days*(windows+1)), float64(days)}
	all := make([]past, windows+1)
	err = d.snapshot.Query(ctx, queries, "windows", data, func(row warehouse.Row) error {
		var back int64
		var points, issued, sales warehouse.Exact
		if err := row.Scan(&back, &points, &issued, &sales); err != nil {
			return err
		}
		if back >= 0 && int(back) < len(all) {
			all[back] = past{points.Float(), issued.Float(), sales.Float()}
		}
		return nil
	})
	if err != nil {
		return nil, bySales, err
	}
	closing := d.result.Figure(PointOutstanding)
	if closing == nil || closing.Value == nil {
		return nil, bySales, nil
	}
	balance := *closing.Value - all[0].points // at the start of the window
	opening := balance
	var rates, sold []float64
	for k := 1; k <= windows; k++ {
		balance -= all[k].points
		if w.End.AddDate(0, 0, -days*(k+1)).Before(*ledger.First) || balance <= 0 {
			break
		}
		growths = append(growths, all[k].points/balance)
		if all[k].sales > 0 {
			rates, sold = append(rates, all[k].issued/all[k].sales), append(sold, all[k].sales)
		}
	}
	if all[0].sales > 0 && opening > 0 && len(sold) > 0 && len(sold) == len(growths) {
		bySales = median(rates) * (all[0].sales - median(sold)) / opening
	}
	return growths, bySales, nil
}

// median returns the median of x, which must not be empty.
func median(x []float64) float64 {
	s := slices.Sorted(slices.Values(x))
	n := len(s)
	return (s[(n-1)/2] + s[n/2]) / 2
}
