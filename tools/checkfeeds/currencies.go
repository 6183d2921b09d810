package checkfeeds

import (
	"context"
	"fmt"
	"strings"

	"loyaltymcp/warehouse"
)

// currencies tells how many rows are in which currency.
func (i *inspector) currencies(ctx context.Context, feed string, t *tally) error {
	type amount struct {
		code string
		n    int64
	}
	all, err := warehouse.Collect(ctx, i.snapshot, queries, "currencies", struct{ Feed string }{feed}, func(row warehouse.Row) (a amount, err error) {
		return a, row.Scan(&a.code, &a.n)
	})
	if err != nil {
		return err
	}
	var parts []string
	var other int64
	for _, a := range all {
		switch {
		case a.code == "":
			parts = append(parts, fmt.Sprintf("%d have none and count as %s", a.n, i.currency))
		case isCode(a.code) && len(parts) < 8:
			parts = append(parts, fmt.Sprintf("%s %d", a.code, a.n))
		default:
			other += a.n
		}
	}
	if other > 0 {
		parts = append(parts, fmt.Sprintf("others %d", other))
	}
	i.note(feed, "currencies", "rows", t, fmt.Sprintf("Rows not in %s, the program's currency, whose amounts are added as if they were: %d. All rows by currency: %s.",
		i.currency, t.count, strings.Join(parts, ", ")))
	return nil
}

// isCode reports whether the text is written as a currency's code; other text
// from the data is not shown.
func isCode(text string) bool {
	return len(text) == 3 && strings.IndexFunc(text, func(c rune) bool { return c < 'A' || c > 'Z' }) < 0
}
