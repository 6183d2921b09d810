package writeplan

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// figure is a number in prose that reads as a figure of the program: a share, an
// amount of money, a number of members.
type figure struct {
	text   string  // as written, with its unit
	value  float64 // 0.289 for 28.9 %, 1200000 for 1.2 M
	half   float64 // half of the last digit written, in the same scale
	digits int     // significant ones
	share  bool    // it was written as a percentage or in percentage points
	money  bool    // it was written with a currency
	from   int     // where it stands
	to     int
}

// passed are parts of prose whose numbers are no figures: dates and times, quarters
// and fiscal years, links and ids, ordinals, durations, levels of confidence.
var passed = []*regexp.Regexp{
	regexp.MustCompile(`(?i)\b[a-z]+://\S+`),
	regexp.MustCompile(`\b\d{4}-\d{2}(-\d{2})?(T[\d:.]+Z?)?\b`),
	regexp.MustCompile(`\b\d{1,2}:\d{2}(:\d{2})?\b`),
	regexp.MustCompile(`\b\d{1,2}[./]\d{1,2}[./](\d{4}|\d{2})\b`),
	regexp.MustCompile(`(?i)\b(\d{1,2}(st|nd|rd|th)?\s+(of\s+)?)?(jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?|oct(ober)?|nov(ember)?|dec(ember)?)\.?(\s+\d{1,2}(st|nd|rd|th)?\b)?(,?\s+(19|20)\d{2})?\b`),
	regexp.MustCompile(`(?i)\b(q[1-4]|h[12]|fy)\s?-?/?((19|20)?\d{2})?\b`),
	regexp.MustCompile(`(?i)\b\d+(st|nd|rd|th)\b`),
	regexp.MustCompile(`(?i)\b\d+([.,]\d+)?(\s?(to|–|-)\s?\d+)?[\s-]?(calendar |working |business )?(second|minute|hour|day|week|month|year|quarter)s?\b`),
	regexp.MustCompile(`(?i)\b\d+\s?[dhw]\b`),
	regexp.MustCompile(`(?i)\b(90|95|99)(\.\d+)?\s?%\s?(ci\b|conf|int|cred|:|-?\s?sure)`),
	regexp.MustCompile(`(?i)\b(v|no\.?|nr\.?|number|step|rung|stage|item|task|section|page|line|phase|wave|top|rule|iso|ifrs|asc|kpi|article|plan|run|id)\s?#?\d+([.\d-]*\d)?\b`),
	regexp.MustCompile(`#\s?\d+`),
	regexp.MustCompile(`\b[A-Za-z][A-Za-z0-9]*([-_/:{}=.][A-Za-z0-9{}=]+)*[-_/:=]\d[\w./:{}=-]*`),
	regexp.MustCompile(`\b\d+[-_/][A-Za-z][\w-]*`),
}

// own are words beside a number that make it a choice of the plan and no figure of
// the run: what is offered, aimed at or held out.
var own = regexp.MustCompile(`(?i)\b(off|discount\w*|vouchers?|coupons?|cash-?back|bonus\w*|hold-?out|control group|target\w*|goals?|aim\w*|offer\w*|budget\w*|caps?|capped|threshold\w*|minimum spend|spend over)\b`)

var currencies = regexp.MustCompile(`(?i)(€|\$|£|¥|\b(eur|usd|gbp|cad|aud|chf|sek|nok|dkk|pln|czk|jpy|inr|brl|mxn|zar|sgd|hkd|cny|euros?|dollars?|pounds?))\s?$`)

var units = regexp.MustCompile(`(?i)^\s?(%|percent(age points?)?\b|per cent\b|pp\b|p\.p\.|k\b|thousand\b|mio\b|m\b|million\b|bn\b|billion\b|€|\$|£|eur\b|usd\b|gbp\b|euros?\b|dollars?\b)`)

// quoted returns the figures that a text quotes, in their order. Whole numbers below
// a hundred without a unit are counts of what the text itself lists, and four digits
// that may be a year are a year.
func quoted(text string) []figure {
	hidden := []byte(text)
	for _, p := range passed {
		for _, at := range p.FindAllIndex(hidden, -1) {
			for i := at[0]; i < at[1]; i++ {
				hidden[i] = 'x'
			}
		}
	}
	var all []figure
	for i := 0; i < len(hidden); {
		if hidden[i] < '0' || hidden[i] > '9' {
			i++
			continue
		}
		from := i
		for i < len(hidden) && (hidden[i] >= '0' && hidden[i] <= '9' || separates(hidden, i)) {
			i++
		}
		if f, ok := number(string(hidden[from:i])); ok && !joined(string(hidden[:from])) {
			f.from, f.to = from, i
			f.scale(string(hidden[:from]), string(hidden[i:]))
			f.text = strings.TrimSpace(text[f.from:f.to])
			if !attached(string(hidden[f.to:])) {
				all = append(all, f)
			}
		}
	}
	ranges(all, text)
	var out []figure
	for _, f := range all {
		whole := f.half == 0.5
		switch {
		case f.share || f.money:
			if own.MatchString(near(text, f)) {
				continue
			}
		case whole && f.value < 100, whole && f.value >= 1900 && f.value < 2100 && !strings.ContainsAny(f.text, ", '"):
			continue
		}
		out = append(out, f)
	}
	return out
}

// separates reports whether a byte within a number separates its digits: a point
// or comma with digits on both sides, or an apostrophe before three.
func separates(text []byte, i int) bool {
	digit := func(k int) bool { return k >= 0 && k < len(text) && text[k] >= '0' && text[k] <= '9' }
	if !digit(i-1) || !digit(i+1) {
		return false
	}
	return text[i] == '.' || text[i] == ',' || text[i] == '\'' && digit(i+2) && digit(i+3) && !digit(i+4)
}

var grouped = regexp.MustCompile(`^\d{1,3}([,']\d{3})+(\.\d+)?$`)

// number reads a number with separators of thousands, a decimal point or, before one
// or two digits, a decimal comma.
func number(text string) (figure, bool) {
	plain := text
	switch {
	case grouped.MatchString(text):
		plain = strings.NewReplacer(",", "", "'", "").Replace(text)
	case strings.Count(text, ",") == 1 && !strings.Contains(text, ".") && len(text)-strings.IndexByte(text, ',') <= 3:
		plain = strings.Replace(text, ",", ".", 1)
	}
	value, err := strconv.ParseFloat(plain, 64)
	if err != nil {
		return figure{}, false
	}
	whole, fraction, _ := strings.Cut(plain, ".")
	f := figure{value: value, half: 0.5 * math.Pow10(-len(fraction)), digits: len(strings.TrimLeft(whole+fraction, "0"))}
	if fraction == "" && grouped.MatchString(text) {
		return f, true // 12,000 is exact to the unit
	}
	if fraction == "" && value >= 1000 {
		// 12000 may be rounded; 12345 is not.
		zeros := len(whole) - len(strings.TrimRight(whole, "0"))
		f.digits -= zeros
	}
	return f, true
}

// scale reads the units around a number.
func (f *figure) scale(before, after string) {
	if at := currencies.FindStringIndex(before); at != nil {
		f.money, f.from = true, at[0]
	}
	for {
		at := units.FindStringSubmatchIndex(after)
		if at == nil {
			return
		}
		factor := 1.0
		switch unit := strings.ToLower(after[at[2]:at[3]]); {
		case unit == "%" || strings.HasPrefix(unit, "p") && unit != "pounds":
			f.share, factor = true, 0.01
		case unit == "k" || unit == "thousand":
			factor = 1e3
		case unit == "m" || unit == "mio" || unit == "million":
			factor = 1e6
		case unit == "bn" || unit == "billion":
			factor = 1e9
		default:
			f.money = true
		}
		f.value, f.half, f.to = f.value*factor, f.half*factor, f.to+at[1]
		after = after[at[1]:]
		if f.share || f.money {
			return
		}
	}
}

// joined reports whether what stands before a number makes it part of a word.
func joined(before string) bool {
	r, _ := utf8.DecodeLastRuneInString(before)
	return before != "" && (r == '_' || unicode.IsLetter(r) && !currencies.MatchString(before))
}

// attached reports whether a number goes on as a word: 3rd, 2x.
func attached(after string) bool {
	r, _ := utf8.DecodeRuneInString(after)
	return after != "" && (r == '_' || unicode.IsLetter(r))
}

var (
	through = regexp.MustCompile(`^\s?(–|—|-|to)\s?(€|\$|£)?$`)
	between = regexp.MustCompile(`(?i)\bbetween\s+$`)
)

// ranges gives both numbers of a range the unit that one of them has: 12 to 15 %,
// between 12 and 15 %, EUR 4 to 5.
func ranges(all []figure, text string) {
	for i := len(all) - 2; i >= 0; i-- {
		a, b := &all[i], &all[i+1]
		if b.from < a.to || a.share {
			continue
		}
		if gap := text[a.to:b.from]; !through.MatchString(gap) && !(strings.TrimSpace(gap) == "and" && between.MatchString(text[:a.from])) {
			continue
		}
		if b.share && !a.money {
			a.share, a.value, a.half = true, a.value*0.01, a.half*0.01
		}
		if !a.share && !b.share {
			a.money, b.money = a.money || b.money, a.money || b.money
		}
	}
}

// near returns the words around a figure, as far as they are of the same clause.
func near(text string, f figure) string {
	const most = 24
	before, after := text[max(0, f.from-most):f.from], text[f.to:min(len(text), f.to+most)]
	if i := strings.LastIndexAny(before, ".;:()"); i >= 0 {
		before = before[i+1:]
	}
	if i := strings.IndexAny(after, ".;:(),"); i >= 0 {
		after = after[:i]
	}
	return before + " | " + after
}
