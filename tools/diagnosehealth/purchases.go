package diagnosehealth

import (
	"context"
	"math"
	"time"

	"loyaltymcp/tools/diagnosehealth/churnmodel"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

// Purchases is what is expected of members' purchases, for the stages that need
// it: the fits, the test that the chosen one had to pass, and what all open members
// come to.
type Purchases struct {
	// Reason is why there is no model to go by, "" where there is one.
	Reason string
	// Horizon is how many days ahead is told.
	Horizon int
	// Total is of all open members.
	Total churnmodel.Tally

	o      observation
	start  time.Time // of the backtest
	days   int
	test   *churnmodel.Test
	fits   []churnmodel.Fit
	chosen churnmodel.Fit
	spend  *churnmodel.Spend
	others []float64 // revenue at risk by fit; NaN where it tells none
}

// Worth reports whether purchases have a worth.
func (p *Purchases) Worth() bool { return p.spend != nil }

// Valuer returns a valuer of the chosen fit, for one goroutine.
func (p *Purchases) Valuer() *churnmodel.Valuer {
	return churnmodel.NewValuer(p.chosen, p.spend, p.Horizon, p.offset())
}

// offset is how many purchases count for spend beyond those after the start.
func (p *Purchases) offset() int {
	if p.o.fromEnrolment {
		return 0
	}
	return 1
}

// Observed says how histories are looked at: the days of a bin, whether time
// starts at the enrolment (else at the first purchase), and from which enrolment
// on members are in them, zero for all.
func (p *Purchases) Observed() (step int, fromEnrolment bool, since time.Time) {
	return p.o.step, p.o.fromEnrolment, p.o.since
}

// ExpectPurchases fits the models of purchases, tests the choice on the window, and
// sums up the open members; once for all stages of a run.
func ExpectPurchases(ctx context.Context, d *run.Desk, r *run.Run, s *warehouse.Snapshot) (*Purchases, error) {
	made, err := d.Memo.Do(ctx, r.ID+"/purchases", func(ctx context.Context) (any, error) {
		p := &Purchases{Horizon: d.Config.Health.Churn.HorizonDays}
		return p, (&doctor{desk: d, run: r, snapshot: s}).expect(ctx, p)
	})
	if err != nil {
		return nil, err
	}
	return made.(*Purchases), nil
}

// expect fits and tests the models, and sums up what the chosen one says.
func (d *doctor) expect(ctx context.Context, p *Purchases) (err error) {
	if p.o, p.Reason = d.observe(); p.Reason != "" {
		return nil
	}
	if p.start, p.Reason = d.holdout(p.o); p.Reason != "" {
		return nil
	}
	config := d.desk.Config.Health.Churn
	earlier, err := d.histories(ctx, &p.o, p.start)
	if err != nil {
		return err
	}
	before, err := churnmodel.FitAll(earlier)
	if err != nil {
		p.Reason = err.Error() + ", up to " + run.Day(p.start) + ", the start of the backtest"
		return nil
	}
	p.days = run.DayNumber(d.run.Window.End) - run.DayNumber(p.start)
	test, err := churnmodel.Hold(before, earlier, p.days, churnmodel.Limits{Total: config.TotalError, Calibration: config.CalibrationError})
	if err != nil {
		p.Reason = err.Error()
		return nil
	}
	p.test = test
	rows, err := d.histories(ctx, &p.o, d.run.Window.End)
	if err != nil {
		return err
	}
	if p.fits, err = churnmodel.FitAll(rows); err != nil {
		p.fits, p.Reason = nil, err.Error()
		return nil
	}
	if test.Failure != "" {
		p.Reason = "the backtest failed: " + test.Failure + "; the lapse rates stand alone"
		return nil
	}
	p.chosen = p.fits[0]
	for _, f := range p.fits {
		if f.Name == test.Chosen {
			p.chosen = f
		}
	}
	if p.chosen.Problem != "" {
		p.Reason = p.chosen.Name + ": " + p.chosen.Problem
		return nil
	}
	spends, err := warehouse.Collect(ctx, d.snapshot, queries, "spends", d.historySpan(p.o, d.run.Window.End, nil), func(row warehouse.Row) (churnmodel.SpendRow, error) {
		var n, bin, members int64
		var spend warehouse.Exact
		err := row.Scan(&n, &bin, &members, &spend)
		return churnmodel.SpendRow{N: int(n), Members: float64(members), Spend: spend.Float()}, err
	})
	if err != nil {
		return err
	}
	p.spend = churnmodel.NewSpend(spends)
	p.Total = p.Valuer().Sum(rows)
	if p.Total.Members == 0 {
		p.Reason = "no member is open at the end of the window"
		return nil
	}
	for _, f := range p.fits {
		value := math.NaN()
		if p.spend != nil && f.Tells() {
			other := churnmodel.NewValuer(f.Alone(), p.spend, p.Horizon, p.offset()).Sum(rows)
			value = other.AtRisk().Value
		}
		p.others = append(p.others, value)
	}
	return nil
}
