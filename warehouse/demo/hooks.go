package demo

import "slices"

// hooks are where a fault acts on the process. A kind sets the ones it needs;
// a nil hook leaves everything as it is.
//
// The generator calls those with a moment only within the fault's dates, and
// all but the hooks of experiments only for members in the fault's place.
type hooks struct {
	// purchases is a factor on the member's purchase rate; ceiling is the
	// largest that it can be.
	purchases func(m *member, at instant) float64
	ceiling   float64
	// redemption is a factor on the chance to redeem.
	redemption func(m *member, at instant) float64
	// stock is a factor on the weight of a reward.
	stock func(m *member, at instant, w *reward) float64
	// strike may end a membership, once a member, when the fault begins.
	strike func(g *generator, m *member)
	// give adds bonuses, once a member.
	give func(g *generator, m *member)
	// expiry moves the expiry of points credited now.
	expiry func(m *member, at, usual instant) instant
	// leaks reports whether the ledger goes wrong about something.
	leaks func(m *member, at instant, what string) bool

	// shares bends a member's chances for the arms of the trial, and planned
	// says what they come to.
	shares  func(m *member) func(arm int) float64
	planned func() map[string]float64
	// stratum names the part of the trial's units that a member belongs to.
	stratum func(m *member) string
	// loses reports whether the unit is lost.
	loses func(m *member, arm int) bool

	// row spoils a row of one of the tables, in place; it may drop it, and may
	// return another row to write after it.
	row    func(g *generator, r *rowContext) (keep bool, another []any)
	tables []string
	turn   turn // of row among those of other faults
	// fill fills a column that the fault added, in every row of the tables.
	fill func(r *rowContext)
}

// turn is when a fault has its turn at a row that several befall.
type turn int

const (
	drops   turn = iota - 2 // a row that is dropped shows nothing else
	delays                  // which drop some
	changes                 // of values; the zero value
	shifts                  // of the dates that are there by then
	copies                  // of the row as it is by then
)

// extraColumn is a column that a fault adds to a table.
type extraColumn struct {
	table  string
	column Column
}

// rowContext is a row on its way out.
type rowContext struct {
	table string
	row   []any
	at    instant
	index map[string]int
	key   uint64 // tells rows apart, for draws

	taken    []string   // columns that a fault wrote
	spoilers []*planted // faults that the row shows
}

// take reserves columns for a fault. It fails when another has one of them.
func (r *rowContext) take(columns ...string) bool {
	for _, c := range columns {
		if slices.Contains(r.taken, c) {
			return false
		}
	}
	r.taken = append(r.taken, columns...)
	return true
}

// text returns a text value, "" for a null.
func (r *rowContext) text(column string) string {
	s, _ := r.row[r.index[column]].(string)
	return s
}

func (r *rowContext) set(column string, value any) { r.row[r.index[column]] = value }
