// Package numerals writes the numbers of an English text in the marks of another
// locale: 12,345.60 as 12.345,60, and EUR 12,345.60 as 12.345,60 EUR. The text
// stays as it is.
//
// Results, reports and plans are English, numbers and all: programs and models
// read them, and one form can't be misread. A page for people is written in the
// same form and goes through here whole, so that no figure on it is in marks that
// its reader takes for others.
package numerals

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bojanz/currency"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	xnumber "golang.org/x/text/number"
)

// Style is the marks of a locale. The zero value, and a nil one, are English.
type Style struct {
	group, decimal string
	printer        *message.Printer
	code           string // the program's currency
	after          bool   // the code stands after the amount
	amounts        *regexp.Regexp
	whole          []string       // names that are numbers: texts of their own stay
	inside         *regexp.Regexp // names that hold numbers: they stay within a text too
}

// For returns the style of a locale, a BCP 47 tag such as de-DE, in which amounts
// of the currency (an ISO 4217 code) are written. "" is English. Marks are those of
// the Unicode CLDR, with the digits 0 to 9 everywhere.
func For(tag, code string) (*Style, error) {
	parsed, err := language.Parse(tag)
	if tag == "" || err == nil && parsed == language.English {
		return &Style{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%q is no BCP 47 tag of a locale, as are en, en-GB, de-DE, fr-CA", tag)
	}
	latin, err := parsed.SetTypeForKey("nu", "latn")
	if err != nil {
		return nil, fmt.Errorf("the digits of %q: %w", tag, err)
	}
	s := &Style{code: code, printer: message.NewPrinter(latin), after: follows(parsed),
		amounts: regexp.MustCompile(`([-+]?)` + regexp.QuoteMeta(code) + `[ \x{a0}]([-+]?)(` + number + `|\d+)`)}
	sample := s.write("1234567.5")
	s.group, s.decimal = between(sample, '1', '2'), between(sample, '7', '5')
	return s, nil
}

// follows reports whether a locale writes the currency after the amount.
func follows(tag language.Tag) bool {
	f := currency.NewFormatter(currency.NewLocale(tag.String()))
	f.CurrencyDisplay = currency.DisplayCode
	one, err := currency.NewAmount("1", "EUR")
	if err != nil {
		return false
	}
	text := f.Format(one)
	return strings.Index(text, "EUR") > 0 && !strings.HasPrefix(strings.TrimLeft(text, "\u200e\u200f\u061c"), "EUR")
}

// between is what stands between two digits.
func between(text string, a, b rune) string {
	_, rest, _ := strings.Cut(text, string(a))
	mark, _, _ := strings.Cut(rest, string(b))
	return mark
}

// number is a number that would be written otherwise in another locale.
const number = `\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.\d+`

var (
	numbers = regexp.MustCompile(number)
	alone   = regexp.MustCompile(`^(?:` + number + `)$`)
)

// Marks returns what groups digits and what stands before the fraction.
func (s *Style) Marks() (group, decimal string) {
	if s.english() {
		return ",", "."
	}
	return s.group, s.decimal
}

func (s *Style) english() bool { return s == nil || s.printer == nil }

// Except returns the style for texts in which names, and what else others wrote,
// stand as they are: one that holds what looks like a number (Plan 1.5) isn't
// rewritten. A name that is nothing but a number stays where it is the whole text;
// within others it can't be told from one.
func (s *Style) Except(names []string) *Style {
	if s.english() {
		return s
	}
	out := *s
	var odd []string
	for _, name := range names {
		switch {
		case alone.MatchString(name):
			out.whole = append(out.whole, name)
		case numbers.MatchString(name), s.amounts.MatchString(name):
			odd = append(odd, regexp.QuoteMeta(name))
		}
	}
	if len(odd) > 0 {
		slices.SortFunc(odd, func(a, b string) int { return len(b) - len(a) }) // the longest first
		out.inside = regexp.MustCompile(strings.Join(slices.Compact(odd), "|"))
	}
	return &out
}

// Text returns the text with its numbers in the style. What is part of a word, of a
// version or of a condition of the config (active_rate<0.3) is no number.
func (s *Style) Text(text string) string {
	if s.english() || !strings.ContainsAny(text, "0123456789") || slices.Contains(s.whole, text) {
		return text
	}
	var names [][]int
	if s.inside != nil {
		names = slices.DeleteFunc(s.inside.FindAllStringIndex(text, -1), func(m []int) bool { return joined(text, m[0], m[1]) })
	}
	named := func(from, to int) bool {
		return slices.ContainsFunc(names, func(m []int) bool { return from < m[1] && m[0] < to })
	}
	var out strings.Builder
	at := 0
	put := func(from, to int, as string) {
		out.WriteString(s.plain(text, at, from, named) + as)
		at = to
	}
	for _, m := range s.amounts.FindAllStringSubmatchIndex(text, -1) {
		digits, to, unit := text[m[6]:m[7]], m[1], ""
		if rest := text[to:]; rest != "" && strings.ContainsRune("kMB", rune(rest[0])) && !joined(text, m[0], to+1) {
			unit, to = rest[:1], to+1
		}
		if joined(text, m[0], to) || named(m[0], to) || !strings.ContainsAny(digits, ".,") && dated(text[to:]) {
			continue
		}
		before, inner := text[m[2]:m[3]], text[m[4]:m[5]]
		value := s.write(digits) + unit
		switch {
		case !s.after:
			put(m[0], to, text[m[0]:m[6]]+value)
		case before != "" && inner != "":
			put(m[0], to, before+"("+inner+value+")\u00a0"+s.code)
		default:
			put(m[0], to, before+inner+value+"\u00a0"+s.code)
		}
	}
	return out.String() + s.plain(text, at, len(text), named)
}

// plain rewrites the numbers in text[from:to] that are no amounts.
func (s *Style) plain(text string, from, to int, named func(int, int) bool) string {
	var out strings.Builder
	at := from
	for _, m := range numbers.FindAllStringIndex(text[from:to], -1) {
		a, b := from+m[0], from+m[1]
		end := b
		if rest := text[b:]; rest != "" && strings.ContainsRune("kMBx", rune(rest[0])) {
			end++ // a unit of one letter may follow it
		}
		if joined(text, a, end) || named(a, b) {
			continue
		}
		out.WriteString(text[at:a] + s.write(text[a:b]))
		at = b
	}
	return out.String() + text[at:to]
}

// joined reports whether text[from:to] is part of a longer word or number.
func joined(text string, from, to int) bool {
	before, size := utf8.DecodeLastRuneInString(text[:from])
	switch {
	case from == 0:
	case before == '.' || before == ',':
		if earlier, _ := utf8.DecodeLastRuneInString(text[:from-size]); unicode.IsDigit(earlier) {
			return true
		}
	case unicode.IsLetter(before) || unicode.IsDigit(before) || strings.ContainsRune("_<>#/", before):
		return true
	}
	next, size := utf8.DecodeRuneInString(text[to:])
	switch {
	case to == len(text):
		return false
	case next == '.' || next == ',':
		then, _ := utf8.DecodeRuneInString(text[to+size:])
		return unicode.IsDigit(then)
	}
	return unicode.IsLetter(next) || unicode.IsDigit(next) || next == '_'
}

// dated reports whether a whole number goes on as a date or a range: 2026-06-01.
func dated(rest string) bool {
	return len(rest) > 1 && rest[0] == '-' && rest[1] >= '0' && rest[1] <= '9'
}

// write formats a number without a sign, with all its digits.
func (s *Style) write(english string) string {
	plain := strings.ReplaceAll(english, ",", "")
	value, err := strconv.ParseFloat(plain, 64)
	whole, fraction, _ := strings.Cut(plain, ".")
	if err != nil || len(whole)+len(fraction) > 15 || strings.HasPrefix(whole, "00") {
		return english // no figure has so many digits
	}
	return s.printer.Sprint(xnumber.Decimal(value, xnumber.Scale(len(fraction))))
}
