package breakdown

import (
	"context"
	"fmt"
	"regexp"
	"strconv"

	"loyaltymcp/warehouse"
)

// Qualification is how the program's tiers are qualified for.
type Qualification struct {
	Basis   string // spend, orders or earned
	Months  int    // of the period that counts
	Missing string // why it can't be told, "" where it can
}

var months = regexp.MustCompile(`^\s*([0-9]{1,2})\s*(months?|m)\s*$`)

// Qualify reads how tiers are qualified for from the tiers' own words. The queries
// must hold SQL.
func Qualify(ctx context.Context, s *warehouse.Snapshot, queries *warehouse.Queries) (Qualification, error) {
	if reason := s.Missing("tiers", "qualify_threshold"); reason != "" {
		return Qualification{Months: 12, Missing: reason}, nil
	}
	var bases, periods []string
	err := s.Query(ctx, queries, "qualification", nil, func(row warehouse.Row) error {
		var basis, period string
		var n int64
		err := row.Scan(&basis, &period, &n)
		bases, periods = append(bases, basis), append(periods, period)
		return err
	})
	return qualify(s.Catalog, bases, periods), err
}

func qualify(c *warehouse.Catalog, bases, periods []string) Qualification {
	q := Qualification{Months: 12}
	if len(bases) != 1 || len(periods) != 1 {
		q.Missing = "the tiers feed names no single qualify_basis and period with thresholds above 0"
		return q
	}
	q.Basis = bases[0]
	if m := months.FindStringSubmatch(periods[0]); m != nil {
		q.Months, _ = strconv.Atoi(m[1])
	}
	if q.Months == 0 || periods[0] != "" && !months.MatchString(periods[0]) {
		q.Missing = fmt.Sprintf("the tiers feed's period %.40q is not a number of months", periods[0])
		return q
	}
	switch q.Basis {
	case "spend", "orders":
		q.Missing = c.Missing("orders", "member_id")
	case "earned":
		q.Missing = c.Missing("points")
	case "":
		q.Missing = "the tiers feed has no qualify_basis"
	default:
		q.Missing = fmt.Sprintf("a tier qualified for by %.40q can't be computed; spend, orders and earned can", q.Basis)
	}
	return q
}
