package demo

import (
	"slices"
	"time"
)

// breakage is one way in which rows of a feed are spoiled.
type breakage struct {
	mode   string
	feeds  []string          // those it can befall
	column map[string]string // by feed, the column it befalls
	turn   turn              // among the faults of a row
	spoil  func(f *planted, g *generator, r *rowContext) outcome
}

// outcome is what a fault did to a row.
type outcome struct {
	done    bool // the row shows it
	drop    bool
	another []any // to write after it
}

var spoiledRow = outcome{done: true}

// orphanBase is where the identifiers of members begin that aren't there.
const orphanBase = 800_000_000

// foreignRate is what another currency's amounts are multiplied by.
const foreignRate = 11.5

// breakages returns the modes of a broken feed.
func breakages() []breakage {
	events := []string{"orders", "points", "redemptions", "engagement", "surveys"}
	ofMember := slices.Concat([]string{"tier_history"}, events)
	dated := slices.Concat([]string{"members"}, ofMember)
	return []breakage{
		{mode: "duplicates", feeds: dated, turn: copies, spoil: func(f *planted, g *generator, r *rowContext) outcome {
			return outcome{done: true, another: slices.Clone(r.row)}
		}},
		{mode: "nulls", feeds: dated, column: map[string]string{"members": "tier", "tier_history": "tier", "orders": "net", "points": "kind",
			"redemptions": "reward_id", "engagement": "kind", "surveys": "score"},
			spoil: func(f *planted, g *generator, r *rowContext) outcome {
				if !r.take(f.Place.Column) {
					return outcome{}
				}
				r.set(f.Place.Column, nil)
				return spoiledRow
			}},
		{mode: "orphans", feeds: ofMember, spoil: func(f *planted, g *generator, r *rowContext) outcome {
			id, ok := r.row[r.index["member_id"]].(int64)
			if !ok || !r.take("member_id") {
				return outcome{}
			}
			r.set("member_id", orphanBase+id)
			return spoiledRow
		}},
		{mode: "colliding_ids", feeds: []string{"members"}, turn: copies, spoil: func(f *planted, g *generator, r *rowContext) outcome {
			if len(r.spoilers) > 0 {
				return outcome{}
			}
			other := slices.Clone(r.row)
			other[r.index["region"]] = regions[int(f.chance(r.key, 2)*float64(len(regions)))].value
			other[r.index["enrolled_at"]] = r.at.time().Add(-time.Hour)
			return outcome{done: true, another: other}
		}},
		{mode: "future_dates", feeds: dated, spoil: func(f *planted, g *generator, r *rowContext) outcome {
			if !r.take(when[r.table]) {
				return outcome{}
			}
			r.set(when[r.table], r.at.time().AddDate(10, 0, 0))
			return spoiledRow
		}},
		{mode: "time_travel", feeds: ofMember, spoil: func(f *planted, g *generator, r *rowContext) outcome {
			if g.current == nil || !r.take(when[r.table]) {
				return outcome{}
			}
			r.set(when[r.table], (g.current.enrolled - 40*day).time())
			return spoiledRow
		}},
		{mode: "wrong_signs", feeds: []string{"orders", "points", "redemptions"}, spoil: func(f *planted, g *generator, r *rowContext) outcome {
			if r.table == "orders" {
				if !r.take("gross", "net") {
					return outcome{}
				}
				for _, c := range []string{"gross", "net"} {
					r.scale(c, -1)
				}
				return spoiledRow
			}
			n, ok := r.row[r.index["points"]].(int64)
			if !ok || !r.take("points") {
				return outcome{}
			}
			r.set("points", -n)
			return spoiledRow
		}},
		{mode: "impossible_tiers", feeds: []string{"members", "tier_history"}, spoil: func(f *planted, g *generator, r *rowContext) outcome {
			if !r.take("tier") {
				return outcome{}
			}
			r.set("tier", "Palladium")
			return spoiledRow
		}},
		{mode: "gap", feeds: events, turn: drops, spoil: func(f *planted, g *generator, r *rowContext) outcome {
			f.truth.Realized.Missing++
			return outcome{done: true, drop: true}
		}},
		{mode: "time_zone_shift", feeds: events, turn: shifts, spoil: func(f *planted, g *generator, r *rowContext) outcome {
			at, ok := r.row[r.index[when[r.table]]].(time.Time)
			if !ok {
				return outcome{}
			}
			r.set(when[r.table], at.Add(time.Duration(f.Size*float64(time.Hour))))
			return spoiledRow
		}},
		{mode: "mixed_currencies", feeds: []string{"orders"}, spoil: func(f *planted, g *generator, r *rowContext) outcome {
			if !r.take("currency") {
				return outcome{}
			}
			for _, c := range []string{"gross", "discount", "refund", "net", "margin"} {
				r.scale(c, foreignRate)
			}
			r.set("currency", "SEK")
			return spoiledRow
		}},
	}
}

func brokenModes() []string {
	var modes []string
	for _, b := range breakages() {
		modes = append(modes, b.mode)
	}
	return modes
}

func breakageOf(mode string) breakage {
	all := breakages()
	i := slices.IndexFunc(all, func(b breakage) bool { return b.mode == mode })
	if i < 0 {
		return breakage{}
	}
	return all[i]
}

// plantBroken spoils a share of a feed's rows. It is about the data alone: the
// program behind them goes on as it did. Where faults meet in a row, each
// counts the rows that show it in the data: of two that would write one column
// the first has it, a shift moves whatever date is there, and copies come last.
func plantBroken(f *planted) {
	b := breakageOf(f.Mode)
	if f.Place.Column == "" {
		f.Place.Column = b.column[f.Place.Feed]
		f.truth.Place.Column = f.Place.Column
	}
	share := f.Size
	if f.Mode == "time_zone_shift" {
		share = 1
	}
	f.tables = []string{f.Place.Feed}
	if f.Mode == "mixed_currencies" {
		f.fill = func(r *rowContext) {
			if r.row[r.index["currency"]] == nil {
				r.set("currency", "EUR")
			}
		}
	}
	f.turn = b.turn
	f.row = func(g *generator, r *rowContext) (bool, []any) {
		if f.chance(r.key, 1) >= share {
			return true, nil
		}
		o := b.spoil(f, g, r)
		if !o.done {
			return true, nil
		}
		g.acted(f, g.current, 1, 0)
		if b.mode == "duplicates" {
			// The copy shows what befell the row once more.
			for _, other := range r.spoilers {
				g.acted(other, g.current, 1, 0)
			}
		} else if !o.drop && o.another == nil {
			r.spoilers = append(r.spoilers, f)
		}
		return !o.drop, o.another
	}
}

func brokenColumns(f Fault) []extraColumn {
	if f.Mode == "mixed_currencies" {
		return []extraColumn{{"orders", Column{"currency", Text}}}
	}
	return nil
}
