package numerals_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode"

	"loyaltymcp/tools/numerals"
)

func style(t *testing.T, tag, code string) *numerals.Style {
	t.Helper()
	s, err := numerals.For(tag, code)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// spaces shows spaces that don't break as plain ones.
var spaces = strings.NewReplacer("\u00a0", " ", "\u202f", " ", "\u200f", "", "\u200e", "")

// The wanted forms are those of the Unicode CLDR.
func TestLocales(t *testing.T) {
	const text = "Sales of EUR 1,234,567.50 (-EUR 28,756; +EUR 0.95), 12,345 members, 28.90 %, 0.5 pp"
	for tag, want := range map[string]string{
		"":      text,
		"en":    text,
		"en-GB": text,
		"de-DE": "Sales of 1.234.567,50 EUR (-28.756 EUR; +0,95 EUR), 12.345 members, 28,90 %, 0,5 pp",
		"fr-FR": "Sales of 1 234 567,50 EUR (-28 756 EUR; +0,95 EUR), 12 345 members, 28,90 %, 0,5 pp",
		"es-ES": "Sales of 1.234.567,50 EUR (-28.756 EUR; +0,95 EUR), 12.345 members, 28,90 %, 0,5 pp",
		"es-MX": text,
		"pt-BR": "Sales of EUR 1.234.567,50 (-EUR 28.756; +EUR 0,95), 12.345 members, 28,90 %, 0,5 pp",
		"sv-SE": "Sales of 1 234 567,50 EUR (-28 756 EUR; +0,95 EUR), 12 345 members, 28,90 %, 0,5 pp",
		"fr-CH": "Sales of 1 234 567,50 EUR (-28 756 EUR; +0,95 EUR), 12 345 members, 28,90 %, 0,5 pp",
		"he-IL": "Sales of 1,234,567.50 EUR (-28,756 EUR; +0.95 EUR), 12,345 members, 28.90 %, 0.5 pp",
		"en-IN": "Sales of EUR 12,34,567.50 (-EUR 28,756; +EUR 0.95), 12,345 members, 28.90 %, 0.5 pp",
		"ja-JP": text,
		"hi-IN": "Sales of EUR 12,34,567.50 (-EUR 28,756; +EUR 0.95), 12,345 members, 28.90 %, 0.5 pp",
	} {
		if got := spaces.Replace(style(t, tag, "EUR").Text(text)); got != want {
			t.Errorf("%s:\n got %s\nwant %s", tag, got, want)
		}
	}
	for _, tag := range []string{"ar-EG", "fa-IR", "bn-BD", "my-MM", "mr-IN"} {
		for _, r := range style(t, tag, "EUR").Text(text) {
			if r > 127 && (unicode.IsDigit(r) || r == '٫' || r == '٬') {
				t.Errorf("%s: %q is a digit or a mark of another script", tag, r)
			}
		}
	}
}

// What isn't a number of its own stays.
func TestWhatIsNoNumberStays(t *testing.T) {
	s := style(t, "de-DE", "EUR")
	for _, text := range []string{
		"", "none", "active_rate<0.3 of the config", "v1.5 and 1.2.3", "2026-06-01", "run-f86c9edbc309", "3745 reviewed", "EUR", "kpi.v1.5x",
		"1,2,3", "12,34", "100,0000", "a#1.5", "file/1.5", "EUR_1.5", "9.9z", "_0.5",
	} {
		if got := s.Text(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
	for text, want := range map[string]string{
		"3.5M of 1.5k, 2.5x":                "3,5M of 1,5k, 2,5x",
		"from 1.5 to 2.5.":                  "from 1,5 to 2,5.",
		"1,234, 5.6":                        "1.234, 5,6",
		"(n=1,234)":                         "(n=1.234)",
		"[1.5, 2.5]":                        "[1,5, 2,5]",
		"±1.5":                              "±1,5",
		"EUR 593":                           "593 EUR",
		"PEUR 5.5":                          "PEUR 5,5", // no currency
		"USD 5.50":                          "USD 5,50", // not the program's
		"EUR 9.1234567":                     "9,1234567 EUR",
		"-EUR 0.49 (EUR -2.47 to EUR 1.50)": "-0,49 EUR (-2,47 EUR to 1,50 EUR)",
		"EUR 3.5M, -EUR 1.2k":               "3,5M EUR, -1,2k EUR",
		"EUR 2026-06-01":                    "EUR 2026-06-01",
		"1.5-2.5":                           "1,5-2,5",
		"0.1234567891234":                   "0,1234567891234",
		"00:00:00.5":                        "00:00:00.5",
		"12,345,678,901,234.5678":           "12,345,678,901,234.5678",
	} {
		if got := spaces.Replace(s.Text(text)); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

// A name from the data isn't rewritten, also within a sentence.
func TestNamesStay(t *testing.T) {
	s := style(t, "de-DE", "EUR").Except([]string{"Plan 1.5", "Plan 1.5 plus", "Gold", "(0.5|x", "over EUR 50 a month"})
	if got, want := s.Text("1.5 % of Plan 1.5 plus, 2.5 % of Plan 1.5, 3.5 % of Gold, 4.5 % of (0.5|x, EUR 6 over EUR 50 a month"), "1,5 % of Plan 1.5 plus, 2,5 % of Plan 1.5, 3,5 % of Gold, 4,5 % of (0.5|x, 6\u00a0EUR over EUR 50 a month"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A name that is a number stays where it stands alone, and breaks no other number.
func TestNamesThatAreNumbers(t *testing.T) {
	s := style(t, "de-DE", "EUR").Except([]string{"1.0", "0.5", "1.5", "Plan 1.5"})
	for text, want := range map[string]string{
		"1.0": "1.0", "EUR 11.00": "11,00 EUR", "EUR 10.50": "10,50 EUR", "EUR 21,050.50": "21.050,50 EUR", "20.5 %": "20,5 %", "1,050.5": "1.050,5",
		"0.5 pp more for Plan 1.5, Plan 1.55": "0,5 pp more for Plan 1.5, Plan 1,55",
	} {
		if got := spaces.Replace(s.Text(text)); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

// A code that no country uses is one all the same; a tag that is none is an error.
func TestWrongCodesAndTags(t *testing.T) {
	if got, want := spaces.Replace(style(t, "de-DE", "QQQ").Text("-QQQ 1,234.50")), "-1.234,50 QQQ"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, tag := range []string{"german", "de_DE_x", "x!", "de-", "12"} {
		if _, err := numerals.For(tag, "EUR"); err == nil {
			t.Errorf("%q is taken for a locale", tag)
		}
	}
}

func TestMarks(t *testing.T) {
	for tag, want := range map[string][2]string{"": {",", "."}, "de-DE": {".", ","}, "fr-FR": {"\u00a0", ","}, "fr-CH": {"\u00a0", ","}, "de-CH": {"’", "."},
		"he-IL": {",", "."}, "ar-EG": {",", "."}, "fa-IR": {",", "."}, "lb-LU": {".", ","}} {
		if group, decimal := style(t, tag, "EUR").Marks(); group != want[0] || decimal != want[1] {
			t.Errorf("%q: %q and %q, want %q", tag, group, decimal, want)
		}
	}
}

func ExampleStyle_Text() {
	s, err := numerals.For("pl-PL", "PLN")
	if err != nil {
		panic(err)
	}
	fmt.Printf("%q\n", s.Text("PLN 12,345.60"))
	// Output: "12\u00a0345,60\u00a0PLN"
}
