package demo

import (
	"fmt"
	"slices"
	"time"
)

// spoiled is a table with what faults do to it.
type spoiled struct {
	Table
	extra  int // columns added
	when   int // the column that dates a row
	index  map[string]int
	faults []*planted
}

// Tables returns the tables of a program with these options: the columns that
// planted faults add come last in their tables.
func (o Options) Tables() []Table {
	tables := Tables()
	if o.Plant == nil {
		return tables
	}
	for i := range tables {
		t := &tables[i]
		for _, f := range o.Plant.Faults {
			k, _ := kindOf(f.Kind)
			if k.columns == nil {
				continue
			}
			for _, c := range k.columns(f) {
				if c.table == t.Name && !slices.ContainsFunc(t.Columns, func(x Column) bool { return x.Name == c.column.Name }) {
					t.Columns = append(t.Columns, c.column)
				}
			}
		}
	}
	return tables
}

// when names the column that dates the rows of a table that can be spoiled.
var when = map[string]string{
	"members": "enrolled_at", "tier_history": "effective_from", "orders": "ordered_at", "points": "occurred_at",
	"redemptions": "redeemed_at", "engagement": "occurred_at", "surveys": "responded_at", "assignments": "assigned_at",
}

func newSpoiled(t Table, faults []*planted) *spoiled {
	s := &spoiled{Table: t, when: -1, index: map[string]int{}}
	for i, c := range t.Columns {
		s.index[c.Name] = i
		if c.Name == when[t.Name] {
			s.when = i
		}
	}
	for _, f := range faults {
		if (f.row != nil || f.fill != nil) && slices.Contains(f.tables, t.Name) {
			s.faults = append(s.faults, f)
		}
	}
	slices.SortStableFunc(s.faults, func(a, b *planted) int { return int(a.turn - b.turn) })
	for _, plain := range Tables() {
		if plain.Name == t.Name {
			s.extra = len(t.Columns) - len(plain.Columns)
		}
	}
	return s
}

// write passes the generator's row on, through the faults that spoil it.
func (p *planting) write(g *generator, table string) error {
	s := p.tables[table]
	for range s.extra {
		g.row = append(g.row, nil)
	}
	if !p.acts || len(s.faults) == 0 {
		return g.sink.Append(table, g.row...)
	}
	r := rowContext{table: table, row: g.row, index: s.index}
	at, ok := g.row[s.when].(time.Time)
	if !ok {
		return fmt.Errorf("demo: a row of %s has no time", table)
	}
	r.at = instant(at.Sub(launch) / time.Second)
	r.key = uint64(r.at)
	if id, ok := g.row[0].(int64); ok {
		r.key ^= mix(uint64(id))
	}
	var others [][]any
	for _, f := range s.faults {
		if f.fill != nil {
			f.fill(&r)
		}
		if f.row == nil || !f.on(r.at) || !g.reaches(f, g.current) {
			continue
		}
		f.truth.Realized.Rows++
		keep, another := f.row(g, &r)
		if another != nil {
			others = append(others, another)
		}
		if !keep {
			return nil
		}
	}
	if err := g.sink.Append(table, r.row...); err != nil {
		return err
	}
	for _, row := range others {
		if err := g.sink.Append(table, row...); err != nil {
			return err
		}
	}
	return nil
}
