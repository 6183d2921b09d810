package pullmetrics_test

import (
	"slices"
	"strings"
	"time"
)

// program is a small program as plain rows, and the choices of its config. An
// id of 0, an empty text, a zero time and a nil pointer are nulls.
type program struct {
	seed         uint64
	zone         *time.Location
	fiscalStart  int
	activeEvents []string
	lapse        int
	window, asOf string

	feeds map[string]bool // those that are mapped
	// without holds optional columns that the source lacks, as feed.column.
	without map[string]bool
	// wall holds feeds whose timestamps are wall clock of the program's zone.
	wall map[string]bool
	// months holds members where its feed knows only months.
	months map[string]bool

	members     []member
	tiers       []tier
	spells      []spell
	orders      []order
	lines       []line
	monthly     []month
	rewards     []reward
	redemptions []redemption
	events      []event
	answers     []answer

	done []act // what members did, once it was gathered
}

type member struct {
	id                  int64
	enrolled, cancelled time.Time
	tier                string
	region, channel     string
	status              string
	consent, test       *bool
}

type tier struct {
	name string
	rank float64
}

type spell struct {
	member   int64
	tier     string
	from, to time.Time
}

// Amounts are in ten-thousandths.
type order struct {
	id, member                      int64
	at                              time.Time
	net                             int64
	gross, discount, refund, margin *int64
	items                           *int64
	status                          string
	guest                           bool
}

type line struct {
	id, member int64
	at         time.Time
	kind       string
	points     int64
	expires    time.Time
	order      int64
	status     string
}

type month struct {
	member           int64
	at               time.Time
	earned, redeemed int64
	expired          *int64
	adjusted         *int64
	rewardValue      *int64
}

type reward struct {
	id, cost int64
	name     string
	unitCost *int64
}

type redemption struct {
	id, member, reward int64
	at                 time.Time
	points             int64
	value              *int64
	status             string
	used               time.Time
}

type event struct {
	member         int64
	at             time.Time
	kind, campaign string
}

type answer struct {
	member    int64
	at        time.Time
	kind      string
	score     *int64 // whole
	low, high *int64
	guest     bool
}

// counted returns the program with the rows that count: void ones, those of
// test members and merged members left out, and one row a member, the one
// enrolled first.
func (p *program) counted() *program {
	c := *p
	test := map[int64]bool{}
	c.members = nil
	seen := map[int64]bool{}
	sorted := slices.Clone(p.members)
	slices.SortStableFunc(sorted, func(a, b member) int { return a.enrolled.Compare(b.enrolled) })
	for _, m := range sorted {
		isTest := p.has("members", "is_test") && m.test != nil && *m.test
		test[m.id] = test[m.id] || isTest
		if isTest || seen[m.id] || p.has("members", "status") && strings.EqualFold(m.status, "merged") {
			continue
		}
		seen[m.id] = true
		c.members = append(c.members, m)
	}
	void := func(feed, status string, words ...string) bool {
		return p.has(feed, "status") && slices.Contains(words, strings.ToLower(status))
	}
	c.spells = slices.DeleteFunc(slices.Clone(p.spells), func(s spell) bool { return test[s.member] })
	c.orders = slices.DeleteFunc(slices.Clone(p.orders), func(o order) bool {
		return p.has("orders", "member_id") && test[o.member] || void("orders", o.status, "cancelled", "pending", "void")
	})
	c.lines = slices.DeleteFunc(slices.Clone(p.lines), func(l line) bool {
		return test[l.member] || void("points", l.status, "cancelled", "pending")
	})
	c.monthly = slices.DeleteFunc(slices.Clone(p.monthly), func(m month) bool { return test[m.member] })
	c.redemptions = slices.DeleteFunc(slices.Clone(p.redemptions), func(r redemption) bool {
		return test[r.member] || void("redemptions", r.status, "cancelled")
	})
	c.events = slices.DeleteFunc(slices.Clone(p.events), func(e event) bool { return test[e.member] })
	c.answers = slices.DeleteFunc(slices.Clone(p.answers), func(a answer) bool {
		return p.has("surveys", "member_id") && test[a.member]
	})
	return &c
}

// has reports whether the feed is mapped and has a row and, of the optional
// columns, at least a value of each.
func (p *program) has(feed string, columns ...string) bool {
	if !p.feeds[feed] || p.rows(feed) == 0 {
		return false
	}
	for _, c := range columns {
		if p.without[feed+"."+c] {
			return false
		}
	}
	return true
}

func (p *program) rows(feed string) int {
	return map[string]int{"members": len(p.members), "tiers": len(p.tiers), "tier_history": len(p.spells), "orders": len(p.orders),
		"points": len(p.lines), "points_monthly": len(p.monthly), "rewards": len(p.rewards), "redemptions": len(p.redemptions),
		"engagement": len(p.events), "surveys": len(p.answers)}[feed]
}
