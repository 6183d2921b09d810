package checkfeeds

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"loyaltymcp/warehouse"
)

// feeds returns the scanned feeds that have the trait, in contract order.
func (i *inspector) having(want func(trait) bool) []string {
	var out []string
	for _, name := range warehouse.FeedNames() {
		if s := i.scans[name]; s != nil && want(traits[name]) && i.snapshot.Grain(name) == warehouse.GrainDay {
			out = append(out, name)
		}
	}
	return out
}

// lastDay is the last complete day that any feed of events reaches, 0 when
// there is none. Today is not complete.
func (i *inspector) lastDay() int {
	end, today := 0, dayOf(i.now.In(i.zone))
	for _, name := range i.having(func(t trait) bool { return t.event }) {
		for day := range i.scans[name].days {
			if day < today {
				end = max(end, day)
			}
		}
	}
	return end
}

// calendar judges each feed's rows by day: gaps, lags and drops.
func (i *inspector) calendar() {
	end := i.lastDay()
	for _, name := range i.having(func(t trait) bool { return t.steady }) {
		d, ok := newDays(i.scans[name].days, end)
		if !ok {
			continue
		}
		i.stale(name, d)
		i.dayGaps(name, d)
		i.drops(name, d)
	}
}

// pauseDays is how far a feed of events too small for medians may lag behind
// the newest one, unless it has paused for longer before.
const pauseDays = 3

func (i *inspector) stale(name string, d days) {
	lag := d.lag()
	n := lag.to - lag.from + 1
	event := traits[name].event
	paused := event && n > max(pauseDays, d.longestPause())
	// Other feeds may come to an end in a program that is well.
	ended := !event && n > max(newest, d.last/4)
	if n < 1 || ended || !lag.missed() && !paused {
		return
	}
	says := fmt.Sprintf("The feed ends on %s; days that the newest one goes further: %d.", dateOf(d.first+d.last), n)
	if lag.missed() {
		says += fmt.Sprintf(" About %.0f rows are missing.", lag.expected)
	}
	i.note(name, "stale", "days", i.over(d, []span{lag}), says)
}

func (i *inspector) dayGaps(name string, d days) {
	gaps := d.gaps()
	if len(gaps) == 0 {
		return
	}
	slices.SortStableFunc(gaps, func(a, b span) int { return (b.to - b.from) - (a.to - a.from) })
	t := i.over(d, gaps)
	i.note(name, "day_gaps", "days", t, fmt.Sprintf("Days without rows where the weeks around have some nearly every day: %d. The longest: %s.", t.count, list(d, gaps)))
}

func (i *inspector) drops(name string, d days) {
	drops := d.drops()
	if len(drops) == 0 {
		week, ok := d.weakWeek()
		if !ok {
			return
		}
		i.note(name, "drops", "days", i.over(d, []span{week}), fmt.Sprintf("The last week has far fewer rows than the weeks before: %s.", list(d, []span{week})))
		return
	}
	slices.SortStableFunc(drops, func(a, b span) int { return b.from - a.from })
	t := i.over(d, drops)
	when := "The newest"
	if len(drops) == 1 {
		when = "When"
	}
	i.note(name, "drops", "days", t, fmt.Sprintf("Days with less than half the rows of the same weekday in the weeks around: %d. %s: %s.", t.count, when, list(d, drops)))
}

// over tallies spans of days.
func (i *inspector) over(d days, spans []span) *tally {
	t := &tally{everything: int64(len(d.counts))}
	for _, s := range spans {
		from, to := i.moment(d.first+s.from), i.moment(d.first+s.to)
		t.add(int64(s.to-s.from+1), &from, &to)
	}
	return t
}

// moment is noon of a numbered day in the program's zone.
func (i *inspector) moment(day int) time.Time {
	date := time.Unix(int64(day)*86400, 0).UTC()
	return time.Date(date.Year(), date.Month(), date.Day(), 12, 0, 0, 0, i.zone)
}

// list names up to three spans.
func list(d days, spans []span) string {
	var parts []string
	for _, s := range spans[:min(3, len(spans))] {
		text := dateOf(d.first + s.from)
		if s.to > s.from {
			text += " to " + dateOf(d.first+s.to)
		}
		parts = append(parts, fmt.Sprintf("%s (%.0f rows, about %.0f expected)", text, s.rows, s.expected))
	}
	return strings.Join(parts, ", ")
}

// lateLedger tells when the ledger starts long after the program.
func (i *inspector) lateLedger() {
	members, ledger := i.scans["members"], i.scans["points"]
	if members == nil || ledger == nil || len(members.days) == 0 || len(ledger.days) == 0 {
		return
	}
	first := func(s *scanned) int { return slices.Min(slices.Collect(maps.Keys(s.days))) }
	if gap := first(ledger) - first(members); gap > 31 {
		from, to := i.moment(first(members)), i.moment(first(ledger))
		i.note("points", "late_ledger", "days", &tally{count: int64(gap), from: from, to: to},
			fmt.Sprintf("The ledger starts %d days after the first member enrolled. If there were points before, they are missing.", gap))
	}
}

// unlikeShare is by how much of them redemptions and the ledger may differ in
// a month.
const unlikeShare = 0.01

// redemptions compares the points of redemptions with those of the ledger's
// redeem lines, month by month, where both feeds cover the whole month. They
// agree when either all redemptions match all redeem lines, or those not
// cancelled match what reimbursements left.
func (i *inspector) redemptions() {
	claims, ledger := i.scans["redemptions"], i.scans["points"]
	if claims == nil || ledger == nil {
		return
	}
	t := &tally{}
	var worst float64
	var parts []string
	for month := max(firstMonth(claims), firstMonth(ledger)) + 1; month < min(lastMonth(claims), lastMonth(ledger)); month++ {
		t.everything++
		off := min(apart(claims.gross[month], ledger.gross[month]), apart(claims.net[month], ledger.net[month]))
		if off <= unlikeShare {
			continue
		}
		at := time.Date(month/12, time.Month(month%12+1), 1, 0, 0, 0, 0, i.zone)
		t.add(1, &at, &at)
		text := fmt.Sprintf("%s (%s against %s in the ledger)", at.Format("2006-01"), claims.gross[month], ledger.gross[month])
		if off > worst {
			worst, parts = off, append([]string{text}, parts...)
		} else {
			parts = append(parts, text)
		}
	}
	i.note("redemptions", "unlike_ledger", "months", t,
		fmt.Sprintf("Months in which the points of redemptions and of the ledger's redeem lines differ by more than 1 %%: %d. %s.", t.count, strings.Join(parts[:min(3, len(parts))], ", ")))
}

// apart is the difference of two amounts as a share of the larger.
func apart(a, b warehouse.Exact) float64 {
	if a == b {
		return 0
	}
	return max(a-b, b-a).Float() / max(max(a, -a).Float(), max(b, -b).Float())
}

func firstMonth(s *scanned) int { return monthAt(s, slices.Min[[]int]) }
func lastMonth(s *scanned) int  { return monthAt(s, slices.Max[[]int]) }

func monthAt(s *scanned, pick func([]int) int) int {
	if len(s.days) == 0 {
		return 0
	}
	day := pick(slices.Collect(maps.Keys(s.days)))
	return monthOf(time.Unix(int64(day)*86400, 0).UTC())
}

// clocks judges the hours of the feeds against each other and against night.
func (i *inspector) clocks() {
	profiles, living := map[string]profile{}, []string{}
	for _, name := range i.having(func(t trait) bool { return t.human }) {
		p := profileOf(i.scans[name].hours, nil)
		profiles[name] = p
		if p.rhythm(fewRows) {
			living = append(living, name)
		}
	}
	for _, name := range i.having(func(t trait) bool { return t.human }) {
		p := profiles[name]
		n := p.total()
		switch {
		case n < fewRows:
		case p.share(0, 1) >= sameHour:
			if len(living) > 0 {
				i.note(name, "dates_only", "rows", &tally{count: int64(p[0]), everything: int64(n)}, "The feed's times are dates only, while other feeds know the hour.")
			}
		case p.share(18, 6) >= sameHour && p.twoHours() >= sameHour:
			i.note(name, "shifted_dates", "rows", &tally{count: int64(p.share(18, 6) * n), everything: int64(n)},
				"Nearly all times lie in one or two hours late in the evening: they look like dates whose midnight is another zone's, so that each falls on the day before.")
		case slices.Contains(living, name):
			i.clock(name, p, profiles, living)
		}
	}
}

// twoHours is the largest share in two neighbouring hours.
func (p profile) twoHours() (most float64) {
	for h := range p {
		most = max(most, p.share(h, 2))
	}
	return most
}

// clock judges a feed with a rhythm.
func (i *inspector) clock(name string, p profile, profiles map[string]profile, living []string) {
	n := int64(p.total())
	all := &tally{count: n, everything: n}
	var others []profile
	var nearest string
	for _, other := range living {
		if other != name && profiles[other].total() >= clockRows {
			others, nearest = append(others, profiles[other]), other
		}
	}
	if len(others) > 0 && n >= clockRows {
		if k := p.shift(midway(others)); k != 0 && (len(others) > 1 || suspect(name, p, nearest, profiles[nearest])) {
			i.note(name, "shifted_hours", "rows", all, shifted(k, len(others), nearest))
			return
		}
	}
	if night := p.share(0, 6); night >= nightShare {
		i.note(name, "night_activity", "rows", &tally{count: int64(night*float64(n) + 0.5), everything: n},
			fmt.Sprintf("%.0f %% of what people did lies between midnight and six o'clock.", night*100))
		return
	}
	winter, summer := profileOf(i.scans[name].hours, isWinter), profileOf(i.scans[name].hours, isSummer)
	if winter.rhythm(clockRows) && summer.rhythm(clockRows) {
		if k := summer.shift(winter); k == 1 || k == -1 {
			way := "later"
			if k < 0 {
				way = "earlier"
			}
			i.note(name, "dst_step", "rows", all, fmt.Sprintf("From June to August the feed's day lies an hour %s than from December to February, as when clocks go forward in another zone than the feed's.", way))
		}
	}
}

// suspect says which of two feeds whose clocks differ is reported: the one that
// is busier at night, or else the later one in the contract.
func suspect(name string, p profile, other string, q profile) bool {
	mine, theirs := p.share(0, 6), q.share(0, 6)
	if mine != theirs {
		return mine > theirs
	}
	order := warehouse.FeedNames()
	return slices.Index(order, name) > slices.Index(order, other)
}

func shifted(k, others int, nearest string) string {
	way := "ahead of"
	if k < 0 {
		way = "behind"
	}
	if others == 1 {
		return fmt.Sprintf("The feed's day has the shape of the %s feed's when its clock is moved: it runs %d hours %s it. One of the two clocks is wrong.", nearest, max(k, -k), way)
	}
	return fmt.Sprintf("The feed's day has the shape of the other feeds' when its clock is moved: it runs %d hours %s them.", max(k, -k), way)
}
