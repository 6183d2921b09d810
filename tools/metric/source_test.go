package metric

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"loyaltymcp/warehouse"
)

// base is the feed behind each alias of the sources' queries; what the others
// name is computed in the query.
var base = map[string][]string{
	"m": {"members"}, "o": {"orders"}, "l": {"points", "points_monthly"}, "d": {"redemptions"}, "w": {"rewards"}, "v": {"engagement", "surveys"},
}

// computed are columns that a query computes under the alias of a feed.
var computed = map[string][]string{
	"open":       {"active", "earned", "redeemed", "ordered", "logged_in"},
	"engagement": {"nth"}, "surveys": {"low", "high"}, "activity": {"active", "participant", "redeemer"}, "enrolled": {"redeemed"},
	"start": {"starts_at", "ends_at", "line_start", "line_end", "last_start", "last_end", "rank_start", "rank_end", "highest", "lowest"},
}

var (
	reference = regexp.MustCompile(`\b([a-z])\.([a-z_0-9]+)\b`)
	sqlWord   = regexp.MustCompile(`[A-Za-z_][A-Za-z_0-9]*`)
	knownWord = []string{"CASE", "WHEN", "THEN", "END", "IN", "IS", "NOT", "NULL", "AND", "OR", "coalesce", "greatest"}
)

// Every column of every source compiles to SQL that reads only what the
// contract has, and needs what the contract leaves optional.
func TestColumnsReadOnlyTheContract(t *testing.T) {
	feeds := map[string]warehouse.Feed{}
	for _, f := range warehouse.Feeds() {
		feeds[f.Name] = f
	}
	exists := func(where, need string) {
		for side := range strings.SplitSeq(need, "=") {
			feed, column, _ := strings.Cut(side, ".")
			f, ok := feeds[feed]
			if !ok {
				t.Errorf("%s needs %s: there is no such feed", where, need)
			} else if _, ok := f.Column(column); column != "" && !ok {
				t.Errorf("%s needs %s: there is no such column", where, need)
			}
		}
	}
	for _, s := range mustSources(t) {
		for _, f := range s.Feeds {
			exists(s.Name, f)
		}
		for _, need := range s.Also {
			if !strings.HasPrefix(need, "@") {
				exists(s.Name, need)
			}
		}
		for _, c := range s.Columns {
			where := s.Name + "." + c.Name
			if len(c.SQL) == 0 || c.Means == "" {
				t.Errorf("%s has no SQL or no meaning", where)
			}
			for _, need := range c.Also {
				if !strings.HasPrefix(need, "@") {
					exists(where, need)
				}
			}
			for feed, columns := range c.Needs {
				if c.SQL[feed] == "" {
					t.Errorf("%s needs columns of %s, on which it has no SQL", where, feed)
				}
				for _, column := range columns {
					exists(where, feed+"."+column)
				}
			}
			for feed, sql := range c.SQL {
				if sql == "@mine" {
					continue // whether the row is a member's, which the query knows
				}
				checkColumn(t, feeds, s, c, feed, sql)
			}
		}
	}
}

func checkColumn(t *testing.T, feeds map[string]warehouse.Feed, s Source, c Column, feed, sql string) {
	t.Helper()
	where := s.Name + "." + c.Name
	rest := reference.ReplaceAllString(sqlLiteral.ReplaceAllString(sql, ""), "")
	if strings.ContainsAny(rest, ";{}\"$\\") || strings.Contains(rest, "--") {
		t.Errorf("%s: %q is more than an expression", where, sql)
	}
	for _, word := range sqlWord.FindAllString(rest, -1) {
		if !slices.Contains(knownWord, word) {
			t.Errorf("%s: %q has the word %s", where, sql, word)
		}
	}
	for _, r := range reference.FindAllStringSubmatch(sql, -1) {
		alias, column := r[1], r[2]
		if alias == "p" || c.Join != "" && alias != "m" && alias != "w" || len(base[alias]) == 0 || slices.Contains(computed[s.Name], column) {
			continue
		}
		of := feed
		if !slices.Contains(base[alias], feed) {
			of = base[alias][0]
		}
		contract, ok := feeds[of].Column(column)
		switch {
		case of == "members" && column == "cancelled_at" && strings.Contains(sql, "m.cancelled_at IS NULL OR"):
			// Who is open needs it where it is mapped; where it isn't, nobody has cancelled.
		case !ok:
			t.Errorf("%s: %q reads %s, which the feed %s has not", where, sql, column, of)
		case !contract.Required && !slices.Contains(c.Needs[of], column) && !slices.Contains(slices.Concat(c.Also, s.Also), of+"."+column):
			t.Errorf("%s: %q reads %s.%s, which is optional and which it does not say it needs", where, sql, of, column)
		}
	}
}

// A word that the contract knows is checked against the contract's.
func TestWordsOfTheContract(t *testing.T) {
	for _, s := range mustSources(t) {
		for _, feed := range warehouse.Feeds() {
			if !slices.Contains(s.Feeds, feed.Name) {
				continue
			}
			for _, c := range s.Columns {
				if contract, ok := feed.Column(c.Name); ok && len(contract.Words) > 0 && !slices.Equal(c.Words, contract.Words) {
					t.Errorf("%s.%s knows %v, want %v", s.Name, c.Name, c.Words, contract.Words)
				}
			}
		}
	}
}
