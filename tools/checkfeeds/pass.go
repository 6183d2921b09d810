package checkfeeds

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
)

// pass is what the templates of a feed read, and where they register the
// checks that one scan of its rows makes.
type pass struct {
	Feed, When, Sample string
	Key, Required      []string
	Void, Voidlike     []string // statuses that don't count, and such that look so but do
	Now                time.Time
	Past               bool // rows of the feed should not lie in the future
	Shift              int  // minutes by which hours of the program's zone start late
	Currency           string
	Tiers              []string
	Experiments        []experiment
	People             string // which rows a person caused, "" for all
	Gross, Net         string // amounts
	checks             []check
}

// check is one condition on a row.
type check struct {
	id, column, condition string // column: of a null
}

// experiment is an experiment that assignments may belong to.
type experiment struct {
	ID    string
	Start time.Time // zero where unknown
}

// Hit registers a check of the rows; a template calls it before it renders the
// mask.
func (p *pass) Hit(id, condition string) string {
	p.checks = append(p.checks, check{id: id, condition: condition})
	return ""
}

// Null registers the check that a required column has a value.
func (p *pass) Null(column, expression string) string {
	p.checks = append(p.checks, check{id: "nulls", column: column, condition: expression + " IS NULL"})
	return ""
}

// SetPeople says which rows a person caused.
func (p *pass) SetPeople(condition string) string {
	p.People = condition
	return ""
}

// SetAmounts says what the pass adds up.
func (p *pass) SetAmounts(gross, net string) string {
	p.Gross, p.Net = gross, net
	return ""
}

// List writes words of ours as SQL literals; words from the data are bound.
func (p *pass) List(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = warehouse.Literal(word)
	}
	return strings.Join(quoted, ", ")
}

// Mask is the sum of a power of two for each check that a row meets.
func (p *pass) Mask() string {
	terms := []string{"CAST(0 AS bigint)"}
	for i, c := range p.checks {
		terms = append(terms, fmt.Sprintf("CASE WHEN %s THEN %d ELSE 0 END", c.condition, int64(1)<<i))
	}
	return strings.Join(terms, "\n        + ")
}

// tally is how many rows meet a condition, when, and which.
type tally struct {
	count      int64
	from, to   time.Time // zero where none is dated
	samples    []string
	key        string // the samples' column, "" for the feed's own
	byColumn   map[string]int64
	everything int64 // rows looked at
}

func (t *tally) add(n int64, from, to *time.Time, samples ...*string) {
	t.count += n
	if from != nil && (t.from.IsZero() || from.Before(t.from)) {
		t.from = *from
	}
	if to != nil && to.After(t.to) {
		t.to = *to
	}
	for _, s := range samples {
		if s != nil {
			t.samples = append(t.samples, *s)
		}
	}
}

// scanned is what the pass over a feed's rows found.
type scanned struct {
	rows       int64
	days       map[int]int64           // rows up to now by day of the program's zone
	hours      map[int][24]int64       // rows that people caused, by day and hour
	gross, net map[int]warehouse.Exact // by calendar month
	found      map[string]*tally       // by check
}

// scan makes the one pass over the feed's rows.
func (i *inspector) scan(ctx context.Context, f warehouse.Feed) (*scanned, error) {
	p := i.pass(f)
	out := &scanned{days: map[int]int64{}, hours: map[int][24]int64{}, found: map[string]*tally{},
		gross: map[int]warehouse.Exact{}, net: map[int]warehouse.Exact{}}
	name := "rows_" + f.Name
	if !slices.Contains(queries.Names(), name) {
		name = "rows_plain"
	}
	today := dayOf(i.now.In(i.zone))
	err := i.snapshot.Query(ctx, queries, name, p, func(row warehouse.Row) error {
		var at *time.Time
		var mask, n, people int64
		var gross, net warehouse.Exact
		var least, greatest *string
		if err := row.Scan(&at, &mask, &n, &people, &gross, &net, &least, &greatest); err != nil {
			return err
		}
		out.rows += n
		if at != nil {
			local := at.Add(-time.Duration(p.Shift) * time.Minute).In(i.zone)
			at = &local
			month := monthOf(local)
			if day := dayOf(local); day <= today {
				out.days[day] += n
				hours := out.hours[day]
				hours[local.Hour()] += people
				out.hours[day] = hours
			}
			out.gross[month] += gross
			out.net[month] += net
		}
		out.book(p.checks, mask, n, at, least, greatest)
		return nil
	})
	for _, t := range out.found {
		t.everything = out.rows
	}
	return out, err
}

// book adds rows of one mask to each check in it, once to those of several
// columns.
func (s *scanned) book(checks []check, mask, n int64, at *time.Time, samples ...*string) {
	seen := map[string]bool{}
	for i, c := range checks {
		if mask&(1<<i) == 0 {
			continue
		}
		t := s.found[c.id]
		if t == nil {
			t = &tally{byColumn: map[string]int64{}}
			s.found[c.id] = t
		}
		if c.column != "" {
			t.byColumn[c.column] += n
		}
		if !seen[c.id] {
			t.add(n, at, at, samples...)
		}
		seen[c.id] = true
	}
}

// pass returns what the templates of a feed read.
func (i *inspector) pass(f warehouse.Feed) *pass {
	p := &pass{Feed: f.Name, Key: f.Key, Void: f.Void, Voidlike: voidlike, Now: i.now, Shift: run.MinutesPastHour(i.zone, i.now),
		Tiers: i.tiers, Experiments: i.experiments, Gross: "CAST(NULL AS decimal(18,4))", Net: "CAST(NULL AS decimal(18,4))",
		Past: !slices.Contains([]string{"experiments", "tier_history"}, f.Name), Sample: traits[f.Name].sample}
	for _, c := range f.Columns {
		if c.Required {
			p.Required = append(p.Required, c.Name)
		}
	}
	if f.When != "" && i.snapshot.Has(f.Name, f.When) {
		p.When = f.When
	}
	if i.snapshot.Has(f.Name, "currency") {
		p.Currency = strings.ToUpper(i.currency)
	}
	return p
}

// dayOf numbers the days of the calendar.
func dayOf(t time.Time) int { return run.DayNumber(t) }

// dateOf is the date of a numbered day.
func dateOf(day int) string {
	return time.Unix(int64(day)*86400, 0).UTC().Format(time.DateOnly)
}

// monthOf numbers the months of the calendar.
func monthOf(t time.Time) int { return t.Year()*12 + int(t.Month()) - 1 }
