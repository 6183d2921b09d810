package warehouse

import (
	"context"
	"fmt"
	"slices"
	"time"

	"loyaltymcp/internal/fault"
)

// bind checks the mapping against what the engine has. Every mistake in it is
// the operator's to mend, so each error names the feed, and the column where
// there is one.
func bind(ctx context.Context, reader Reader, mapping Mapping, zone *time.Location, dimensions []string) (*Catalog, error) {
	c := &Catalog{zone: zone, feeds: map[string]*bound{}}
	if copied, ok := reader.(Synced); ok {
		c.syncedAt = copied.SyncedAt()
	}
	for _, contract := range Feeds() {
		mapped, ok := mapping[contract.Name]
		if !ok {
			continue
		}
		b, err := bindFeed(ctx, reader, contract, mapped, dimensions)
		if err != nil {
			return nil, err
		}
		c.feeds[contract.Name] = b
	}
	members, ok := c.feeds["members"]
	if ok && members.empty {
		return nil, fault.New(fault.Config, "feeds.members", "has no rows").
			Then("Check the source it is mapped to")
	}
	if err := c.checkMemberIDs(); err != nil {
		return nil, err
	}
	if err := c.scatter(ctx, reader); err != nil {
		return nil, err
	}
	if err := c.checkSpells(ctx, reader); err != nil {
		return nil, err
	}
	if !ok {
		return c, nil
	}
	return c, c.census(ctx, reader, members)
}

// census looks at what would make members count wrongly: ids that stand in
// several rows, and cancelled members without a date. The counted feed then
// takes one row an id, and leaves the undated out of the open ones.
func (c *Catalog) census(ctx context.Context, reader Reader, members *bound) error {
	undated := "0"
	if _, ok := members.physical["status"]; ok {
		undated = "CASE WHEN s.status = 'cancelled' AND s.cancelled_at IS NULL THEN 1 ELSE 0 END"
	}
	text := "SELECT CAST(coalesce(sum(d.n - 1), 0) AS bigint), CAST(coalesce(sum(d.undated), 0) AS bigint) FROM (SELECT s.member_id, count(*) AS n, max(" + undated + ") AS undated FROM " +
		members.selection(c.zone, nil) + " AS s WHERE s.member_id IS NOT NULL GROUP BY s.member_id) AS d"
	err := reader.Query(ctx, text, nil, func(row Row) error { return row.Scan(&c.duplicates, &c.undated) })
	if err != nil {
		return unreadable(ctx, "members", err)
	}
	return nil
}

func bindFeed(ctx context.Context, reader Reader, contract Feed, mapped Mapped, dimensions []string) (*bound, error) {
	field := "feeds." + contract.Name
	relation, err := reader.Relation(contract.Name, mapped)
	if err != nil {
		return nil, err
	}
	columns, err := reader.Describe(ctx, relation)
	if err != nil {
		return nil, unreadable(ctx, contract.Name, err)
	}
	_, rowwise := reader.(Rowwise)
	b := &bound{contract: contract, mapped: mapped, relation: relation, physical: map[string]Physical{}, rowwise: rowwise, regular: newRegularity()}
	names := make([]string, len(columns))
	for i, p := range columns {
		names[i] = p.Name
		if _, ok := contract.Column(p.Name); ok {
			b.physical[p.Name] = p
		} else if contract.Open && slices.Contains(dimensions, p.Name) {
			b.physical[p.Name] = p
			b.extra = append(b.extra, p.Name)
		}
	}
	for _, name := range dimensions {
		if _, ok := b.physical[name]; contract.Open && !ok {
			return nil, fault.New(fault.Config, "dimensions", "the members feed has no column %q", name).OneOf(name, names).
				Then("Add it to the feed's sql, or take it off the list")
		}
	}
	for _, column := range contract.Columns {
		if _, ok := b.physical[column.Name]; column.Required && !ok {
			return nil, fault.New(fault.Config, field+"."+column.Name, "the source has no such column").
				OneOf(column.Name, names).
				Then("%s", nameIt(column.Name, names))
		}
	}
	if b.empty, err = isEmpty(ctx, reader, relation); err != nil {
		return nil, unreadable(ctx, contract.Name, err)
	}
	if b.empty {
		return b, nil // an empty CSV has no types to check
	}
	for _, column := range contract.Columns {
		p, ok := b.physical[column.Name]
		if ok && !fits(column.Kind, p.Type) {
			// A column without a single value has no type to hold it to.
			blank, err := isEmpty(ctx, reader, "(SELECT 1 FROM "+relation+" AS g WHERE coalesce(CAST(g."+Quote(p.Name)+" AS text), '') <> '')")
			if err != nil {
				return nil, unreadable(ctx, contract.Name, err)
			}
			if blank && !column.Required {
				delete(b.physical, column.Name)
				continue
			}
			return nil, fault.New(fault.Config, field+"."+column.Name, "is %s, but the feed needs %s", p.Native, column.Kind).
				Then("Convert it in the feed's sql, for instance CAST(%s AS %s) AS %s", Quote(column.Name), sqlType(column.Kind), column.Name)
		}
	}
	return b, nil
}

func isEmpty(ctx context.Context, reader Reader, relation string) (bool, error) {
	empty := true
	err := reader.Query(ctx, "SELECT 1 FROM "+relation+" AS f LIMIT 1", nil, func(Row) error {
		empty = false
		return nil
	})
	return empty, err
}

// nameIt says how to give a column its name. It suggests one only when that is
// nearly spelled so: an id taken for an amount would be worse than no hint.
func nameIt(column string, names []string) string {
	if near := fault.Near(column, names); near != "" {
		return fmt.Sprintf("If it is %s, write %s AS %s in the feed's sql", near, Quote(near), column)
	}
	return fmt.Sprintf("Add it to the feed's sql, as in SELECT the_right_column AS %s", column)
}

func fits(kind Kind, typ Type) bool {
	switch kind {
	case ID:
		return true
	case Text, Word:
		return typ != OtherType
	case Time:
		return typ == DateType || typ == TimestampType || typ == TimestampTZType
	case Exact4:
		return typ == IntegerType || typ == DecimalType || typ == FloatType
	case Float:
		return typ == IntegerType || typ == DecimalType || typ == FloatType || typ == BooleanType
	case Flag:
		return typ == BooleanType
	}
	return false
}

// checkMemberIDs refuses member ids of different classes in different feeds:
// they would never join, and every figure across feeds would be silently zero.
// The first feed that has them sets the class; members is the first of all.
func (c *Catalog) checkMemberIDs() error {
	var want Physical
	first := ""
	for _, name := range FeedNames() {
		b, ok := c.feeds[name]
		if !ok || b.empty {
			continue
		}
		got, ok := b.physical["member_id"]
		switch {
		case !ok:
		case first == "":
			want, first = got, name
		case idClass(got.Type) != idClass(want.Type):
			return fault.New(fault.Config, "feeds."+name+".member_id", "is %s, but %s.member_id is %s, so they never match", got.Native, first, want.Native).
				Then("Convert one of them in its feed's sql")
		}
	}
	for _, b := range c.feeds {
		b.nobody = nullOf(want)
	}
	if c.feeds["members"] == nil {
		feeds := Feeds()
		contract := feeds[slices.IndexFunc(feeds, func(f Feed) bool { return f.Name == "members" })]
		c.noMembers = &bound{contract: contract, relation: "(SELECT 1 AS one)", nobody: nullOf(want)}
	}
	return nil
}

// idClass puts types that an engine compares without a cast into one class.
func idClass(t Type) Type {
	if t == DecimalType || t == FloatType {
		return IntegerType
	}
	return t
}
