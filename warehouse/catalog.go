package warehouse

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Catalog is the operator's mapping checked against the data as it is: which
// feeds there are, which of their columns, and the text by which a query
// reads each in contract form.
type Catalog struct {
	zone       *time.Location
	feeds      map[string]*bound
	noMembers  *bound    // in place of a members feed that is not mapped: nobody
	duplicates int64     // rows of members beyond one a member_id
	undated    int64     // members with status cancelled, but no cancelled_at
	apart      bool      // spells in tiers are known not to overlap
	scattered  bool      // rows stand on several nodes
	watermark  time.Time // rows that came in later don't count; zero for none
	syncedAt   time.Time // of a synced copy, else zero
}

// bound is one mapped feed.
type bound struct {
	contract Feed
	mapped   Mapped
	relation string
	physical map[string]Physical // contract or dimension column -> as the engine has it
	extra    []string            // dimension columns beyond the contract
	empty    bool
	rowwise  bool // see Rowwise
	regular  *regularity
	nobody   string // the id of nobody, of the type that members' ids have
}

// Notes says, for people, that the data are a copy, what in them had to be put
// right for members to be counted, and when they can't be seen at one moment.
func (c *Catalog) Notes() []string {
	var notes []string
	if !c.syncedAt.IsZero() {
		notes = append(notes, fmt.Sprintf("The figures come from a copy of the warehouse, synced on %s; what came later is not in it.", c.syncedAt.Format("2006-01-02 15:04 MST")))
	}
	if c.duplicates > 0 {
		notes = append(notes, fmt.Sprintf("%d rows of the members feed repeat a member_id; one row a member is counted.", c.duplicates))
	}
	if c.undated > 0 {
		notes = append(notes, fmt.Sprintf("%d members are cancelled without a date; they count as enrolled, but never as open or as cancelling.", c.undated))
	}
	if c.scattered {
		notes = append(notes, c.torn())
	}
	return notes
}

// Has reports whether the feed is mapped, has rows, and has all the columns.
func (c *Catalog) Has(feed string, columns ...string) bool {
	return c.Missing(feed, columns...) == ""
}

// Missing says, as a clause for people, what keeps the feed's columns from
// being used; "" when nothing does.
func (c *Catalog) Missing(feed string, columns ...string) string {
	b, ok := c.feeds[feed]
	if !ok {
		return "the " + feed + " feed is not mapped"
	}
	if b.empty {
		return "the " + feed + " feed is empty"
	}
	for _, column := range columns {
		if _, ok := b.physical[column]; !ok {
			return "the " + feed + " feed has no column " + column
		}
	}
	return ""
}

// Joinable reports whether two columns, each written FEED.COLUMN, are there and
// hold values that compare without a cast.
func (c *Catalog) Joinable(left, right string) bool {
	typ := func(name string) (Type, bool) {
		feed, column, _ := strings.Cut(name, ".")
		b, ok := c.feeds[feed]
		if !ok || b.empty {
			return 0, false
		}
		p, ok := b.physical[column]
		return idClass(p.Type), ok
	}
	l, okLeft := typ(left)
	r, okRight := typ(right)
	return okLeft && okRight && l == r
}

// Mapped reports whether the feed is mapped at all, be it empty.
func (c *Catalog) Mapped(feed string) bool {
	_, ok := c.feeds[feed]
	return ok
}

// Grain returns the resolution of the feed's times.
func (c *Catalog) Grain(feed string) Grain {
	if b, ok := c.feeds[feed]; ok && b.mapped.Grain == GrainMonth || feed == "points_monthly" {
		return GrainMonth
	}
	return GrainDay
}

// Columns returns the contract and dimension columns that the feed's source
// has, sorted.
func (c *Catalog) Columns(feed string) []string {
	b, ok := c.feeds[feed]
	if !ok {
		return nil
	}
	names := make([]string, 0, len(b.physical))
	for name := range b.physical {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Dimensions returns the columns of members by which figures can be broken
// down, none where that feed is not mapped.
func (c *Catalog) Dimensions() []string {
	var names []string
	b, ok := c.feeds["members"]
	if !ok {
		return names
	}
	for _, name := range []string{"tier", "region", "channel"} {
		_, ok := b.physical[name]
		if ok || name == "tier" && c.Has("tier_history") {
			names = append(names, name)
		}
	}
	names = append(names, "cohort")
	return append(names, b.extra...)
}

// Quote returns the name as a quoted SQL identifier.
func Quote(name string) string {
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// Literal returns the text as an SQL string literal. It is for words of ours
// and of the operator's mapping; what callers pass is bound.
func Literal(text string) string {
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}
