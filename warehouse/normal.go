package warehouse

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// counted returns the feed's rows that count, in contract form: every
// contract column in its one type (null where the source has none), without
// void rows and without test members. Of members, who may be unmapped in a
// program of orders, there are then none.
func (c *Catalog) counted(feed string) (string, error) {
	if feed == "members" && c.noMembers != nil {
		return c.noMembers.selection(c.zone, []string{"1 = 0"}), nil
	}
	b, err := c.bound(feed)
	if err != nil {
		return "", err
	}
	var where []string
	if _, ok := b.physical["status"]; ok && len(b.contract.Void) > 0 {
		where = append(where, b.stands(literals(b.contract.Void)))
	}
	if test := c.testMembers(b); test != "" {
		where = append(where, test)
	}
	if feed != "members" {
		return b.selection(c.zone, c.until(b, where)), nil
	}
	return c.people(b, append(where, "s.member_id IS NOT NULL")), nil
}

// standing are the states, spelled as sources mostly spell them, in which a
// row counts; the most usual first.
var standing = []string{"completed", "active", "paid", "delivered", "fulfilled", "refunded", "shipped", "used"}

// stands returns the condition that a row's state is none of the void ones.
// Where rows are computed one by one, a state that is known to stand is not
// lowered, as a word isn't. A planner also thinks more of a condition in this
// form than of one that calls functions only: that most rows meet it.
func (b *bound) stands(void string) string {
	switch {
	case b.regular.has("status"):
		return "(s.status IS NULL OR CAST(s.status AS text) NOT IN (" + void + "))"
	case !b.rowwise:
		return "lower(coalesce(CAST(s.status AS text), '')) NOT IN (" + void + ")"
	}
	return "(s.status IS NULL OR CAST(s.status AS text) IN (" + literals(standing) + ") OR lower(CAST(s.status AS text)) NOT IN (" + void + "))"
}

// word returns the text in lower case. Where rows are computed one by one,
// words known to be so already are left alone: lowering them would cost more
// than all else that a query does with a row. A columnar engine lowers each
// distinct word once, and would be held up by the choice.
func (b *bound) word(text string, known []string) string {
	if !b.rowwise || len(known) == 0 {
		return "lower(" + text + ")"
	}
	return fmt.Sprintf("CASE WHEN %s IN (%s) THEN %s ELSE lower(%s) END", text, literals(known), text, text)
}

// longAgo is before every date that counts: who cancelled then was never open.
const longAgo = "TIMESTAMP '1900-01-01 00:00:00'"

// people returns the members feed with one row a member, and with cancelled
// members whose date is unknown put where they are never open.
func (c *Catalog) people(b *bound, where []string) string {
	text := b.selection(c.zone, where)
	if c.undated == 0 && c.duplicates == 0 {
		return text
	}
	names := make([]string, 0, len(b.contract.Columns)+len(b.extra))
	for _, column := range b.contract.Columns {
		name := "u." + column.Name
		if column.Name == "cancelled_at" && c.undated > 0 {
			name = "CASE WHEN u.status = 'cancelled' AND u.cancelled_at IS NULL THEN " + longAgo + " ELSE u.cancelled_at END AS cancelled_at"
		}
		names = append(names, name)
	}
	for _, name := range b.extra {
		names = append(names, "u."+name)
	}
	from := text + " AS u"
	if c.duplicates > 0 {
		from = "(SELECT s.*, row_number() OVER (PARTITION BY s.member_id ORDER BY s.enrolled_at NULLS LAST) AS nth FROM " + text + " AS s) AS u WHERE u.nth = 1"
	}
	return "(SELECT " + strings.Join(names, ", ") + " FROM " + from + ")"
}

// every returns all rows of the feed in contract form, void and test rows
// included; for checks of the data itself.
func (c *Catalog) every(feed string) (string, error) {
	b, err := c.bound(feed)
	if err != nil {
		return "", err
	}
	return b.selection(c.zone, c.until(b, nil)), nil
}

// until adds to the conditions that rows came in by the watermark.
func (c *Catalog) until(b *bound, where []string) []string {
	if arrived := b.arrived(c.zone, c.watermark); arrived != "" {
		return append(where, arrived)
	}
	return where
}

func (c *Catalog) bound(feed string) (*bound, error) {
	b, ok := c.feeds[feed]
	if !ok {
		return nil, fmt.Errorf("query reads feed %q, which is not mapped", feed)
	}
	return b, nil
}

// fence keeps a server that computes row by row from writing a subselect's columns
// out wherever they are used, and computing them as often. It would keep a cluster
// from handing the query to its nodes.
func (c *Catalog) fence() string {
	for _, b := range c.feeds {
		if b.rowwise && !c.scattered {
			return " OFFSET 0"
		}
	}
	return ""
}

// testMembers returns the condition that leaves out test members. On a cluster it
// is a join on member_id, so that each node does it by itself. On a single server
// that computes row by row it is a set that is looked up where columns are guarded: of
// conditions on them such a planner expects next to no rows, and would join them by a
// scan of the members for every row. It is a join where all are regular: a set that
// several processes make, as of many members, keeps the whole query in one.
func (c *Catalog) testMembers(b *bound) string {
	members, ok := c.feeds["members"]
	if !ok {
		return ""
	}
	if _, ok := members.physical["is_test"]; !ok {
		return ""
	}
	if b == members {
		return "NOT coalesce(s.is_test, false)"
	}
	for _, name := range []string{"member_id", "unit_id"} {
		id, ok := b.physical[name]
		if ok && idClass(id.Type) == idClass(members.physical["member_id"].Type) {
			if b.rowwise && !c.scattered && !b.regular.all() {
				return fmt.Sprintf("(s.%[2]s IS NULL OR s.%[2]s NOT IN (SELECT t.member_id FROM %[1]s AS t WHERE t.is_test AND t.member_id IS NOT NULL))", members.relation, name)
			}
			return fmt.Sprintf("NOT EXISTS (SELECT 1 FROM %s AS t WHERE t.member_id = s.%s AND t.is_test)", members.relation, name)
		}
	}
	return ""
}

// ofMember returns the condition that a row of the feed, by its alias, is a
// member's. Member ids stay bare in it: a cluster finds its shards by them.
func (c *Catalog) ofMember(feed, alias string) string {
	if !c.Has(feed, "guest") {
		return alias + ".member_id IS NOT NULL"
	}
	return "(" + alias + ".member_id IS NOT NULL AND NOT coalesce(" + alias + ".guest, false))"
}

func (b *bound) selection(zone *time.Location, where []string) string {
	columns := slices.Clone(b.contract.Columns)
	for _, name := range b.extra {
		columns = append(columns, Column{Name: name, Kind: Text})
	}
	list := make([]string, len(columns))
	for i, column := range columns {
		list[i] = b.expression(column, zone) + " AS " + column.Name
	}
	text := "(SELECT " + strings.Join(list, ", ") + " FROM " + b.relation + " AS s"
	if len(where) > 0 {
		text += " WHERE " + strings.Join(where, " AND ")
	}
	return text + ")"
}

// expression returns the column in its contract type; behind a guard where it
// isn't known to be regular.
func (b *bound) expression(column Column, zone *time.Location) string {
	p, ok := b.physical[column.Name]
	if !ok {
		if column.Name == "member_id" && b.nobody != "" {
			return b.nobody
		}
		if column.Kind == ID {
			return "NULL"
		}
		return "CAST(NULL AS " + sqlType(column.Kind) + ")"
	}
	name, regular := "s."+Quote(p.Name), b.regular.has(column.Name)
	switch column.Kind {
	case ID:
		// Never cast: a cast hides the distribution column of a cluster.
		return name
	case Text:
		if p.Type == TextType {
			return name
		}
	case Word:
		if !regular {
			return b.word("CAST("+name+" AS text)", column.Words)
		}
	case Flag:
		if p.Type == BooleanType {
			return name
		}
	case Time:
		// Dates that no calendar of ours holds (infinities among them) are
		// unknown.
		t := instant(name, p.Type, b.mapped.Zone, zone)
		if regular {
			return t
		}
		return "CASE WHEN " + within(name, p.Type) + " THEN " + t + " END"
	case Exact4:
		return amount(name, p, regular)
	case Float:
		if p.Type == BooleanType {
			return "CAST(CAST(" + name + " AS integer) AS double precision)"
		}
		if !regular {
			return "CASE WHEN " + finite(name) + " THEN CAST(" + name + " AS double precision) END"
		}
	}
	return "CAST(" + name + " AS " + sqlType(column.Kind) + ")"
}

// nullOf returns a null that compares with the column: out of a subselect, one
// without a type is text to PostgreSQL, which no number compares with.
func nullOf(p Physical) string {
	switch p.Type {
	case IntegerType:
		return "CAST(NULL AS bigint)"
	case DecimalType, FloatType:
		return "CAST(NULL AS decimal(38,0))"
	case UUIDType:
		return "CAST(NULL AS uuid)"
	}
	return "NULL"
}

// amount returns an amount of at most four decimals. NaN and infinity, which
// compare as greater than every number, and amounts too large to be added
// exactly are unknown. What is exact as it is keeps its type: to cast every
// row would cost as much as to add it.
func amount(name string, p Physical, regular bool) string {
	value := "CAST(" + name + " AS decimal(18,4))"
	switch {
	case p.Type == IntegerType:
		value = "CAST(" + name + " AS bigint)"
	case p.Type == DecimalType && p.Digits > 0 && p.Scale <= 4:
		value = name
		if p.Digits-p.Scale <= 13 && !regular {
			return "CASE WHEN " + name + " < " + mostAmount + " THEN " + name + " END"
		}
	}
	if regular {
		return value
	}
	return "CASE WHEN " + name + " > " + leastAmount + " AND " + name + " < " + mostAmount + " THEN " + value + " END"
}

// Amounts between these are added exactly; both are out of the range.
const leastAmount, mostAmount = "-10000000000000", "10000000000000"

// finite returns the condition that a number can be computed with.
func finite(name string) string { return "abs(CAST(" + name + " AS double precision)) < 1e150" }

// within returns the condition that a time is one that a calendar of ours holds.
func within(name string, typ Type) string {
	return name + " >= " + edge(typ, "1900-01-02") + " AND " + name + " < " + edge(typ, "2200-01-01")
}

// edge returns a day as a literal that compares with the type without a cast
// of the column.
func edge(typ Type, day string) string {
	if typ == DateType {
		return "DATE '" + day + "'"
	}
	if typ == TimestampTZType {
		return "CAST('" + day + " 00:00:00+00' AS timestamp with time zone)"
	}
	return "TIMESTAMP '" + day + " 00:00:00'"
}

// instant returns the expression as a timestamp in UTC: dates mean midnight
// in the program's zone, bare timestamps are in the feed's.
func instant(expression string, typ Type, feedZone, programZone *time.Location) string {
	switch typ {
	case TimestampTZType:
		return expression + " AT TIME ZONE 'UTC'"
	case TimestampType:
		return inUTC(expression, feedZone)
	case DateType:
		return inUTC("CAST("+expression+" AS timestamp)", programZone)
	}
	return "CAST(" + expression + " AS timestamp)"
}

func inUTC(expression string, zone *time.Location) string {
	if zone == nil || zone == time.UTC || zone.String() == "UTC" {
		return expression
	}
	return fmt.Sprintf("(%s AT TIME ZONE %s) AT TIME ZONE 'UTC'", expression, Literal(zone.String()))
}

// localDate returns the program's calendar date of a UTC timestamp.
func localDate(expression string, zone *time.Location) string {
	if zone == nil || zone.String() == "UTC" {
		return "CAST(" + expression + " AS date)"
	}
	return fmt.Sprintf("CAST((%s AT TIME ZONE 'UTC') AT TIME ZONE %s AS date)", expression, Literal(zone.String()))
}

func sqlType(kind Kind) string {
	switch kind {
	case Time:
		return "timestamp"
	case Exact4:
		return "decimal(18,4)"
	case Float:
		return "double precision"
	case Flag:
		return "boolean"
	}
	return "text"
}
