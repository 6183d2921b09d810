package checkfeeds

import (
	"context"
	"fmt"
	"strings"

	"loyaltymcp/tools/config"
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
	if i.currency == config.NoCurrency && len(all) == 1 {
		return nil // noCurrency says enough
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
	says := fmt.Sprintf("Rows not in %s, the program's currency, whose amounts are added as if they were: %d.", i.currency, t.count)
	if i.currency == config.NoCurrency {
		says = fmt.Sprintf("Rows whose amounts are added up though they are not in one currency: %d.", t.count)
	}
	i.note(feed, "currencies", "rows", t, says+" All rows by currency: "+strings.Join(parts, ", ")+".")
	return nil
}

// noCurrency notes that the program's currency is not filled in, beside the
// feed whose amounts it is for.
func (i *inspector) noCurrency() {
	if i.currency != config.NoCurrency {
		return
	}
	feed := "members"
	for _, f := range []string{"orders", "redemptions"} {
		if i.snapshot.Has(f) {
			feed = f
			break
		}
	}
	i.note(feed, "no_currency", "settings", &tally{count: 1}, "The program's currency is not filled in: program.currency is "+config.NoCurrency+", the code for none.")
}

// isCode reports whether the text is written as a currency's code; other text
// from the data is not shown.
func isCode(text string) bool {
	return len(text) == 3 && strings.IndexFunc(text, func(c rune) bool { return c < 'A' || c > 'Z' }) < 0
}
