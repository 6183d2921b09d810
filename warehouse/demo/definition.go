package demo

import "math"

// Words that a definition change puts in place of the program's own.
const (
	renamedCancelled = "canceled"
	renamedEarn      = "accrual"
)

// plantDefinition changes what a column means from a date on: cancelled orders
// are coded otherwise, so that a filter on the old code counts them; points
// earned are booked under another kind; or net comes to hold the tax.
func plantDefinition(f *planted) {
	recode := func(column, from, to string) func(*generator, *rowContext) (bool, []any) {
		return func(g *generator, r *rowContext) (bool, []any) {
			if r.text(column) == from && f.chance(r.key, 1) < f.Size && r.take(column) {
				r.set(column, to)
				r.spoilers = append(r.spoilers, f)
				g.acted(f, g.current, 1, 0)
			}
			return true, nil
		}
	}
	switch f.Mode {
	case "order_status":
		f.tables, f.row = []string{"orders"}, recode("status", "cancelled", renamedCancelled)
	case "points_kind":
		f.tables, f.row = []string{"points"}, recode("kind", "earn", renamedEarn)
	case "net_with_tax":
		f.tables, f.turn = []string{"orders"}, shifts
		f.row = func(g *generator, r *rowContext) (bool, []any) {
			if r.row[r.index["net"]] == nil {
				return true, nil
			}
			r.scale("net", 1+f.Size)
			r.spoilers = append(r.spoilers, f)
			g.acted(f, g.current, 1, 0)
			return true, nil
		}
	}
}

// scale multiplies an amount of money.
func (r *rowContext) scale(column string, by float64) {
	if c, ok := r.row[r.index[column]].(Cents); ok {
		r.set(column, Cents(math.Round(float64(c)*by)))
	}
}
