package pullmetrics_test

import (
	"slices"
	"time"
)

func enrolments(v view) figure    { return stands(v.enrolled(any1)) }
func cancellations(v view) figure { return stands(v.cancelled()) }

func netMemberGrowth(v view) figure {
	came, went := v.enrolled(any1), v.cancelled()
	return stands(plus(came, -1, went)).over(int64(len(came) + len(went)))
}

func memberGrowthRate(v view) figure {
	return ratio(plus(v.enrolled(any1), -1, v.cancelled()), v.began(any1))
}

func membersOpen(v view) figure      { return stands(v.open(any1)) }
func membersOpenStart(v view) figure { return stands(v.began(any1)) }

func churnExplicit(v view) figure {
	return ratio(v.began(func(m member) bool { return v.holds(m.cancelled) }), v.began(any1))
}

func retentionRate(v view) figure {
	return ratio(v.began(func(m member) bool { return !v.holds(m.cancelled) }), v.began(any1))
}

// ago is the span of the lapse_days before t.
func (v view) ago(t time.Time) span { return span{t.AddDate(0, 0, -v.lapse), t} }

func lapseRate(v view) figure {
	before, after := v.did(v.ago(v.start), qualifies), v.did(v.ago(v.end), qualifies)
	return ratio(
		v.began(func(m member) bool { return before[m.id] && v.openAt(m, v.end) && !after[m.id] }),
		v.began(func(m member) bool { return before[m.id] }))
}

func reactivationRate(v view) figure {
	ever, before := v.did(span{end: v.start}, qualifies), v.did(v.ago(v.start), qualifies)
	now := v.did(v.span, qualifies)
	return ratio(
		v.began(func(m member) bool { return ever[m.id] && !before[m.id] && now[m.id] }),
		v.began(func(m member) bool { return ever[m.id] && !before[m.id] }))
}

// activeDays counts the days with a qualifying event in so many days after
// enrolment.
func (v view) activeDays(m member, days int) int {
	watched := v.watched(m.enrolled, days)
	var seen []string
	for _, a := range v.acts() {
		if day := a.at.In(v.zone).Format(time.DateOnly); a.member == m.id && a.qualifies && watched.holds(a.at) && !slices.Contains(seen, day) {
			seen = append(seen, day)
		}
	}
	return len(seen)
}

func oneAndDoneRate(v view) figure {
	return ratio(v.enrolled(func(m member) bool { return v.activeDays(m, 90) == 1 }), v.enrolled(any1))
}

func activationRate(v view) figure {
	return ratio(v.enrolled(func(m member) bool {
		return v.did(v.watched(m.enrolled, 30), func(a act) bool { return a.ordered })[m.id]
	}), v.enrolled(any1))
}

func consentRate(v view) figure {
	return ratio(v.open(func(m member) bool { return m.consent != nil && *m.consent }), v.open(any1))
}

// rank returns the rank of a member's tier, 0 where it is not known.
func (v view) rank(id int64, t time.Time) float64 {
	name := v.tierAt(id, t, true)
	for _, t := range v.tiers {
		if t.name == name {
			return t.rank
		}
	}
	return 0
}

func (v view) moved(where func(before, after float64) bool) sums {
	return v.began(func(m member) bool {
		before, after := v.rank(m.id, v.start), v.rank(m.id, v.end)
		return before > 0 && after > 0 && where(before, after)
	})
}

// ranked returns who was open at the start in a tier whose rank fits.
func (v view) ranked(fits func(rank, lowest, highest float64) bool) sums {
	lowest, highest := v.tiers[0].rank, v.tiers[0].rank
	for _, t := range v.tiers {
		lowest, highest = min(lowest, t.rank), max(highest, t.rank)
	}
	return v.began(func(m member) bool {
		rank := v.rank(m.id, v.start)
		return rank > 0 && fits(rank, lowest, highest)
	})
}

func upgradeRate(v view) figure {
	return ratio(v.moved(func(before, after float64) bool { return after > before }),
		v.ranked(func(rank, _, highest float64) bool { return rank < highest }))
}

func downgradeRate(v view) figure {
	return ratio(v.moved(func(before, after float64) bool { return after < before }),
		v.ranked(func(rank, lowest, _ float64) bool { return rank > lowest }))
}
