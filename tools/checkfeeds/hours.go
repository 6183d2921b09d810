package checkfeeds

import (
	"fmt"
	"slices"

	"loyaltymcp/warehouse"
)

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
	if odd, ok := oddSpell(i.scans[name].hours); ok {
		from, to := i.moment(odd.from), i.moment(odd.to)
		way := "ahead of"
		if odd.hours < 0 {
			way = "behind"
		}
		i.note(name, "shifted_hours", "rows", &tally{count: odd.rows, everything: n, from: from, to: to},
			fmt.Sprintf("From about %s to %s the feed's day has the shape of its other days when its clock is moved: it runs %d hours %s them.",
				dateOf(odd.from), dateOf(odd.to), max(odd.hours, -odd.hours), way))
		return
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
