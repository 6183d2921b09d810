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
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bojanz/currency"
	"golang.org/x/text/language"
)

// Style is the marks of a locale. The zero value, and a nil one, are English.
type Style struct {
	group, decimal string
	code           string // the program's currency
	formatter      *currency.Formatter
	money          *regexp.Regexp
	mask           *regexp.Regexp // names that aren't numbers, whatever they look like
}

// For returns the style of a locale, a BCP 47 tag such as de-DE, in which amounts
// of the currency (an ISO 4217 code) are written. "" is English.
func For(tag, code string) (*Style, error) {
	parsed, err := language.Parse(tag)
	if tag == "" || err == nil && parsed == language.English {
		return &Style{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%q is no BCP 47 tag of a locale, as are en, en-GB, de-DE, fr-CA", tag)
	}
	f := currency.NewFormatter(currency.NewLocale(parsed.String()))
	f.CurrencyDisplay, f.MaxDigits = currency.DisplayCode, 9
	s := &Style{code: code, formatter: f, money: regexp.MustCompile(`([-+]?)` + regexp.QuoteMeta(code) + `[ \x{a0}](` + number + `|\d+)`)}
	// A style is known by what it makes of a number with both marks.
	marks := strings.FieldsFunc(s.write("", "1234567.5", false), unicode.IsDigit)
	if len(marks) > 0 {
		s.group, s.decimal = marks[0], marks[len(marks)-1]
	}
	return s, nil
}

// number is a number that would be written otherwise in another locale.
const number = `\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.\d+`

var numbers = regexp.MustCompile(number)

// Marks returns what groups digits and what stands before the fraction.
func (s *Style) Marks() (group, decimal string) {
	if s.english() {
		return ",", "."
	}
	return s.group, s.decimal
}

func (s *Style) english() bool { return s == nil || s.formatter == nil }

// Except returns the style for texts in which the names stand as they are: one that
// holds what looks like a number (Plan 1.5) isn't rewritten.
func (s *Style) Except(names []string) *Style {
	if s.english() {
		return s
	}
	var odd []string
	for _, name := range names {
		if numbers.MatchString(name) {
			odd = append(odd, regexp.QuoteMeta(name))
		}
	}
	if len(odd) == 0 {
		return s
	}
	slices.SortFunc(odd, func(a, b string) int { return len(b) - len(a) }) // the longest first
	out := *s
	out.mask = regexp.MustCompile(strings.Join(slices.Compact(odd), "|"))
	return &out
}

// Text returns the text with its numbers in the style. What is part of a word, of a
// version or of a condition of the config (active_rate<0.3) is no number.
func (s *Style) Text(text string) string {
	if s.english() || !strings.ContainsAny(text, "0123456789") {
		return text
	}
	if s.mask == nil {
		return s.rewrite(text)
	}
	var out strings.Builder
	at := 0
	for _, m := range s.mask.FindAllStringIndex(text, -1) {
		out.WriteString(s.rewrite(text[at:m[0]]) + text[m[0]:m[1]])
		at = m[1]
	}
	return out.String() + s.rewrite(text[at:])
}

func (s *Style) rewrite(text string) string {
	amounts := s.money.FindAllStringSubmatchIndex(text, -1)
	var out strings.Builder
	at := 0
	for _, m := range amounts {
		if !stands(text, m[0], m[1]) {
			continue
		}
		out.WriteString(s.plain(text[at:m[0]]))
		out.WriteString(s.write(text[m[2]:m[3]], strings.ReplaceAll(text[m[4]:m[5]], ",", ""), true))
		at = m[1]
	}
	return out.String() + s.plain(text[at:])
}

// plain rewrites numbers that are no amounts.
func (s *Style) plain(text string) string {
	var out strings.Builder
	at := 0
	for _, m := range numbers.FindAllStringIndex(text, -1) {
		if !stands(text, m[0], m[1]) {
			continue
		}
		out.WriteString(text[at:m[0]] + s.write("", strings.ReplaceAll(text[m[0]:m[1]], ",", ""), false))
		at = m[1]
	}
	return out.String() + text[at:]
}

// stands reports whether text[from:to] is a number of its own. A unit of one letter
// may follow it.
func stands(text string, from, to int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:from])
	if from > 0 && (unicode.IsLetter(before) || unicode.IsDigit(before) || strings.ContainsRune("._,<>#/", before)) {
		return false
	}
	after := text[to:]
	next, size := utf8.DecodeRuneInString(after)
	if after == "" {
		return true
	}
	then, _ := utf8.DecodeRuneInString(after[size:])
	switch {
	case next == '.' || next == ',':
		return !unicode.IsDigit(then)
	case strings.ContainsRune("kMBx", next):
		return !unicode.IsLetter(then) && !unicode.IsDigit(then)
	}
	return !unicode.IsLetter(next) && !unicode.IsDigit(next) && next != '_'
}

// write formats a plain decimal with all its digits.
func (s *Style) write(sign, digits string, money bool) string {
	f := *s.formatter
	_, fraction, _ := strings.Cut(digits, ".")
	f.MinDigits = uint8(min(len(fraction), 9))
	code, prefix := s.code, ""
	if !money {
		f.CurrencyDisplay, code = currency.DisplayNone, "EUR"
	}
	if sign == "+" {
		prefix, sign = "+", ""
	}
	amount, err := currency.NewAmount(sign+digits, code)
	if err != nil { // a code that isn't in use stands as it is
		return prefix + sign + code + " " + s.write("", digits, false)
	}
	return prefix + latin.Replace(strings.TrimSpace(f.Format(amount)))
}

// latin keeps to the digits 0 to 9, in which all other numbers of the text are.
var latin = strings.NewReplacer(func() []string {
	pairs := []string{"٫", ".", "٬", ","}
	for _, zero := range []rune{'٠', '۰', '०', '০', '၀'} {
		for i := range 10 {
			pairs = append(pairs, string(zero+rune(i)), string(rune('0'+i)))
		}
	}
	return pairs
}()...)
