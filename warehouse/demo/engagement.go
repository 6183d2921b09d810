package demo

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// touch is one engagement event.
type touch struct {
	at       instant
	kind     string
	channel  string
	campaign string
}

// mail is a newsletter: one a month, in the morning of the twelfth.
type mail struct {
	campaign string
	at       instant
}

func newMails() []mail {
	mails := make([]mail, months)
	for i := range mails {
		at := monthStart(i) + 11*day + 9*hour
		mails[i] = mail{at.time().Format("2006-01") + "-newsletter", at}
	}
	return mails
}

// challenge asks for two orders within three weeks, each spring and fall.
type challenge struct {
	campaign string
	from, to instant
}

func newChallenges() []challenge {
	var all []challenge
	for _, from := range []instant{on(2024, 10, 7), on(2025, 4, 7), on(2025, 10, 6), on(2026, 4, 6)} {
		all = append(all, challenge{fmt.Sprintf("challenge-%s", from.time().Format("2006-01")), from, from + 21*day})
	}
	return all
}

// engage draws the member's engagement into g.touches, by time. Engagement
// follows the member's latent trait and fades once the member has left, so it
// foretells purchases; except for the points it brings, it causes nothing.
func (g *generator) engage(m *member) {
	g.stream(forEngagement, m.id)
	g.touches = g.touches[:0]
	g.drawMails(m)
	g.drawVisits(m)
	g.drawChallenges(m)
	g.drawReferrals(m)
	slices.SortStableFunc(g.touches, func(a, b touch) int { return cmp.Compare(a.at, b.at) })
}

// touch adds an event unless it would come after the horizon.
func (g *generator) touch(m *member, at instant, kind, channel, campaign string) bool {
	if at >= m.horizon {
		return false
	}
	g.touches = append(g.touches, touch{at, kind, channel, campaign})
	return true
}

func (g *generator) drawMails(m *member) {
	if !m.consent {
		return
	}
	r := g.rng
	unsubscribed := never
	for i := range g.mails {
		c := &g.mails[i]
		sent := c.at + instant(r.IntN(int(20*minute)))
		if c.at <= m.enrolled || sent >= unsubscribed {
			continue
		}
		if !g.touch(m, sent, "delivered", "email", c.campaign) {
			return
		}
		mood := -0.85 + 0.8*m.latent
		if sent >= m.left {
			mood -= 1.2
		}
		if r.Float64() >= logistic(mood) {
			continue
		}
		opened := sent + minute + instant(r.ExpFloat64()*float64(12*hour))
		if !g.touch(m, opened, "open", "email", c.campaign) {
			continue
		}
		if r.Float64() < logistic(-1.9+0.35*m.latent) {
			g.touch(m, opened+10+instant(r.IntN(180)), "click", "email", c.campaign)
		}
		if r.Float64() < 0.007 {
			at := opened + 20 + instant(r.IntN(200))
			if g.touch(m, at, "unsubscribe", "email", c.campaign) {
				unsubscribed, m.consent = at, false
			}
		}
	}
}

// drawVisits draws logins and openings of the app: a few a month while the
// member is with the program, soon next to none afterwards.
func (g *generator) drawVisits(m *member) {
	r := g.rng
	rate := 0.032 * math.Exp(0.5*m.latent-0.125)
	inApp := 0.25
	if m.channel == "app" {
		inApp = 0.85
	}
	for clock := m.clock; ; {
		clock += r.ExpFloat64() / rate
		if clock >= periodDays {
			return
		}
		at := g.cal.stamp(clock)
		if at > m.left && r.Float64() > 0.05+0.95*math.Exp(-float64(at-m.left)/float64(45*day)) {
			continue
		}
		kind, channel := "login", "web"
		if r.Float64() < inApp {
			kind, channel = "app_open", "app"
		}
		if !g.touch(m, at, kind, channel, "") {
			return
		}
	}
}

func (g *generator) drawChallenges(m *member) {
	r := g.rng
	for i := range g.challenges {
		c := &g.challenges[i]
		start := g.cal.stamp(float64(c.from/day) + 7*r.Float64())
		takes := r.Float64() < logistic(-1.6+0.7*m.latent)
		if !takes || start <= m.enrolled || start >= m.left ||
			!g.touch(m, start, "challenge_start", "app", c.campaign) {
			continue
		}
		orders := 0
		for k := range m.orders {
			o := &m.orders[k]
			if o.at <= start || o.at+minute >= c.to || o.cancelled {
				continue
			}
			if orders++; orders == 2 {
				if g.touch(m, o.at+minute, "challenge_complete", "app", c.campaign) {
					g.bonuses = append(g.bonuses, bonus{o.at + minute, "bonus", challengePoints, c.campaign, nil})
				}
				break
			}
		}
	}
}

func (g *generator) drawReferrals(m *member) {
	r := g.rng
	for clock := m.clock; ; {
		clock += r.ExpFloat64() * 365 / 0.05
		if clock >= periodDays || g.cal.stamp(clock) >= m.left {
			return
		}
		at := g.cal.stamp(clock)
		if !g.touch(m, at, "referral", "web", referral) {
			return
		}
		g.bonuses = append(g.bonuses, bonus{at, "bonus", referralPoints, referral, nil})
	}
}

func (g *generator) writeTouches(m *member) {
	for i := range g.touches {
		t := &g.touches[i]
		var campaign any
		if t.campaign != "" {
			campaign = t.campaign
		}
		g.emit("engagement", m.id, t.at.time(), t.kind, t.channel, campaign)
	}
}
