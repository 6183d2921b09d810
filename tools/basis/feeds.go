package basis

import "slices"

// feeds adds the feeds that came, went or are mapped otherwise, then their
// columns that came or went.
func (c *comparison) feeds() {
	var columns []Change
	reads := func(feed string) []string {
		return c.hanging(func(d Definition) bool { return slices.Contains(d.Feeds, feed) })
	}
	pairs(c.before.Feeds, c.after.Feeds, func(f Feed) string { return f.Name }, func(id string, before, after *Feed) {
		switch {
		case before == nil:
			c.differ(OfFeed, id, "", mapped(after), reads(id))
		case after == nil:
			c.differ(OfFeed, id, mapped(before), "", reads(id))
		default:
			c.differ(OfFeed, id, mapped(before), mapped(after), reads(id))
			columns = append(columns, c.columns(id, before.Columns, after.Columns)...)
		}
	})
	c.out = append(c.out, columns...)
}

func mapped(f *Feed) string { return "mapping " + f.Mapping }

// testFlag is the column that takes rows out of every feed, those of test
// members, so that every figure hangs on it.
const testFlag = "is_test"

// deciding are the optional columns that decide which rows of a feed count, so
// that whoever reads the feed hangs on them.
var deciding = []string{"status", "cancelled_at", "guest", "ingested_at", "effective_to", "scale_min", "scale_max"}

// hangs reports whether the definition's value hangs on a column of a feed.
func (d Definition) hangs(feed, column string) bool {
	return column == testFlag || slices.Contains(d.Columns, feed+"."+column) || slices.Contains(deciding, column) && slices.Contains(d.Feeds, feed)
}

// columns returns the columns of a feed that came or went.
func (c *comparison) columns(feed string, before, after []string) []Change {
	in := comparison{before: c.before, after: c.after}
	there := func(list []string, name string) string {
		if slices.Contains(list, name) {
			return "there"
		}
		return ""
	}
	for _, name := range sorted(slices.Concat(before, after)) {
		id := feed + "." + name
		in.differ(OfColumn, id, there(before, name), there(after, name), c.hanging(func(d Definition) bool { return d.hangs(feed, name) }))
	}
	return in.out
}
