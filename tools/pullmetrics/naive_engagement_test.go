package pullmetrics_test

import (
	"strings"
	"time"
)

func activeRate(v view) figure {
	active := v.did(v.span, qualifies)
	return ratio(v.open(func(m member) bool { return active[m.id] }), v.open(any1))
}

func participationRate(v view) figure {
	took := v.did(v.span, func(a act) bool { return a.earned || a.redeemed })
	return ratio(v.open(func(m member) bool { return took[m.id] }), v.open(any1))
}

func loginRate(v view) figure {
	in := v.did(v.span, func(a act) bool { return a.login })
	return ratio(v.open(func(m member) bool { return in[m.id] }), v.open(any1))
}

// kinds counts the events of a kind in the window.
func (v view) kinds(kind string) sums {
	out := sums{}
	for _, e := range v.events {
		if strings.EqualFold(e.kind, kind) && v.holds(e.at) && v.cell(e.member, e.at, false) {
			out.add(e.member, one)
		}
	}
	return out
}

// messages counts the messages with an event of the kind in the window, a
// message being a member and a campaign; it is where the first of them was.
func (v view) messages(kind string) sums {
	type message struct {
		member   int64
		campaign string
	}
	first := map[message]time.Time{}
	for _, e := range v.events {
		m := message{e.member, e.campaign}
		if v.without["engagement.campaign_id"] {
			m.campaign = ""
		}
		if at, seen := first[m]; strings.EqualFold(e.kind, kind) && v.holds(e.at) && (!seen || e.at.Before(at)) {
			first[m] = e.at
		}
	}
	out := sums{}
	for m, at := range first {
		if v.cell(m.member, at, false) {
			out.add(m.member, one)
		}
	}
	return out
}

func messagesDelivered(v view) figure { return stands(v.kinds("delivered")) }
func openRate(v view) figure          { return ratio(v.messages("open"), v.kinds("delivered")) }
func clickRate(v view) figure         { return ratio(v.messages("click"), v.kinds("delivered")) }
func clickToOpenRate(v view) figure   { return ratio(v.messages("click"), v.messages("open")) }
func unsubscribeRate(v view) figure   { return ratio(v.kinds("unsubscribe"), v.kinds("delivered")) }
func challengeStarts(v view) figure   { return stands(v.kinds("challenge_start")) }
func referrals(v view) figure         { return stands(v.kinds("referral")) }

func challengeCompletionRate(v view) figure {
	return ratio(v.kinds("challenge_complete"), v.kinds("challenge_start"))
}

// scores adds up what the answers of a kind give.
func (v view) scores(kind string, gives func(a answer) int64) sums {
	out := sums{}
	for _, a := range v.answers {
		who := v.mine("surveys", a.member, a.guest)
		if strings.EqualFold(a.kind, kind) && v.holds(a.at) && a.score != nil && v.cell(who, a.at, false) {
			out.add(who, gives(a)*one)
		}
	}
	return out
}

// scale returns the ends of an answer's scale: 1 and 5 unless it says
// otherwise.
func (v view) scale(a answer) (low, high int64) {
	low, high = 1, 5
	if a.low != nil && !v.without["surveys.scale_min"] {
		low = *a.low
	}
	if a.high != nil && !v.without["surveys.scale_max"] {
		high = *a.high
	}
	return low, high
}

func indicator(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func csat(v view) figure {
	on := func(a answer) bool {
		low, high := v.scale(a)
		return *a.score >= low && *a.score <= high
	}
	return ratio(v.scores("csat", func(a answer) int64 {
		_, high := v.scale(a)
		return indicator(on(a) && *a.score >= high-1)
	}), v.scores("csat", func(a answer) int64 { return indicator(on(a)) }))
}

func (v view) promoters() sums {
	return v.scores("nps", func(a answer) int64 { return indicator(*a.score == 9 || *a.score == 10) })
}

func (v view) detractors() sums {
	return v.scores("nps", func(a answer) int64 { return indicator(*a.score >= 0 && *a.score <= 6) })
}

func nps(v view) figure {
	rated := v.scores("nps", func(a answer) int64 { return indicator(*a.score >= 0 && *a.score <= 10) })
	return ratio(plus(plus(nil, 100, v.promoters()), -100, v.detractors()), rated)
}

func effortScore(v view) figure {
	return ratio(v.scores("ces", func(a answer) int64 { return *a.score }), v.scores("ces", func(answer) int64 { return 1 }))
}
