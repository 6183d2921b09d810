// Package shardlint reads a query as the planner of a cluster does whose
// tables are spread by member, and says what the nodes can't do each for
// itself. It knows the SQL that this project writes, not all of SQL.
//
// On Citus most of what it finds is refused or gathers raw rows on the
// coordinator: joins that are not by the distribution column, groups and
// windows in a subselect that are not keyed by it, unions that lose it,
// subselects that don't correlate by it, casts that hide it. A step that is
// meant to gather says so in a comment that starts with "-- Gathers:".
package shardlint

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Layout is the column by which each table is spread; tables it lacks are
// reference tables.
type Layout map[string]string

// Check returns what is wrong with the query, each as a line.
func Check(text string, layout Layout) []string {
	c := &checker{layout: layout, gathers: strings.Contains(text, "-- Gathers:")}
	nodes := parse(text)
	c.words(nodes)
	c.query(nodes, nil, true)
	slices.Sort(c.out)
	return slices.Compact(c.out)
}

type checker struct {
	layout  Layout
	gathers bool
	out     []string
}

func (c *checker) say(format string, args ...any) {
	c.out = append(c.out, fmt.Sprintf(format, args...))
}

// relation is what a subselect or table gives: its columns, and which of them
// are the member's key, untouched.
type relation struct {
	spread bool // its rows stand on many nodes
	names  []string
	keys   []bool
	table  string // of a table, whose columns are not known: its key column
}

func (r relation) key(column string) bool {
	if r.table != "" {
		return column == r.table
	}
	i := slices.Index(r.names, column)
	return i >= 0 && r.keys[i]
}

func (r relation) keyed() bool { return r.table != "" || slices.Contains(r.keys, true) }

type scope map[string]relation

// query analyses a union of SELECTs; top is whether its rows go to us.
func (c *checker) query(nodes []node, outer scope, top bool) relation {
	var out relation
	for i, branch := range split(nodes, "union") {
		if len(branch) > 0 && branch[0].is("all") {
			branch = branch[1:]
		} else if i > 0 {
			c.say("UNION without ALL compares the rows of all nodes")
		}
		var r relation
		if len(branch) == 1 && branch[0].open {
			r = c.query(branch[0].group, outer, top)
		} else {
			r = c.selection(branch, outer, top)
		}
		if i == 0 {
			out = r
			continue
		}
		if out.spread != r.spread && !top && !c.gathers {
			c.say("a union of spread and reference rows is gathered")
		}
		out.spread = out.spread || r.spread
		was := out.keyed()
		for k := range out.keys {
			out.keys[k] = out.keys[k] && k < len(r.keys) && r.keys[k]
		}
		if was && !out.keyed() && !top && !c.gathers {
			c.say("a branch of the union has no member key where the others have it")
		}
	}
	return out
}

func (c *checker) selection(nodes []node, outer scope, top bool) relation {
	b := clauses(nodes)
	in, spread := c.from(b, outer)
	for _, part := range b.list {
		// What comes back to us as it is may be cast: no row goes anywhere by it.
		if top && !b.grouped {
			c.within(part, in, outer, true)
		} else {
			c.expressions(part, in, outer)
		}
		c.windows(part, in, spread)
	}
	for _, part := range [][]node{b.where, b.having} {
		c.expressions(part, in, outer)
		c.windows(part, in, spread)
	}
	out := relation{spread: spread}
	aggregated := b.grouped
	for _, element := range b.list {
		expression, name := named(element)
		aggregated = aggregated || aggregates(expression, true)
		if len(expression) == 3 && expression[1].is(".") && expression[2].is("*") {
			r := in[expression[0].text]
			if r.table != "" {
				r.names, r.keys = []string{r.table}, []bool{true}
			}
			out.names, out.keys = append(out.names, r.names...), append(out.keys, r.keys...)
			continue
		}
		out.names, out.keys = append(out.names, name), append(out.keys, in.isKey(expression))
		if top && aggregates(expression, false) && !expression[0].is("cast") {
			c.say("%s is an aggregate without a cast: engines differ in its type", name)
		}
	}
	byKey := false
	for _, g := range b.groups {
		if len(g) == 1 && !g[0].open {
			if n, err := strconv.Atoi(g[0].text); err == nil && n >= 1 && n <= len(out.keys) {
				byKey = byKey || out.keys[n-1]
				continue
			}
		}
		byKey = byKey || in.isKey(g)
	}
	switch {
	case b.grouped && spread && !byKey && !top && !c.gathers:
		c.say("a subselect groups by what is no member key: its groups are gathered")
	case b.distinct && spread && !out.keyed() && !c.gathers:
		c.say("DISTINCT without the member key is gathered")
	}
	if aggregated && !byKey {
		out.spread, out.keys = false, make([]bool, len(out.names))
	}
	c.ordering(b.ordering)
	return out
}

// from reads the FROM clause, and finds the joins that need rows of other
// nodes.
func (c *checker) from(b block, outer scope) (in scope, spread bool) {
	in = scope{}
	for _, s := range sources(b.from) {
		r := c.source(s, outer)
		if s.join == "lateral" {
			c.say("LATERAL runs once a row")
		}
		if r.spread && spread && !in.joins(s.alias, r, s.on, nil) && !c.gathers {
			c.say("%s is joined, but not by the member key", s.alias)
		}
		if r.spread && !spread && len(in) > 0 && (s.join == "left" || s.join == "full") {
			c.say("an outer join from rows of one node to the spread %s gathers it", s.alias)
		}
		in[s.alias] = r
		spread = spread || r.spread
		c.expressions(s.on, in, outer)
	}
	return in, spread
}

func (c *checker) source(s item, outer scope) relation {
	if len(s.relation) == 1 && s.relation[0].open {
		if isQuery(s.relation[0].group) {
			return c.query(s.relation[0].group, outer, false)
		}
		return relation{} // VALUES
	}
	if len(s.relation) == 0 || s.relation[len(s.relation)-1].open {
		return relation{} // a function
	}
	name := s.relation[len(s.relation)-1].text
	if key, ok := c.layout[name]; ok {
		return relation{spread: true, table: key}
	}
	return relation{}
}

// isKey reports whether the expression is a bare member key.
func (s scope) isKey(expression []node) bool {
	if len(expression) == 3 && expression[1].is(".") {
		return s[expression[0].text].key(expression[2].text)
	}
	if len(expression) == 1 && !expression[0].open {
		for _, r := range s {
			if r.key(expression[0].text) {
				return true
			}
		}
	}
	return false
}

// joins reports whether the condition ties the relation to one of the scope's
// by an equality of keys.
func (s scope) joins(alias string, r relation, on []node, outer scope) bool {
	joined := scope{alias: r}
	for _, term := range split(on, "and") {
		if slices.ContainsFunc(term, func(n node) bool { return n.is("or") }) {
			return false
		}
		sides := split(term, "=")
		if len(sides) != 2 {
			continue
		}
		for _, other := range []scope{s, outer} {
			if joined.isKey(sides[0]) && other.isKey(sides[1]) || joined.isKey(sides[1]) && other.isKey(sides[0]) {
				return true
			}
		}
	}
	return false
}

// expressions looks into an expression for subselects and for casts of keys.
func (c *checker) expressions(nodes []node, in, outer scope) { c.within(nodes, in, outer, false) }

// within is expressions, perhaps inside an aggregate, whose argument may be
// cast: no row goes anywhere by it.
func (c *checker) within(nodes []node, in, outer scope, aggregated bool) {
	for i, n := range nodes {
		if !n.open {
			continue
		}
		if isQuery(n.group) {
			c.subselect(n.group, in)
			continue
		}
		if i > 0 && nodes[i-1].is("cast") && !aggregated {
			if parts := split(n.group, "as"); in.isKey(parts[0]) {
				c.say("a cast hides the member key")
			}
		}
		c.within(n.group, in, outer, aggregated || i > 0 && (nodes[i-1].is("min") || nodes[i-1].is("max")))
	}
}

// subselect checks a SELECT inside an expression: it must belong to the outer
// row by the key, or read reference tables.
func (c *checker) subselect(nodes []node, outer scope) {
	r := c.query(nodes, outer, false)
	b := clauses(nodes)
	inner, spread := c.from(b, outer)
	if !r.spread && !spread {
		return
	}
	for alias, relation := range inner {
		if relation.spread && outer.joins(alias, relation, b.where, nil) {
			return
		}
	}
	c.say("a subselect in an expression is not tied to its row by the member key")
}

func (c *checker) windows(nodes []node, in scope, spread bool) {
	for i, n := range nodes {
		if n.open {
			if !isQuery(n.group) {
				c.windows(n.group, in, spread)
			}
			continue
		}
		if !n.is("over") || i+1 >= len(nodes) || !nodes[i+1].open {
			continue
		}
		parts := split(nodes[i+1].group, "order")
		var partition []node // none in OVER ()
		if len(parts) > 0 {
			partition = parts[0]
		}
		keyed := false
		if len(partition) > 2 && partition[0].is("partition") {
			for _, by := range split(partition[2:], ",") {
				keyed = keyed || in.isKey(by)
			}
		}
		if spread && !keyed && !c.gathers {
			c.say("a window is not partitioned by the member key")
		}
		if len(parts) == 2 {
			c.ordering(parts[1][1:])
		}
	}
}

// ordering asks every key of an ORDER BY where nulls go.
func (c *checker) ordering(nodes []node) {
	for _, key := range split(nodes, ",") {
		if !slices.ContainsFunc(key, func(n node) bool { return n.is("nulls") }) {
			c.say("ORDER BY does not say where nulls go")
		}
	}
}

// words finds what is wrong wherever it stands.
func (c *checker) words(nodes []node) {
	for i, n := range nodes {
		switch {
		case n.open:
			c.words(n.group)
		case n.is("with", "recursive"):
			c.say("a WITH used twice is gathered, a recursive one refused")
		case n.is("rollup", "cube", "grouping"):
			c.say("grouping sets are refused")
		case n.is("percentile_cont", "percentile_disc", "median", "quantile", "mode", "array_agg", "string_agg", "list"):
			c.say("%s gathers raw rows", n.text)
		case n.is("generate_series", "range", "unnest"):
			c.say("%s makes rows on one node", n.text)
		case n.is("/") && i+1 < len(nodes) && !nodes[i+1].is("nullif") && !isNumber(nodes[i+1].text):
			c.say("a division without nullif fails on one engine and is infinite on the other")
		}
	}
}

func isNumber(text string) bool {
	n, err := strconv.ParseFloat(text, 64)
	return err == nil && n != 0
}

// named splits a column of a select list from its name.
func named(element []node) (expression []node, name string) {
	if n := len(element); n > 2 && element[n-2].is("as") {
		return element[:n-2], element[n-1].text
	}
	if len(element) == 0 {
		return element, ""
	}
	return element, element[len(element)-1].text
}

// aggregates reports whether the expression aggregates rows; min and max, of
// one type everywhere, count only when asked.
func aggregates(nodes []node, all bool) bool {
	for i, n := range nodes {
		if n.open && !isQuery(n.group) && aggregates(n.group, all) {
			return true
		}
		if i+1 >= len(nodes) || !nodes[i+1].open || i+2 < len(nodes) && nodes[i+2].is("over") {
			continue
		}
		if n.is("sum", "count", "avg", "var_samp", "stddev") || all && n.is("min", "max", "bool_or", "bool_and") {
			return true
		}
	}
	return false
}
