package checkfeeds_test

import (
	"strings"
	"testing"
)

// A currency that is not filled in is an error, with or without a column that
// tells what the amounts are in.
func TestCurrencyNotFilledIn(t *testing.T) {
	for name, c := range map[string]struct {
		currency, column string
		want             map[string]int64
	}{
		"no column":          {"XXX", "", map[string]int64{"orders/no_currency": 1}},
		"one currency":       {"XXX", ", 'USD' AS currency", map[string]int64{"orders/no_currency": 1}},
		"several currencies": {"XXX", ", CASE WHEN i = 1 THEN 'USD' ELSE 'EUR' END AS currency", map[string]int64{"orders/no_currency": 1, "orders/currencies": 20}},
		"filled in":          {"EUR", "", map[string]int64{}},
	} {
		t.Run(name, func(t *testing.T) {
			findings := checked(t, "program: {name: New, currency: "+c.currency+`}
feeds:
  members: {sql: "SELECT i AS member_id, TIMESTAMP '2026-01-01 00:00:00' AS enrolled_at FROM generate_series(1, 20) AS g(i)"}
  orders: {sql: "SELECT i AS order_id, i AS member_id, TIMESTAMP '2026-06-15 00:00:00' AS ordered_at, 10.0 AS net`+c.column+` FROM generate_series(1, 20) AS g(i)"}
`)
			same(t, counts(findings), c.want)
			for _, f := range findings {
				if f.Severity != "error" || f.ID == "currencies" && !strings.Contains(f.Says, "not in one currency: 20. All rows by currency: EUR 19, USD 1.") {
					t.Errorf("%s %s: %s", f.Severity, f.ID, f.Says)
				}
			}
		})
	}
}
