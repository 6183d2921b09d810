package diagnosehealth

import (
	"context"
	"fmt"
	"time"

	"loyaltymcp/tools/config"
	"loyaltymcp/tools/diagnosehealth/liabilitymodel"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

// lotSpan is what the template of lots reads.
type lotSpan struct {
	End                    time.Time
	ByExpiry, RedeemsNamed bool
}

// noExpiry is how lot_moves.sql writes that points never expire.
const noExpiry = 99999

// monthOf returns the month, as liabilitymodel counts them, of a moment.
func monthOf(t time.Time) int { return 12*t.Year() + int(t.Month()) - 1 }

// monthOfDays returns the month whose first is so many days after 2000-01-01.
func monthOfDays(days int64) int {
	return monthOf(time.Date(2000, time.January, 1+int(days), 0, 0, 0, 0, time.UTC))
}

// monthName writes a month, as 2026-05.
func monthName(month int) string { return fmt.Sprintf("%04d-%02d", month/12, month%12+1) }

// book attributes what was taken to the lots that held it.
func (d *doctor) book(ctx context.Context) (*liabilitymodel.Book, error) {
	end, lots := d.run.Window.End, d.desk.Config.Health.Liability.Lots
	data := lotSpan{End: end, ByExpiry: lots == config.EarliestExpiry, RedeemsNamed: lots == config.NamedLot}
	rows, err := warehouse.Collect(ctx, d.snapshot, queries, "lot_moves", data, func(row warehouse.Row) (r liabilitymodel.Row, err error) {
		var issued, expires, what, month int64
		var points warehouse.Exact
		if err := row.Scan(&issued, &expires, &what, &month, &points); err != nil {
			return r, err
		}
		r = liabilitymodel.Row{Issued: monthOfDays(issued), Expires: monthOfDays(expires), What: int(what), Points: points.Float()}
		if expires == noExpiry {
			r.Expires = liabilitymodel.Never
		}
		if month != 0 {
			r.Month = monthOfDays(month)
		}
		return r, nil
	})
	if err != nil {
		return nil, err
	}
	midnight := time.Date(end.Year(), end.Month(), 1, 0, 0, 0, 0, end.Location())
	part := float64(run.DayNumber(end)-run.DayNumber(midnight)) / float64(run.DayNumber(midnight.AddDate(0, 1, 0))-run.DayNumber(midnight))
	return liabilitymodel.NewBook(rows, monthOf(end), part), nil
}

// broken raises an alarm for each way in which lots and what was taken from them
// contradict each other. The roll-forward stands all the same.
func (d *doctor) broken(b *liabilitymodel.Book) {
	for _, fault := range []struct {
		id, label, says string
		points          float64
	}{
		{"overdrawn_lots", "Points taken from lots that no longer held them",
			"%.0f points were taken from lots that no longer held them: something expired, was taken back or was redeemed twice.", b.Overdrawn},
		{"uncovered_points", "Points taken from members who held none",
			"%.0f points were taken from members who held none: a redemption was entered twice, or a credit is missing.", b.Uncovered},
		{"spent_before_earned", "Points taken in a month before they were credited",
			"%.0f points were taken in a month before they were credited: lines are missing, or their dates are wrong.", b.Early},
		{"spent_after_expiry", "Points taken in a month after their expiry",
			"%.0f points were taken in a month after they should have expired: expiries are missing from the ledger.", b.Late},
	} {
		if fault.points <= 0 {
			continue
		}
		d.result.DataAlarms = append(d.result.DataAlarms, DataAlarm{ID: fault.id, Severity: "warning", Says: fmt.Sprintf(fault.says, fault.points),
			Figures: []run.Figure{run.Number("health/liability/"+fault.id, fault.label, metric.Points, fault.points)}})
	}
}
