package propose

import (
	"slices"
	"strings"
	"unicode"

	"loyaltymcp/warehouse"
)

// plainName reduces a name to its lower-case letters and digits, so that
// memberId, "Member ID" and member_id are one.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}

// noise are words in table names that say nothing of what a row is.
var noise = []string{"stg", "staging", "dim", "fct", "fact", "raw", "src", "tbl", "vw", "view", "export", "exported", "data",
	"all", "until", "crm", "shop", "the", "v", "t", "dbo", "public", "loyalty", "program", "programme", "master", "table"}

// words splits a table's name at signs, digits and capitals, and makes plurals
// singular.
func words(name string) []string {
	var out []string
	var word []rune
	flush := func() {
		if len(word) > 0 {
			out = append(out, singular(strings.ToLower(string(word))))
		}
		word = word[:0]
	}
	lower := false
	for _, r := range name {
		if !unicode.IsLetter(r) {
			flush()
			lower = false
			continue
		}
		if unicode.IsUpper(r) && lower {
			flush()
		}
		lower = unicode.IsLower(r)
		word = append(word, r)
	}
	flush()
	return out
}

func singular(word string) string {
	switch {
	case strings.HasSuffix(word, "ies") && len(word) > 4:
		return strings.TrimSuffix(word, "ies") + "y"
	case strings.HasSuffix(word, "ss"), strings.HasSuffix(word, "us"):
		return word
	case strings.HasSuffix(word, "s") && len(word) > 3:
		return strings.TrimSuffix(word, "s")
	}
	return word
}

// called reports whether a table's name is one of the names (singular words,
// joined), with or without words that say nothing.
func called(table string, names []string) bool {
	all := words(table)
	telling := slices.DeleteFunc(slices.Clone(all), func(w string) bool { return slices.Contains(noise, w) })
	return slices.Contains(names, strings.Join(all, "")) || slices.Contains(names, strings.Join(telling, ""))
}

// Names of tables of members: joined say that they are, accounts may be
// anybody's.
var (
	joined   = []string{"member", "membership", "participant", "cardholder"}
	accounts = []string{"user", "account", "contact", "profile", "client"}
)

// themes are words in the names of tables that belong to a loyalty program.
var themes = []string{"loyalty", "point", "member", "customer", "order", "sale", "purchase", "transaction", "reward", "redemption",
	"voucher", "coupon", "tier", "level", "survey", "nps", "csat", "experiment", "campaign", "refund", "earning", "balance", "engagement"}

func related(t warehouse.Table) bool {
	return slices.ContainsFunc(words(t.Name), func(w string) bool { return slices.Contains(themes, w) })
}

// list joins names as people do.
func list(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
