package checkfeeds

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"loyaltymcp/warehouse"
)

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
	first, last := max(firstWhole(claims), firstWhole(ledger)), min(i.lastWhole(claims), i.lastWhole(ledger))
	for month := first; month <= last; month++ {
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

// firstWhole is the first month that the feed has from its first day on.
func firstWhole(s *scanned) int {
	if len(s.days) == 0 {
		return 0
	}
	first := date(slices.Min(slices.Collect(maps.Keys(s.days))))
	if first.Day() == 1 {
		return monthOf(first)
	}
	return monthOf(first) + 1
}

// lastWhole is the last month that the feed has to its end: the data go on to
// its last day, and the feed nearly does.
func (i *inspector) lastWhole(s *scanned) int {
	end := i.lastDay()
	last := 0
	for day := range s.days {
		if day <= end {
			last = max(last, day)
		}
	}
	if end-last <= pauseDays {
		last = end
	}
	return monthOf(date(last+1)) - 1
}

// date is midnight in UTC of a numbered day.
func date(day int) time.Time { return time.Unix(int64(day)*86400, 0).UTC() }
