package pullmetrics_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// generator makes a random program. Its moments crowd around the edges of the
// windows, of horizons and of lapses, and around the change of the clocks.
type generator struct {
	*rand.Rand
	p     *program
	edges []time.Time
	spans []span
	ids   int64
}

func generate(seed uint64) *program {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 1)), p: &program{seed: seed, feeds: map[string]bool{"members": true}, without: map[string]bool{}, wall: map[string]bool{}, months: map[string]bool{}}}
	g.choices()
	g.places()
	g.people()
	g.purchases()
	g.ledger()
	g.claims()
	g.contacts()
	g.surveys()
	g.anchors()
	g.p.tables() // finds the columns that came out without a value
	return g.p
}

func (g *generator) one(words ...string) string { return words[g.IntN(len(words))] }
func (g *generator) chance(p float64) bool      { return g.Float64() < p }

func (g *generator) id() int64 {
	g.ids++
	return g.ids
}

func (g *generator) choices() {
	p := g.p
	zone, err := time.LoadLocation(g.one("America/New_York", "Europe/Berlin", "Asia/Kolkata", "UTC"))
	if err != nil {
		panic(err)
	}
	p.zone, p.fiscalStart, p.lapse = zone, 1+g.IntN(12), []int{7, 20, 60, 120}[g.IntN(4)]
	for _, e := range []string{"order", "earn", "redeem", "login", "challenge"} {
		if g.chance(0.5) {
			p.activeEvents = append(p.activeEvents, e)
		}
	}
	if len(p.activeEvents) == 0 {
		p.activeEvents = []string{"order"}
	}
	// Ends right after the clocks changed, at the turn of months and years, and
	// anywhere.
	asOf := []string{"2026-03-09", "2026-03-30", "2025-11-03", "2025-10-27", "2026-04-01", "2026-01-01", "2026-02-28", "2024-03-01",
		fmt.Sprintf("2026-%02d-%02d", 1+g.IntN(6), 1+g.IntN(28))}[g.IntN(9)]
	p.window, p.asOf = g.one("7d", "30d", "90d", "quarter", "range"), asOf
	if p.window == "range" {
		end := p.day(asOf)
		p.window, p.asOf = end.AddDate(0, -g.IntN(4), -g.IntN(20)-1).Format(time.DateOnly)+".."+asOf, ""
	}
	for _, f := range []string{"orders", "points", "engagement", "surveys", "redemptions"} {
		p.feeds[f] = g.chance(0.85)
	}
	p.feeds["tiers"] = g.chance(0.8)
	p.feeds["tier_history"] = g.chance(0.8)
	p.feeds["rewards"] = g.chance(0.8)
	if p.feeds["points_monthly"] = !p.feeds["points"] && g.chance(0.8); p.feeds["points_monthly"] {
		// A feed of months wants windows of months to say anything.
		if g.chance(0.8) {
			p.window = "quarter"
			p.asOf = "2026-05-17"
		}
		p.months["members"] = g.chance(0.3)
	}
	for _, f := range []string{"members", "orders", "points", "engagement", "surveys", "redemptions", "tier_history"} {
		p.wall[f] = g.chance(0.3)
	}
	for _, c := range []string{"members.tier", "members.region", "members.channel", "members.status", "members.cancelled_at", "members.consent_marketing",
		"members.is_test", "orders.member_id", "orders.gross", "orders.discount", "orders.refund", "orders.margin", "orders.items", "orders.status",
		"orders.guest", "points.expires_at", "points.order_id", "points.status", "points_monthly.expired", "points_monthly.adjusted",
		"points_monthly.reward_value", "rewards.unit_cost", "redemptions.value", "redemptions.status", "redemptions.used_at",
		"engagement.campaign_id", "surveys.member_id", "surveys.scale_min", "surveys.scale_max", "surveys.guest", "tier_history.effective_to"} {
		p.without[c] = g.chance(0.12)
	}
	if p.without["members.cancelled_at"] {
		p.without["members.status"] = true // else the cancelled would all be without a date
	}
	// Lines are found by member and order.
	if p.without["orders.member_id"] {
		p.without["points.order_id"] = true
	}
	// Who is marked as a guest has an id that is no member's.
	if p.without["orders.guest"] != p.without["surveys.guest"] {
		p.without["orders.guest"], p.without["surveys.guest"] = true, true
	}
}

// places gathers the moments around which things happen.
func (g *generator) places() {
	windows := g.p.windows()
	g.spans = windows[:]
	for i, w := range windows {
		g.edges = append(g.edges, w.start, w.end, w.start, w.end)
		if i == 2 {
			continue
		}
		for _, days := range []int{30, 60, 90, g.p.lapse} {
			g.edges = append(g.edges, w.start.AddDate(0, 0, -days), w.end.AddDate(0, 0, -days))
		}
	}
}

// moment returns a moment near an edge, or inside a window.
func (g *generator) moment() time.Time {
	for {
		var t time.Time
		if g.chance(0.5) {
			s := g.spans[[]int{0, 0, 0, 1, 1, 2}[g.IntN(6)]]
			t = s.start.Add(time.Duration(g.Int64N(int64(s.end.Sub(s.start)/time.Second))) * time.Second)
		} else {
			t = g.edges[g.IntN(len(g.edges))].Add([]time.Duration{0, -time.Second, time.Second, time.Duration(g.IntN(7200)-3600) * time.Second,
				time.Duration(g.IntN(40)-20) * 6 * time.Hour}[g.IntN(5)])
		}
		if g.clear(t) {
			return t
		}
	}
}

// after returns a moment not before t, soon or near an edge.
func (g *generator) after(t time.Time) time.Time {
	for range 8 {
		if m := g.moment(); !m.Before(t) {
			return m
		}
	}
	for {
		if t = t.Add(time.Duration(g.IntN(90*24)) * time.Hour); g.clear(t) {
			return t
		}
	}
}

// clear reports whether the wall clock of the program's zone tells the moment.
func (g *generator) clear(t time.Time) bool {
	text := t.In(g.p.zone).Format(time.DateTime)
	for _, hours := range []int{-1, 0, 1} {
		back, err := time.ParseInLocation(time.DateTime, text, g.p.zone)
		if err != nil || !back.Equal(t) || hours != 0 && t.Add(time.Duration(hours)*time.Hour).In(g.p.zone).Format(time.DateTime) == text {
			return false
		}
	}
	return true
}

func (g *generator) amount() int64 { return g.Int64N(2_000_000) }

func (g *generator) perhaps(p float64, n int64) *int64 {
	if !g.chance(p) {
		return nil
	}
	return &n
}

func (g *generator) flag(p float64) *bool {
	if g.chance(0.2) {
		return nil
	}
	b := g.chance(p)
	return &b
}

func (g *generator) people() {
	p := g.p
	tiers := []string{"Blue", "Silver", "Gold"}
	for i, t := range tiers {
		p.tiers = append(p.tiers, tier{t, float64(i + 1)})
	}
	overlap := g.chance(0.3)
	for range 5 + g.IntN(56) {
		m := member{id: g.id(), enrolled: g.moment(), region: g.one("North", "South", "East", ""), channel: g.one("web", "store"), consent: g.flag(0.7), test: g.flag(0.08)}
		if g.chance(0.5) {
			m.enrolled = g.p.day("2023-01-01").Add(time.Duration(g.IntN(9000)) * time.Hour)
		}
		if p.months["members"] {
			m.enrolled = monthOf(m.enrolled, p.zone)
		}
		m.status = g.one("", "active", "Active")
		if g.chance(0.25) {
			if m.cancelled = g.after(m.enrolled); p.months["members"] {
				m.cancelled = monthOf(m.cancelled, p.zone)
			}
			m.status = g.one("cancelled", "Cancelled")
		}
		if g.chance(0.04) {
			m.status = g.one("merged", "Merged")
		}
		if g.chance(0.04) {
			m.status, m.cancelled = "cancelled", time.Time{}
		}
		m.tier = g.one("Blue", "Silver", "Gold", "")
		p.members = append(p.members, m)
		if g.chance(0.06) {
			again := m
			if g.chance(0.5) {
				again.enrolled = m.enrolled.Add(24 * time.Hour)
				again.region = "West"
			}
			p.members = append(p.members, again)
		}
		from := m.enrolled
		for i := range g.IntN(4) {
			if i > 0 {
				from = g.after(from.Add(time.Second))
			}
			s := spell{member: m.id, tier: g.one("Blue", "Silver", "Gold", "Blue", "Silver", "Gold", "Ghost"), from: from}
			if n := len(p.spells); n > 0 && p.spells[n-1].member == m.id && g.chance(0.6) {
				p.spells[n-1].to = from
			}
			if g.chance(0.1) {
				if s.to = g.after(from); s.to.Equal(from) {
					s.to = time.Time{}
				}
			}
			p.spells = append(p.spells, s)
		}
	}
	if !overlap {
		g.cut()
	}
}

// cut ends spells where the next begins.
func (g *generator) cut() {
	for i := range g.p.spells[:max(0, len(g.p.spells)-1)] {
		s, next := &g.p.spells[i], g.p.spells[i+1]
		if s.member == next.member && (s.to.IsZero() || s.to.After(next.from)) {
			s.to = next.from
		}
	}
}

func monthOf(t time.Time, zone *time.Location) time.Time {
	t = t.In(zone)
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, zone)
}

// who returns a member's id, now and then one that no member has.
func (g *generator) who() int64 {
	if g.chance(0.03) {
		return 990_000 + g.Int64N(3)
	}
	return g.p.members[g.IntN(len(g.p.members))].id
}

// guest returns nobody: no id, or one that is marked to be nobody's.
func (g *generator) guest() (id int64, marked bool) {
	if !g.p.without["orders.guest"] && g.chance(0.5) {
		return -g.id(), true
	}
	return 0, false
}

func (g *generator) purchases() {
	for range g.IntN(3 * len(g.p.members)) {
		o := order{id: g.id(), member: g.who(), at: g.moment(), net: g.amount(), gross: g.perhaps(0.9, g.amount()), discount: g.perhaps(0.6, g.amount()/10),
			refund: g.perhaps(0.3, g.amount()/5), margin: g.perhaps(0.7, g.amount()/3-100_000), items: g.perhaps(0.8, g.Int64N(6)), status: g.one("", "paid", "Paid", "shipped")}
		if g.chance(0.08) {
			o.net = -o.net // a refund as an order of its own
		}
		if g.chance(0.08) {
			o.status = g.one("cancelled", "pending", "Void", "CANCELLED")
		}
		if g.chance(0.2) {
			o.member, o.guest = g.guest()
		}
		g.p.orders = append(g.p.orders, o)
		if g.chance(0.1) {
			twin := o
			if g.chance(0.5) {
				twin.id = g.id() // another at the same instant
			}
			g.p.orders = append(g.p.orders, twin)
		}
	}
}

func (g *generator) ledger() {
	p := g.p
	for range g.IntN(4 * len(p.members)) {
		l := line{id: g.id(), member: g.who(), at: g.moment(), kind: g.one("earn", "earn", "earn", "bonus", "redeem", "redeem", "Redeem", "expire", "reverse_earn", "reimburse", "adjust", "transfer_in", "transfer_out"),
			points: g.amount(), status: g.one("", "completed")}
		switch l.kind {
		case "redeem", "Redeem", "expire", "reverse_earn", "transfer_out":
			l.points = -l.points / 2
		case "adjust":
			l.points -= 1_000_000
		}
		if l.points > 0 && g.chance(0.7) {
			l.expires = g.after(l.at)
			if g.chance(0.4) {
				l.expires = g.spans[0].end.Add(time.Duration(g.IntN(100*24*60)) * time.Minute)
			}
			if g.chance(0.2) {
				l.expires = g.spans[0].end.AddDate(0, 0, []int{0, 30, 60, 90}[g.IntN(4)])
			}
		}
		if !g.clear(l.expires) {
			l.expires = time.Time{}
		}
		if len(p.orders) > 0 && g.chance(0.6) {
			o := p.orders[g.IntN(len(p.orders))]
			if l.order = o.id; g.chance(0.9) && o.member > 0 {
				l.member, l.at = o.member, o.at.Add(time.Duration(g.IntN(3)*g.IntN(200))*time.Hour)
			}
		}
		if g.chance(0.06) {
			l.status = g.one("pending", "Cancelled")
		}
		p.lines = append(p.lines, l)
		if g.chance(0.05) {
			p.lines = append(p.lines, l)
		}
	}
	for range g.IntN(6 * len(p.members)) {
		p.monthly = append(p.monthly, month{member: g.who(), at: monthOf(g.moment(), p.zone), earned: g.amount() * g.Int64N(2), redeemed: g.amount() * g.Int64N(2) / 2,
			expired: g.perhaps(0.5, g.amount()/9), adjusted: g.perhaps(0.3, g.amount()-1_000_000), rewardValue: g.perhaps(0.7, g.amount()/50*g.Int64N(2))})
	}
}

func (g *generator) claims() {
	p := g.p
	for i := range int64(4) {
		p.rewards = append(p.rewards, reward{id: i + 1, name: fmt.Sprint("Reward ", i), cost: 1_000_000 * (i + 1), unitCost: g.perhaps(0.8, 30_000*(i+1))})
	}
	for range g.IntN(2 * len(p.members)) {
		r := redemption{id: g.id(), member: g.who(), reward: 1 + g.Int64N(5), at: g.moment(), points: g.amount(), value: g.perhaps(0.8, g.amount()/100), status: g.one("", "used", "Cancelled", "fulfilled", "")}
		if g.chance(0.5) {
			r.used = g.after(r.at)
		}
		p.redemptions = append(p.redemptions, r)
	}
}

func (g *generator) contacts() {
	for range g.IntN(6 * len(g.p.members)) {
		e := event{member: g.who(), at: g.moment(), campaign: g.one("c1", "c2", ""),
			kind: g.one("delivered", "delivered", "delivered", "open", "open", "click", "Click", "unsubscribe", "login", "app_open", "challenge_start", "challenge_complete", "referral")}
		g.p.events = append(g.p.events, e)
		if g.chance(0.15) {
			e.at = g.after(e.at)
			g.p.events = append(g.p.events, e)
		}
	}
}

func (g *generator) surveys() {
	for range g.IntN(2 * len(g.p.members)) {
		a := answer{member: g.who(), at: g.moment(), kind: g.one("csat", "CSAT", "nps", "nps", "ces"), score: g.perhaps(0.95, g.Int64N(13)-1)}
		if a.kind != "nps" && g.chance(0.7) {
			a.score = g.perhaps(1, g.Int64N(7))
		}
		if g.chance(0.3) {
			a.low, a.high = g.perhaps(0.8, g.Int64N(2)), g.perhaps(0.8, []int64{5, 7, 10}[g.IntN(3)])
		}
		if g.chance(0.3) {
			a.member, a.guest = g.guest()
		}
		g.p.answers = append(g.p.answers, a)
	}
}

// anchors lets most feeds reach back before all windows, and lets the data go
// on after the last.
func (g *generator) anchors() {
	p := g.p
	early, late := p.day("2022-01-01").Add(9*time.Hour), p.day("2026-06-30").Add(9*time.Hour)
	score := int64(5)
	var one int64 = 10_000
	last := []time.Time{early, late}
	for i, at := range last {
		always := i == 1
		who := int64(990_009)
		if always || g.chance(0.8) {
			p.orders = append(p.orders, order{id: g.id(), member: who, at: at, net: one})
		}
		if always || g.chance(0.8) {
			p.lines = append(p.lines, line{id: g.id(), member: who, at: at, kind: "earn", points: one})
		}
		if always || g.chance(0.8) {
			p.redemptions = append(p.redemptions, redemption{id: g.id(), member: who, reward: 1, at: at, points: one})
		}
		if always || g.chance(0.8) {
			p.events = append(p.events, event{member: who, at: at, kind: "login"})
		}
		if always || g.chance(0.8) {
			p.answers = append(p.answers, answer{at: at, kind: "ces", score: &score})
		}
		if always || g.chance(0.8) {
			p.monthly = append(p.monthly, month{member: who, at: monthOf(at, p.zone), earned: one})
		}
	}
	// The data of a program without events end with its last member.
	p.members = append(p.members, member{id: g.id(), enrolled: late, region: "North", channel: "web", tier: "Blue"})
	g.Shuffle(len(p.orders), func(i, j int) { p.orders[i], p.orders[j] = p.orders[j], p.orders[i] })
	g.Shuffle(len(p.events), func(i, j int) { p.events[i], p.events[j] = p.events[j], p.events[i] })
	g.Shuffle(len(p.lines), func(i, j int) { p.lines[i], p.lines[j] = p.lines[j], p.lines[i] })
	if g.chance(0.03) {
		p.orders = nil
	}
	if g.chance(0.03) {
		p.events = slices.Clip(p.events[:0])
	}
}
