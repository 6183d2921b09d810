package pullmetrics_test

import (
	"slices"
	"strings"
	"time"
)

// view is the counted rows of a program seen through a window and a cell.
type view struct {
	*program
	span
	known time.Time // exclusive end of what counts
	cell  func(member int64, at time.Time, state bool) bool
}

// sums adds up by member; nobody is 0. They are in halves of ten-thousandths.
type sums map[int64]int64

const one, tenThousandth = 20_000, 2

func (s sums) add(member, n int64) { s[member] += n }

func (s sums) total() (total int64) {
	for _, n := range s {
		total += n
	}
	return total
}

// figure is what a KPI is made of.
type figure struct {
	top, bottom sums  // bottom is nil where nothing is divided by
	n           int64 // units behind it; -1: as many as bottom counts, or else top
	behind      sums  // who adds to the bottom, for the interval; nil: bottom
}

func stands(top sums) figure         { return figure{top: top, n: -1} }
func ratio(top, bottom sums) figure  { return figure{top: top, bottom: bottom, n: -1} }
func (f figure) over(n int64) figure { f.n = n; return f }
func (f figure) units() int64 {
	switch {
	case f.n >= 0:
		return f.n
	case f.bottom != nil:
		return f.bottom.total() / one
	}
	return f.top.total() / one
}

// plus returns a + factor * b; half is in halves so that means are whole.
func plus(a sums, factor int64, b sums) sums {
	out := sums{}
	for m, n := range a {
		out[m] += n
	}
	for m, n := range b {
		out[m] += factor * n
	}
	return out
}

func half(s sums) sums {
	out := sums{}
	for m, n := range s {
		out[m] = n / 2
	}
	return out
}

// once counts each member that has something once.
func once(s sums) sums {
	out := sums{}
	for m, n := range s {
		if m != 0 && n > 0 {
			out[m] = one
		}
	}
	return out
}

func (s sums) members() int64 { return int64(len(once(s))) }

// people returns the members for whom keep holds, each as one.
func (v view) people(keep func(m member) bool) sums {
	out := sums{}
	for _, m := range v.members {
		if keep(m) {
			out.add(m.id, one)
		}
	}
	return out
}

// watched is the span of so many days of 24 hours from t on, as far as it is
// known.
func (v view) watched(t time.Time, days int) span {
	s := span{t, t.Add(time.Duration(days) * 24 * time.Hour)}
	if v.known.Before(s.end) {
		s.end = v.known
	}
	return s
}

// openAt reports whether the member enrolled before t and did not cancel
// before it. Who cancelled nobody knows when was never open.
func (p *program) openAt(m member, t time.Time) bool {
	undated := p.has("members", "status") && strings.EqualFold(m.status, "cancelled") && m.cancelled.IsZero()
	return m.enrolled.Before(t) && !undated && (m.cancelled.IsZero() || p.without["members.cancelled_at"] || !m.cancelled.Before(t))
}

// open returns the members open at the end for whom keep holds.
func (v view) open(keep func(m member) bool) sums {
	return v.people(func(m member) bool { return v.openAt(m, v.end) && v.cell(m.id, v.end, true) && keep(m) })
}

// began returns the members open at the start for whom keep holds.
func (v view) began(keep func(m member) bool) sums {
	return v.people(func(m member) bool { return v.openAt(m, v.start) && v.cell(m.id, v.start, true) && keep(m) })
}

func any1(member) bool { return true }

// enrolled returns who enrolled in the window, cancelled who cancelled.
func (v view) enrolled(keep func(m member) bool) sums {
	return v.people(func(m member) bool { return v.holds(m.enrolled) && v.cell(m.id, m.enrolled, false) && keep(m) })
}

func (v view) cancelled() sums {
	return v.people(func(m member) bool { return v.holds(m.cancelled) && v.cell(m.id, m.cancelled, false) })
}

// tierAt returns a member's tier at a moment, "" for none that is known. A
// spell ends where it says, or before, where the next one starts. For a state,
// what begins at the very moment is not there yet.
func (p *program) tierAt(id int64, t time.Time, state bool) string {
	if !p.has("tier_history") {
		if m := p.member(id); m != nil && p.has("members", "tier") {
			return m.tier
		}
		return ""
	}
	var spells []spell
	for _, s := range p.spells {
		if s.member == id {
			spells = append(spells, s)
		}
	}
	slices.SortStableFunc(spells, func(a, b spell) int { return a.from.Compare(b.from) })
	for i, s := range spells {
		to := s.to
		if p.without["tier_history.effective_to"] {
			to = time.Time{}
		}
		if i+1 < len(spells) && (to.IsZero() || spells[i+1].from.Before(to)) {
			to = spells[i+1].from
		}
		in := !t.Before(s.from) && (to.IsZero() || t.Before(to))
		if state {
			in = t.After(s.from) && (to.IsZero() || !t.After(to))
		}
		if in {
			return s.tier
		}
	}
	return ""
}

func (p *program) member(id int64) *member {
	for i := range p.members {
		if p.members[i].id == id {
			return &p.members[i]
		}
	}
	return nil
}

// cellOf returns the cell of a dimension in which a member is at a moment, ""
// for unknown.
func (p *program) cellOf(dimension string, id int64, at time.Time, state bool) string {
	if dimension == "tier" {
		return p.tierAt(id, at, state)
	}
	m := p.member(id)
	switch {
	case m == nil:
		return ""
	case dimension == "region":
		return m.region
	case dimension == "channel":
		return m.channel
	}
	return m.enrolled.In(p.zone).Format("2006-01")
}

// mine returns who an order or answer is of: 0 where it is no member's.
func (p *program) mine(feed string, id int64, guest bool) int64 {
	if !p.has(feed, "member_id") || guest && p.has(feed, "guest") {
		return 0
	}
	return id
}

// act is something that a member did.
type act struct {
	member                           int64
	at                               time.Time
	ordered, earned, redeemed, login bool
	qualifies                        bool // makes a member active
}

// acts returns what members did and when, as far as feeds say it.
func (p *program) acts() []act {
	if p.done != nil {
		return p.done
	}
	out := []act{}
	counts := func(event string) bool { return slices.Contains(p.activeEvents, event) }
	if p.has("orders", "member_id") {
		for _, o := range p.orders {
			if who := p.mine("orders", o.member, o.guest); who != 0 {
				out = append(out, act{member: who, at: o.at, ordered: true, qualifies: counts("order")})
			}
		}
	}
	for _, l := range p.pointRows() {
		at := l.at
		if l.kind == "" { // a month counts as of its last day
			at = at.AddDate(0, 1, -1)
		}
		earned, redeemed := l.earned(), l.burnt()
		if earned || redeemed {
			out = append(out, act{member: l.member, at: at, earned: earned, redeemed: redeemed, qualifies: earned && counts("earn") || redeemed && counts("redeem")})
		}
	}
	if p.has("engagement") {
		for _, e := range p.events {
			switch kind := strings.ToLower(e.kind); kind {
			case "login", "app_open":
				out = append(out, act{member: e.member, at: e.at, login: true, qualifies: counts("login")})
			case "challenge_complete":
				out = append(out, act{member: e.member, at: e.at, qualifies: counts("challenge")})
			}
		}
	}
	p.done = out
	return out
}

// did returns who did something in the span for which what holds.
func (p *program) did(s span, what func(act) bool) map[int64]bool {
	out := map[int64]bool{}
	for _, a := range p.acts() {
		if s.holds(a.at) && what(a) {
			out[a.member] = true
		}
	}
	return out
}

func qualifies(a act) bool { return a.qualifies }
