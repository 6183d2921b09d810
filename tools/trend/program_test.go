package trend_test

import (
	"time"

	"loyaltymcp/warehouse/demo"
)

var programStart = time.Date(2024, time.July, 1, 0, 0, 0, 0, time.UTC)

const (
	programDays = 730
	firstTester = 900_000_000 // members from this number on are test members
)

// tally reduces a generated program to sums by day and measure, as a query
// would. A member's rows follow one another, so that "members who did
// something on the day" takes one member's days at a time.
type tally struct {
	sums   map[string]*[programDays]float64
	member int64
	did    map[string]*[programDays]bool
}

func newTally() *tally {
	return &tally{sums: map[string]*[programDays]float64{}, did: map[string]*[programDays]bool{}}
}

func (s *tally) add(measure string, at any, v float64) {
	t, ok := at.(time.Time)
	if !ok {
		return
	}
	day := int(t.Sub(programStart) / (24 * time.Hour))
	if day < 0 || day >= programDays {
		return
	}
	if s.sums[measure] == nil {
		s.sums[measure] = &[programDays]float64{}
	}
	s.sums[measure][day] += v
}

// once counts the member once a day.
func (s *tally) once(measure string, at any) {
	t := at.(time.Time)
	day := int(t.Sub(programStart) / (24 * time.Hour))
	if s.did[measure] == nil {
		s.did[measure] = &[programDays]bool{}
	}
	if !s.did[measure][day] {
		s.did[measure][day] = true
		s.add(measure, at, 1)
	}
}

// of reports whether a row's member counts: a member, and no test member.
func (s *tally) of(member any) bool {
	id, ok := member.(int64)
	if !ok || id >= firstTester {
		return false
	}
	if id != s.member {
		s.member = id
		clear(s.did)
	}
	return true
}

// Append implements demo.Sink.
func (s *tally) Append(table string, row ...any) error {
	switch table {
	case "members":
		if s.of(row[0]) {
			s.add("enrolled", row[1], 1)
			s.add("cancelled", row[6], 1)
		}
	case "orders":
		s.order(row)
	case "points":
		if s.of(row[1]) {
			s.entry(row)
		}
	case "engagement":
		if s.of(row[0]) {
			s.add(row[2].(string), row[1], 1)
			if row[2] == "login" || row[2] == "app_open" {
				s.once("active", row[1])
			}
		}
	case "surveys":
		if s.of(row[3]) {
			s.answer(row)
		}
	}
	return nil
}

func (s *tally) order(row []any) {
	if row[11] == "cancelled" {
		return
	}
	net := float64(row[6].(demo.Cents)) / 100
	if row[1] == nil {
		s.add("all_revenue", row[2], net)
		return
	}
	if s.of(row[1]) {
		s.add("all_revenue", row[2], net)
		s.add("orders", row[2], 1)
		s.add("revenue", row[2], net)
		s.add("discount", row[2], float64(row[4].(demo.Cents))/100)
		s.add("gross", row[2], float64(row[3].(demo.Cents))/100)
		s.add("items", row[2], float64(row[10].(int32)))
		s.once("active", row[2])
		s.once("buyers", row[2])
	}
}

func (s *tally) entry(row []any) {
	points := float64(row[4].(int64))
	s.add("change", row[2], points)
	switch row[3] {
	case "earn", "bonus":
		s.add("issued", row[2], points)
		s.add("credits", row[2], 1)
		if row[3] == "bonus" {
			s.add("bonus", row[2], points)
		}
	case "redeem":
		s.add("redeemed", row[2], -points)
		s.add("redemptions", row[2], 1)
		s.once("redeemers", row[2])
	case "expire":
		s.add("expired", row[2], -points)
		s.add("expiries", row[2], 1)
	}
}

func (s *tally) answer(row []any) {
	score := row[2].(int32)
	if row[1] == "csat" {
		s.add("csat_sum", row[0], float64(score))
		s.add("csat_n", row[0], 1)
		return
	}
	s.add("nps_n", row[0], 1)
	switch {
	case score >= 9:
		s.add("nps_sum", row[0], 1)
	case score <= 6:
		s.add("nps_sum", row[0], -1)
	}
}
