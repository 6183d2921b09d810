// Package propose looks at the tables of a database and proposes how they
// become feeds.
//
// It is pure: tables and columns go in, a Proposal comes out. What a column
// holds it can't see, so a Proposal carries Questions about small
// enumerations (kinds of ledger lines, statuses, currencies); the caller runs
// their SQL and proposes again with the Answers. No value from the data enters
// a proposal but a currency code: of all others it only learns which words of
// its own dictionaries occur.
//
// A shape is what one vendor's export or database looks like: its tables
// (roles), told by their documented columns, and for each feed the recipes
// that make it from them. One more shape, plain, is for tables that already
// look like the feed contract and for the usual shop. The shape that explains
// most wins; what the others found is offered as an alternative and never
// mixed in, because the member ids of two systems seldom mean the same.
package propose

import (
	"cmp"
	"fmt"
	"slices"

	"loyaltymcp/warehouse"
)

// Confidence is how sure a proposal is.
type Confidence int

// The confidences. Their order is their strength.
const (
	Guess  Confidence = iota + 1 // the best of what is there; check it
	Likely                       // the names say so
	Sure                         // documented or contract names throughout
)

func (c Confidence) String() string {
	switch c {
	case Sure:
		return "sure"
	case Likely:
		return "likely"
	case Guess:
		return "guess"
	}
	return ""
}

// Proposal is a mapping of tables to feeds.
type Proposal struct {
	// Shape is the name of the shape that fits best; "" when nothing looks
	// like a loyalty program.
	Shape      string
	Confidence Confidence // that it is this shape; each feed has its own
	Evidence   []string   // "12 of 14 columns of Open Loyalty's members in members"
	Others     []string   // further shapes, each with what was seen of it
	Feeds      []Feed     // every feed of the contract, in its order
	Dimensions []string   // further columns of members to break figures down by
	Currency   Currency
	Related    []warehouse.Table // not used, but named as if they belonged
	Unused     int               // further tables that are not used
	Denied     []warehouse.Table // that the role may not read
	Questions  []Question        // not answered yet
}

// Feed is what is proposed for one feed.
type Feed struct {
	Name string
	// Table or SQL is set when the feed is mapped.
	Table, SQL string
	Grain      warehouse.Grain
	Confidence Confidence
	From       []warehouse.Table
	Evidence   string
	Notes      []string // what to check, a sentence each
	Missing    []string // optional columns that weren't found
	// Why says why the feed isn't mapped, as a clause.
	Why string
	// Else is the SQL of another shape that could fill the feed, and ElseFrom
	// says whose it is.
	Else, ElseFrom string

	memberID *idSource  // where member_id is from
	likeness Confidence // how sure it is that the table is the shape's
	splits   []string   // further columns to break figures down by
}

// Nothing is why a feed isn't mapped when there is no sign of it.
const Nothing = "no table looks like it"

// Mapped reports whether the feed has a source.
func (f Feed) Mapped() bool { return f.Table != "" || f.SQL != "" }

// Currency is the program's currency as the data tell it.
type Currency struct {
	Code string // "" when they don't
	Note string // where it is from, or why it isn't known
}

// Feed returns the feed with the name.
func (p *Proposal) Feed(name string) *Feed {
	i := slices.IndexFunc(p.Feeds, func(f Feed) bool { return f.Name == name })
	if i < 0 {
		return nil
	}
	return &p.Feeds[i]
}

// Drop takes a feed out of the mapping, because of why, and offers its text as
// the alternative to mend.
func (p *Proposal) Drop(feed, why string) {
	f := p.Feed(feed)
	if f == nil || !f.Mapped() {
		return
	}
	if f.SQL != "" {
		f.Else, f.ElseFrom = f.SQL, "what was tried"
	}
	f.Table, f.SQL, f.Why, f.Confidence = "", "", why, 0
}

// weights are how much a feed says about which shape it is.
var weights = map[string]int{"members": 4, "points": 4, "points_monthly": 3, "orders": 3, "redemptions": 2, "tier_history": 2}

// Propose proposes a mapping of the tables with what is known of their values.
func Propose(tables []warehouse.Table, answers Answers) *Proposal {
	p := &Proposal{}
	readable := make([]int, 0, len(tables))
	for i, t := range tables {
		if t.Denied {
			p.Denied = append(p.Denied, t)
			continue
		}
		readable = append(readable, i)
	}
	asked := &asker{tables: tables, answers: answers}
	var fits []*fit
	for _, s := range append(vendors(), plainShape(tables, readable)) {
		if f := s.fit(tables, readable, asked); f != nil {
			fits = append(fits, f)
		}
	}
	complement(fits)
	slices.SortStableFunc(fits, func(a, b *fit) int { return cmp.Compare(b.score, a.score) })
	p.Questions = asked.open
	if len(fits) == 0 {
		p.Feeds = emptyFeeds()
		p.rest(tables, readable)
		return p
	}
	best := fits[0]
	p.Shape, p.Confidence, p.Evidence = best.name, best.confidence, best.evidence
	p.Feeds, p.Dimensions = best.feeds, best.dimensions
	p.Currency = best.currency
	p.alternatives(fits[1:])
	p.rest(tables, readable)
	return p
}

// complement fills the gaps of a vendor's shape with plain tables that refer to
// the same members by the same id, as an own points ledger beside a shop's
// orders does.
func complement(fits []*fit) {
	i := slices.IndexFunc(fits, func(f *fit) bool { return f.shape.plain })
	if i < 0 {
		return
	}
	plain := fits[i]
	key := plain.feed("members").memberID
	for _, f := range fits {
		mine := f.feed("members").memberID
		if f == plain || mine == nil || key == nil || *mine != *key || f.idKind != plain.idKind {
			continue
		}
		for n := range f.feeds {
			ledger := f.feeds[n].Name == "points_monthly" && f.feed("points").Mapped()
			if theirs := plain.feeds[n]; !f.feeds[n].Mapped() && theirs.Mapped() && !ledger {
				theirs.Confidence = min(theirs.Confidence, Likely)
				f.feeds[n] = theirs
				f.evidence = append(f.evidence, theirs.Evidence)
				f.score += f.worth(theirs)
			}
		}
	}
}

// alternatives offers what other shapes found for feeds that are not mapped.
func (p *Proposal) alternatives(others []*fit) {
	for _, other := range others {
		var found []string
		for _, f := range other.feeds {
			mine := p.Feed(f.Name)
			if !f.Mapped() || mine.Mapped() {
				continue
			}
			found = append(found, f.Name)
			if mine.Else != "" {
				continue
			}
			mine.Else, mine.ElseFrom = f.SQL, other.shape.name
			if f.SQL == "" {
				mine.Else = "SELECT * FROM " + relation(f.From[0])
			}
		}
		if !other.shape.plain {
			says := other.shape.name + " (" + other.confidence.String() + ")"
			if len(found) > 0 {
				says += fmt.Sprintf(", which could fill %s if its member ids are the same", list(found))
			}
			p.Others = append(p.Others, says)
		}
	}
}

// rest tells which tables are not used.
func (p *Proposal) rest(tables []warehouse.Table, readable []int) {
	used := map[string]bool{}
	for _, f := range p.Feeds {
		for _, t := range f.From {
			used[t.String()] = true
		}
	}
	for _, i := range readable {
		if used[tables[i].String()] {
			continue
		}
		if related(tables[i]) && len(p.Related) < maxRelated {
			p.Related = append(p.Related, tables[i])
		} else {
			p.Unused++
		}
	}
}

// maxRelated bounds how many unused tables a proposal names.
const maxRelated = 12

func emptyFeeds() []Feed {
	var feeds []Feed
	for _, contract := range warehouse.Feeds() {
		feeds = append(feeds, Feed{Name: contract.Name, Why: Nothing})
	}
	return feeds
}
