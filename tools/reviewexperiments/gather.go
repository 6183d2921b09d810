package reviewexperiments

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"loyaltymcp/stats/abtest"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

// reader reads one experiment.
type reader struct {
	desk     *run.Desk
	snapshot *warehouse.Snapshot
	measurer measurer
	asOf     time.Time
	traits   []string // what units were, by which effects are looked at
}

// newDays is how long a member is new.
const newDays = 30

// question lays out what all queries of an experiment have.
func (r *reader) question(x experiment) *question {
	q := &question{ID: x.id, Started: x.started, End: r.asOf, Known: r.asOf, Exposure: x.exposure, Window: x.window,
		Stratum: "''", Dims: [3]string{"''", "''", "''"}, catalog: r.snapshot.Catalog}
	q.Activity = r.desk.Config.Definitions.ActiveEvents
	if !x.running(r.asOf) {
		q.End = x.ended
	}
	return q
}

// timed reports whether there is a moment from which outcomes count.
func (r *reader) timed(x experiment) bool {
	return !x.started.IsZero() || r.snapshot.Has("assignments", "assigned_at") || x.exposure
}

// bounds fills in between which times rows may count, and the days after the end
// that are known of all units, up to as many as the experiment took.
func (q *question) bounds(e *entries, pre int) (after int) {
	days, _ := e.days()
	first, last := dayNumber(q.Started), dayNumber(q.End)
	if len(days) > 0 && days[0] >= 0 {
		first = days[0]
	}
	length := last - first
	end := q.End
	if q.Window > 0 {
		length = q.Window
		if len(days) > 0 {
			if end = time.Unix(int64(days[len(days)-1]+1+q.Window)*86400, 0).UTC(); end.After(q.Known) {
				end = q.Known
			}
		}
	}
	after = max(0, min(length, int(q.Known.Sub(end).Hours()/24)))
	if after < 14 {
		after = 0
	}
	// A day more on each side, for calendar days are those of the program's zone.
	q.From = time.Unix(int64(first-1-pre)*86400, 0).UTC()
	q.Until = end.AddDate(0, 0, after+1)
	return after
}

// place fills in the strata and traits: the strata that units were assigned in,
// and their tier at their start where they were assigned in none.
func (r *reader) place(q *question, stratified bool) []string {
	has := r.snapshot.Has
	tier := "coalesce(dt.tier, '')"
	if q.Stratum = "''"; has("tier_history") {
		q.Tier, q.Stratum = true, tier
	}
	if stratified {
		q.Stratum = "CASE WHEN u.stratum <> '' THEN u.stratum ELSE " + q.Stratum + " END"
	}
	var names []string
	for i, name := range r.traits {
		if i == len(q.Dims)-1 {
			break
		}
		sql := "''"
		switch {
		case name == "tier" && has("tier_history"):
			q.Tier, sql = true, tier
		case name != "tier" && name != "cohort" && has("members", name):
			q.Traits, sql = true, "coalesce(CAST(dm."+name+" AS text), '')"
		default:
			names = append(names, "")
			continue
		}
		q.Dims[i], names = sql, append(names, name)
	}
	for len(names) < len(q.Dims)-1 {
		names = append(names, "")
	}
	return names
}

// lifecycle makes the last trait where in their life units were at their start.
func (w *writer) lifecycle(p phases, orders bool) {
	w.q.Traits = true
	other := "'established'"
	if orders {
		rows := metric.Measure{Aggregate: metric.CountRows, Source: "orders"}
		other = "CASE WHEN " + w.value(rows, p.before) + " > 0 THEN 'buying' ELSE 'quiet' END"
	}
	w.q.Dims[len(w.q.Dims)-1] = fmt.Sprintf("CASE WHEN dm.enrolled_at > u.starts_at - INTERVAL '%d days' THEN 'new' ELSE %s END", newDays, other)
}

// taken is what an experiment's units did, by quantity.
type taken struct {
	measured map[string]*measured
	traits   []string // names of the traits of cells
	after    int      // days known after the end
	pre      int      // days looked at before the start
	horizon  int      // days in whose halves changes are told
	margin   bool     // value is the margin, not the net sales
	value    *ledger
	stratum  string // what strata are
}

// ledger is what value and cost come to by arm: X the cost of the treatment in the
// program's currency, Y the value of what members bought.
type ledger struct {
	arms     map[string]abtest.Pair
	later    map[string]abtest.Sample // sales after the end
	hasLater bool
	points   bool // what points were issued is known
}

// take measures the quantities of an experiment in one query, and the ready-made
// ones in another. Halves are asked of the first.
func (r *reader) take(ctx context.Context, x experiment, e *entries, wanted []quantity, caps map[string]float64) (*taken, error) {
	out := &taken{measured: map[string]*measured{}, pre: r.desk.Config.Trials.BalanceDays}
	q := r.question(x)
	stratified := r.snapshot.Has("assignments", "stratum")
	out.after = q.bounds(e, out.pre)
	q.Dated = true
	out.traits = append(r.place(q, stratified), "")
	switch {
	case stratified:
		out.stratum = "stratum"
	case q.Stratum != "''":
		out.stratum = "tier"
	}
	out.horizon = e.horizon(x.window, q.End)
	q.Horizon = out.horizon
	p := spans(out.pre, out.horizon, out.after)
	w := newWriter(q, r.measurer.supply)
	var asked []sums
	var found []*measured
	if r.timed(x) {
		for i, one := range wanted {
			if one.reason != "" {
				continue
			}
			limit := ""
			if c, ok := caps[one.name]; ok {
				limit = "CAST(" + exactly(c) + " AS double precision)"
			}
			s := w.ask(one, p, true, i == 0 && out.horizon > 0 && one.bottom == nil, limit)
			m := &measured{quantity: one, ratio: s.ratio, before: true, cap: caps[one.name]}
			asked, found = append(asked, s), append(found, m)
			out.measured[one.name] = m
		}
	}
	money := r.askLedger(w, p, out)
	if r.timed(x) && r.snapshot.Has("members") {
		w.lifecycle(p, r.snapshot.Has("orders", "member_id"))
		out.traits[2] = "lifecycle"
	}
	if len(asked) > 0 || money != nil {
		whole := map[string]*total{}
		err := r.snapshot.Query(ctx, queries, "moments", q, func(row warehouse.Row) error {
			var c cell
			var n int64
			v := make([]float64, len(q.Outputs))
			into := []any{&c.arm, &c.stratum, &c.traits[0], &c.traits[1], &c.traits[2], &n}
			for i := range v {
				into = append(into, &v[i])
			}
			if err := row.Scan(into...); err != nil {
				return err
			}
			for i, m := range found {
				at, err := asked[i].read(c, n, v)
				m.lost(err)
				m.cells = append(m.cells, at)
			}
			money.read(out.value, c.arm, n, v)
			if whole[c.arm] == nil {
				whole[c.arm] = &total{sums: make([]float64, len(v))}
			}
			whole[c.arm].add(n, v)
			return nil
		})
		if err != nil {
			return nil, err
		}
		for _, t := range whole {
			for i, m := range found {
				if _, err := asked[i].read(cell{}, t.n, t.sums); err != nil {
					m.broken = inexact
				}
			}
		}
	}
	if !r.snapshot.Has("outcomes") {
		return out, nil
	}
	return out, r.readyMade(ctx, x, e, stratified, out)
}

// total is the sums of an arm over all its cells.
type total struct {
	n    int64
	sums []float64
}

func (t *total) add(n int64, v []float64) {
	t.n += n
	for i, x := range v {
		t.sums[i] += x
	}
}

// inexact says that the variance was lost in sums.
const inexact = "its values are too large, or vary too little against their size, to be compared exactly"

// lost notes that a cell's sums are no sums of values. That the variance of a cell
// was lost does no harm by itself: few units may have the same value. Of a whole arm
// it does, which is looked at apart.
func (m *measured) lost(err error) {
	if err != nil && !errors.Is(err, abtest.ErrPrecision) {
		m.broken = inexact
	}
}

// exactly writes a number as SQL.
func exactly(x float64) string {
	if math.IsInf(x, 0) || math.IsNaN(x) {
		return "NULL"
	}
	return plainNumber(x)
}

// names lists the quantities that were measured.
func (t *taken) names() []string {
	var out []string
	for name := range t.measured {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}
