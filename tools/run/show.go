package run

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"strings"
	"unicode"

	"loyaltymcp/tools/metric"
)

// longestLabel bounds labels from the data, in runes.
const longestLabel = 60

// Label makes a label from the data fit to be shown; "" becomes "(unknown)".
func Label(text string) string {
	if text == "" {
		return "(unknown)"
	}
	clean := Clean(text, longestLabel)
	if clean != text {
		// Two labels that differ only in what was cut must not become one.
		sum := sha256.Sum256([]byte(text))
		clean += "#" + hex.EncodeToString(sum[:2])
	}
	return clean
}

// Cell writes text into a cell of a Markdown table, where it stays text.
func Cell(text string) string { return markdown.Replace(text) }

var markdown = strings.NewReplacer("|", "\\|", "`", "\\`", "<", "&lt;", "*", "\\*", "_", "\\_", "[", "\\[", "\n", " ")

// Clean makes text from the data fit to be shown: valid, one line, no control
// or invisible characters, at most so many runes.
func Clean(text string, most int) string {
	var b strings.Builder
	n := 0
	for _, c := range strings.ToValidUTF8(text, "\uFFFD") {
		if n == most {
			b.WriteRune('…')
			break
		}
		if unicode.IsControl(c) || unicode.Is(unicode.Cf, c) {
			c = ' '
		}
		b.WriteRune(c)
		n++
	}
	return b.String()
}

// Show writes a value in its unit for people: 25.7 %, 6,502,486, CAD 135,229.
func Show(value *float64, unit metric.Unit, currency string) string {
	if value == nil {
		return "n/a"
	}
	switch unit {
	case metric.Share:
		return fmt.Sprintf("%.2f %%", *value*100)
	case metric.Money:
		if math.Abs(*value) < 1000 {
			return currency + " " + thousands(*value, 2)
		}
		return currency + " " + thousands(*value, 0)
	case metric.Score:
		return thousands(*value, 3)
	}
	return thousands(*value, 0)
}

// ShowCount writes a whole number: 6,502,486.
func ShowCount(n int64) string { return thousands(float64(n), 0) }

// ShowChange writes a relative change: +3.1 %.
func ShowChange(change *float64) string {
	if change == nil {
		return "n/a"
	}
	text := fmt.Sprintf("%+.1f %%", *change*100)
	if text == "+0.0 %" || text == "-0.0 %" {
		return "0.0 %"
	}
	return text
}

// ShowMove writes how a value moved: shares in percentage points, so that they
// can't be taken for relative changes, all else relative.
func ShowMove(now, before, change *float64, unit metric.Unit) string {
	if unit != metric.Share || now == nil || before == nil {
		return ShowChange(change)
	}
	return ShowPoints(*now - *before)
}

// ShowPoints writes a difference of shares: +1.20 pp.
func ShowPoints(x float64) string {
	text := fmt.Sprintf("%+.2f pp", x*100)
	if text == "+0.00 pp" || text == "-0.00 pp" {
		return "0.00 pp"
	}
	return text
}

// thousands writes a number with separators.
func thousands(x float64, decimals int) string {
	text := fmt.Sprintf("%.*f", decimals, math.Abs(x))
	whole, fraction := text, ""
	if decimals > 0 {
		whole, fraction = text[:len(text)-decimals-1], text[len(text)-decimals-1:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if x < 0 && whole+fraction != "0" {
		return "-" + whole + fraction
	}
	return whole + fraction
}
