package propose

import (
	"slices"
	"strings"

	"loyaltymcp/warehouse"
)

// shape is what one vendor's data look like.
type shape struct {
	name    string // "Open Loyalty"
	plain   bool   // no vendor's: contract names and their usual synonyms
	roles   []role
	recipes []recipe          // of a feed, the first that works is taken
	lacks   map[string]string // feeds that the vendor doesn't have, and why, as a clause
}

// role is one kind of table of a shape. Column names are plain (plainName).
type role struct {
	id    string
	means string   // "unit transfers"
	names []string // part of the table's plain name; for the plain shape, the name by called
	// columns are those that are documented; must are those without which the
	// table is something else, "a|b" meaning either.
	columns, must []string
	// proof says that nobody else has such a table.
	proof bool
	// byName says that the columns are too common to tell the table by.
	byName bool
}

// recipe makes a feed of one role's rows.
type recipe struct {
	feed    string
	from    string // role
	joins   []join
	columns []column
	where   []string // conditions; one that doesn't resolve is left out
	group   string   // GROUP BY, where several rows make one
	single  []single
	notes   []string
	most    Confidence // at most so sure; 0 means Sure
}

// join adds the columns of another role under an alias. It must not multiply
// rows. Without a condition the role is only there for subselects, which name
// its table {@alias}.
type join struct{ role, alias, on string }

// single is a column whose rows would not add up if it had several values,
// unless the recipe reads the role under the alias, which tells them apart.
type single struct{ ref, what, unless string }

// column makes one column of a feed. The expression names source columns as
// {plainname}, {a|b} for the first that is there, {alias.name}, and
// {name:kind} to convert: num, int, time, text, flag. A lone reference is
// converted to what the contract wants. Of several entries for one column the
// first that resolves is taken.
type column struct {
	to, expr string
	note     string
	most     Confidence // at most so sure; 0 means Sure
	words    []word     // translate the values of expr, one {reference}
	// signed is set on points: the kind column whose words say which lines
	// take points away, where the data keep them all positive.
	signed   bool
	unsigned bool // when the data don't tell, the vendor keeps them positive
	month    bool // the time is only a month
}

// word translates a value, compared by its plain name, to the contract's word.
type word struct {
	from, to string
	out      bool // takes points away
}

// match is a table in a role.
type match struct {
	role    *role
	index   int
	table   warehouse.Table
	columns map[string]warehouse.Physical // by plain name
	named   bool
	hits    int
	others  []warehouse.Table // that would do as well
}

// fitRole returns how the table fits the role, nil when it doesn't.
func (s *shape) fitRole(r *role, index int, t warehouse.Table) *match {
	m := &match{role: r, index: index, table: t, columns: map[string]warehouse.Physical{}}
	for _, c := range t.Columns {
		if _, taken := m.columns[plainName(c.Name)]; !taken {
			m.columns[plainName(c.Name)] = c
		}
	}
	for _, must := range r.must {
		if !slices.ContainsFunc(strings.Split(must, "|"), m.has) {
			return nil
		}
	}
	for _, c := range r.columns {
		if m.has(c) {
			m.hits++
		}
	}
	if s.plain {
		m.named = called(t.Name, r.names)
		named := func(r role) bool { return called(t.Name, r.names) }
		if !m.named && slices.ContainsFunc(s.roles, named) {
			return nil // it says that it is something else
		}
		return m
	}
	plain := plainName(t.Name)
	m.named = slices.ContainsFunc(r.names, func(n string) bool { return strings.Contains(plain, n) })
	if r.byName && !m.named || m.share() < 0.5 && (!m.named || m.share() < 0.3) {
		return nil
	}
	return m
}

func (m *match) has(column string) bool { _, ok := m.columns[column]; return ok }

func (m *match) share() float64 { return float64(m.hits) / float64(len(m.role.columns)) }

// confidence is how sure it is that the table is what the role says.
func (m *match) confidence() Confidence {
	switch {
	case m.share() >= 0.7 || m.named && m.share() >= 0.5:
		return Sure
	case m.share() >= 0.5 || m.named:
		return Likely
	}
	return Guess
}

// better reports whether m is the better table for the role: named so, with
// more of the columns, in the default schema, with more rows.
func (m *match) better(other *match) bool {
	score := func(m *match) float64 {
		total := m.share()
		if m.named {
			total += 0.3
		}
		if m.table.Schema == "" {
			total += 0.05
		}
		return total
	}
	if score(m) != score(other) {
		return score(m) > score(other)
	}
	return m.table.Rows > other.table.Rows
}

// matches finds the best table of each role.
func (s *shape) matches(tables []warehouse.Table, readable []int) map[string]*match {
	found := map[string]*match{}
	for r := range s.roles {
		role := &s.roles[r]
		for _, i := range readable {
			m := s.fitRole(role, i, tables[i])
			if m == nil {
				continue
			}
			best := found[role.id]
			if best == nil {
				found[role.id] = m
				continue
			}
			if m.better(best) {
				m, best = best, m
				found[role.id] = best
			}
			best.others = append(best.others, m.others...)
			if m.named && m.share() > best.share()-0.2 {
				best.others = append(best.others, m.table)
			}
		}
	}
	// What is better at something else is no second of its kind.
	for _, m := range found {
		m.others = slices.DeleteFunc(m.others, func(t warehouse.Table) bool {
			for _, other := range found {
				if other != m && other.table.String() == t.String() {
					return true
				}
			}
			return false
		})
	}
	return found
}
