package churnmodel_test

import (
	"testing"

	"loyaltymcp/tools/diagnosehealth/churnmodel"
)

// million is a program of a million members over two years, in whole weeks, as
// the stage groups one of that size.
func million(b *testing.B) []churnmodel.Row {
	w := demoLike
	w.members, w.purchases.R, w.purchases.Alpha, w.purchases.B = 1_000_000, 0.6, 60, 3
	counts := map[churnmodel.Row]float64{}
	for _, r := range w.draw(1, 0).rows {
		r = weekly(r)
		n := r.Members
		r.Members, r.Spend = 0, 0
		counts[r] += n
	}
	var rows []churnmodel.Row
	for r, n := range counts {
		r.Members, r.Spend = n, n*float64(r.X)*40
		rows = append(rows, r)
	}
	return rows
}

// The three models together, fitted to the grouped histories of a million
// members.
func BenchmarkFitAll(b *testing.B) {
	rows := million(b)
	for b.Loop() {
		fitAll(b, rows)
	}
	b.ReportMetric(float64(len(rows)), "rows")
}

// What is at risk, with its interval, of the same.
func BenchmarkSum(b *testing.B) {
	rows := million(b)
	fit, spend := fitAll(b, rows)[0], churnmodel.NewSpend(demoLike.draw(1, 0).spends)
	for b.Loop() {
		total := churnmodel.NewValuer(fit, spend, 365, 0).Sum(rows)
		total.AtRisk()
	}
}
