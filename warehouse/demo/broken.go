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
	spoil  func(f *planted, g *generator, r *rowContext) (keep bool, another []any)
}

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
		{mode: "duplicates", feeds: dated, spoil: func(f *planted, g *generator, r *rowContext) (bool, []any) {
			return true, slices.Clone(r.row)
		}},
		{mode: "nulls", feeds: dated, column: map[string]string{"members": "tier", "tier_history": "tier", "orders": "net", "points": "kind",
			"redemptions": "reward_id", "engagement": "kind", "surveys": "score"},
			spoil: func(f *planted, g *generator, r *rowContext) (bool, []any) {
				r.set(f.Place.Column, nil)
				return true, nil
			}},
		{mode: "orphans", feeds: ofMember, spoil: func(f *planted, g *generator, r *rowContext) (bool, []any) {
			if id, ok := r.row[r.index["member_id"]].(int64); ok {
				r.set("member_id", orphanBase+id)
			}
			return true, nil
		}},
		{mode: "colliding_ids", feeds: []string{"members"}, spoil: func(f *planted, g *generator, r *rowContext) (bool, []any) {
			other := slices.Clone(r.row)
			other[r.index["region"]] = regions[int(f.chance(r.key, 2)*float64(len(regions)))].value
			other[r.index["enrolled_at"]] = r.at.time().Add(-time.Hour)
			return true, other
		}},
		{mode: "future_dates", feeds: dated, spoil: func(f *planted, g *generator, r *rowContext) (bool, []any) {
			r.set(when[r.table], r.at.time().AddDate(10, 0, 0))
			return true, nil
		}},
		{mode: "time_travel", feeds: ofMember, spoil: func(f *planted, g *generator, r *rowContext) (bool, []any) {
			if m := g.current; m != nil {
				r.set(when[r.table], (m.enrolled - 40*day).time())
			}
			return true, nil
		}},
		{mode: "wrong_signs", feeds: []string{"orders", "points", "redemptions"}, spoil: func(f *planted, g *generator, r *rowContext) (bool, []any) {
			switch r.table {
			case "orders":
				for _, c := range []string{"gross", "net"} {
					r.scale(c, -1)
				}
			default:
				if n, ok := r.row[r.index["points"]].(int64); ok {
					r.set("points", -n)
				}
			}
			return true, nil
		}},
		{mode: "impossible_tiers", feeds: []string{"members", "tier_history"}, spoil: func(f *planted, g *generator, r *rowContext) (bool, []any) {
			r.set("tier", "Palladium")
			return true, nil
		}},
		{mode: "gap", feeds: events, spoil: func(f *planted, g *generator, r *rowContext) (bool, []any) {
			f.truth.Realized.Missing++
			return false, nil
		}},
		{mode: "time_zone_shift", feeds: events, spoil: func(f *planted, g *generator, r *rowContext) (bool, []any) {
			r.set(when[r.table], r.at.time().Add(time.Duration(f.Size*float64(time.Hour))))
			return true, nil
		}},
		{mode: "mixed_currencies", feeds: []string{"orders"}, spoil: func(f *planted, g *generator, r *rowContext) (bool, []any) {
			for _, c := range []string{"gross", "discount", "refund", "net", "margin"} {
				r.scale(c, foreignRate)
			}
			r.set("currency", "SEK")
			return true, nil
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
// program behind them goes on as it did.
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
	f.row = func(g *generator, r *rowContext) (bool, []any) {
		if f.chance(r.key, 1) >= share {
			return true, nil
		}
		g.acted(f, g.current, 1, 0)
		return b.spoil(f, g, r)
	}
}

func brokenColumns(f Fault) []extraColumn {
	if f.Mode == "mixed_currencies" {
		return []extraColumn{{"orders", Column{"currency", Text}}}
	}
	return nil
}
