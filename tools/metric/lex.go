package metric

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// keywords can't be names of columns, nor words without quotes.
var keywords = []string{"and", "at", "in", "is", "known", "least", "not", "or", "unknown", "where"}

// token is a word of an expression: a name, a number, a symbol, or a quoted
// text.
type token struct {
	kind byte // 'a' name, '0' number, 's' symbol, 'q' quoted; 0 at the end
	text string
	at   int // byte offset
}

// lex splits an expression into tokens.
func lex(text string) ([]token, error) {
	var out []token
	for i := 0; i < len(text); {
		start, c := i, text[i]
		switch {
		case c == ' ' || c == '\n' || c == '\t':
			i++
			continue
		case isLetter(c):
			for i < len(text) && (isLetter(text[i]) || isDigit(text[i])) {
				i++
			}
			out = append(out, token{'a', text[start:i], start})
		case isDigit(c) || c == '.' && i+1 < len(text) && isDigit(text[i+1]):
			for i < len(text) && (isDigit(text[i]) || text[i] == '.') {
				i++
			}
			out = append(out, token{'0', text[start:i], start})
		case c == '\'':
			var b strings.Builder
			for i++; ; i++ {
				if i >= len(text) {
					return nil, wrong("the quote at character %d is never closed", start+1)
				}
				if text[i] == '\'' {
					if i+1 < len(text) && text[i+1] == '\'' {
						i++
					} else {
						break
					}
				}
				b.WriteByte(text[i])
			}
			i++
			if word := b.String(); !utf8.ValidString(word) || strings.ContainsFunc(word, unicode.IsControl) {
				return nil, wrong("the quoted text at character %d holds what is no character of a text", start+1)
			}
			out = append(out, token{'q', b.String(), start})
		case strings.ContainsRune("<>!=", rune(c)):
			if i++; i < len(text) && text[i] == '=' {
				i++
			}
			switch text[start:i] {
			case "!":
				return nil, wrong("! at character %d stands alone; write != or not", start+1)
			case "==":
				return nil, wrong("== at character %d is no comparison; write =", start+1)
			}
			out = append(out, token{'s', text[start:i], start})
		case strings.ContainsRune("(),.+-*", rune(c)):
			i++
			out = append(out, token{'s', text[start:i], start})
		default:
			r, _ := utf8.DecodeRuneInString(text[i:])
			return nil, wrong("%q at character %d is no part of an expression; names are lower-case, other texts stand in single quotes", string(r), start+1)
		}
	}
	return append(out, token{0, "", len(text)}), nil
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c == '_' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }

// isName reports whether the text is a name.
func isName(text string) bool {
	for i := range len(text) {
		if !isLetter(text[i]) && (i == 0 || !isDigit(text[i])) {
			return false
		}
	}
	return text != ""
}
