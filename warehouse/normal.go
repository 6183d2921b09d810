package warehouse

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// counted returns the feed's rows that count, in contract form: every
// contract column in its one type (null where the source has none), without
// void rows and without test members.
func (c *Catalog) counted(feed string) (string, error) {
	b, err := c.bound(feed)
	if err != nil {
		return "", err
	}
	var where []string
	if _, ok := b.physical["status"]; ok && len(b.contract.Void) > 0 {
		void := make([]string, len(b.contract.Void))
		for i, status := range b.contract.Void {
			void[i] = Literal(status)
		}
		where = append(where, fmt.Sprintf("lower(coalesce(CAST(s.status AS text), '')) NOT IN (%s)", strings.Join(void, ", ")))
	}
	if test := c.testMembers(b); test != "" {
		where = append(where, test)
	}
	return b.selection(c.zone, where), nil
}

// every returns all rows of the feed in contract form, void and test rows
// included; for checks of the data itself.
func (c *Catalog) every(feed string) (string, error) {
	b, err := c.bound(feed)
	if err != nil {
		return "", err
	}
	return b.selection(c.zone, nil), nil
}

func (c *Catalog) bound(feed string) (*bound, error) {
	b, ok := c.feeds[feed]
	if !ok {
		return nil, fmt.Errorf("query reads feed %q, which is not mapped", feed)
	}
	return b, nil
}

// testMembers returns the condition that leaves out test members, joined on
// member_id so that a cluster sharded by it stays local.
func (c *Catalog) testMembers(b *bound) string {
	members := c.feeds["members"]
	if _, ok := members.physical["is_test"]; !ok {
		return ""
	}
	if b == members {
		return "NOT coalesce(s.is_test, false)"
	}
	if _, ok := b.physical["member_id"]; !ok {
		return ""
	}
	return fmt.Sprintf("NOT EXISTS (SELECT 1 FROM %s AS t WHERE t.member_id = s.member_id AND t.is_test)", members.relation)
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

// expression returns the column in its contract type.
func (b *bound) expression(column Column, zone *time.Location) string {
	p, ok := b.physical[column.Name]
	if !ok {
		if column.Kind == ID {
			return "NULL"
		}
		return "CAST(NULL AS " + sqlType(column.Kind) + ")"
	}
	name := "s." + Quote(p.Name)
	switch column.Kind {
	case ID:
		// Never cast: a cast hides the distribution column of a cluster.
		return name
	case Text:
		if p.Type == TextType {
			return name
		}
	case Flag:
		if p.Type == BooleanType {
			return name
		}
	case Time:
		return instant(name, p.Type, b.mapped.Zone, zone)
	}
	return "CAST(" + name + " AS " + sqlType(column.Kind) + ")"
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
