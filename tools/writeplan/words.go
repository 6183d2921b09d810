package writeplan

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"loyaltymcp/internal/fault"
)

// markup are the signs of HTML and Markdown that plain words don't need. A lone
// star, underscore, "<" or "#" passes: redemption_rate < 5 % is no markup.
var markup = []struct {
	form *regexp.Regexp
	name string
}{
	{regexp.MustCompile(`<[A-Za-z!/?][^>]*>?`), "HTML"},
	{regexp.MustCompile(`&(#\d+|#x[0-9A-Fa-f]+|[A-Za-z]+);`), "an HTML entity"},
	{regexp.MustCompile(`\]\(|!\[|\]\[`), "a Markdown link"},
	{regexp.MustCompile("`"), "Markdown code"},
	{regexp.MustCompile(`\*\*|__|~~`), "Markdown emphasis"},
	{regexp.MustCompile(`^\s*(#{1,6}\s|>|[-*+]\s|\d+\.\s)`), "a Markdown block"},
	{regexp.MustCompile(`(?i)\b(javascript|data|vbscript):\S`), "an active link"},
}

// plainWords refuses text that is not plain words of one line: a plan is read in
// many places, and each would take markup or hidden characters in its own way.
func plainWords(field, text string) error {
	if !utf8.ValidString(text) {
		return fault.New(fault.Invalid, field, "is not valid UTF-8").Then("Write it again in plain words")
	}
	for _, c := range text {
		if unicode.IsControl(c) || unicode.Is(unicode.Cf, c) || unicode.Is(unicode.Zl, c) || unicode.Is(unicode.Zp, c) {
			return fault.New(fault.Invalid, field, "holds the control or hidden character %U", c).Then("Write plain words on one line")
		}
	}
	for _, m := range markup {
		if found := m.form.FindString(text); found != "" {
			return fault.New(fault.Invalid, field, "holds %s: %q", m.name, strings.TrimSpace(found)).Then("Write plain words: the plan is shown as text, not as markup")
		}
	}
	if strings.TrimSpace(text) == "" && text != "" {
		return fault.New(fault.Invalid, field, "holds nothing but spaces").Then("Say it in words, or leave it out")
	}
	return nil
}
