package warehouse

import (
	"strings"

	"loyaltymcp/internal/fault"
)

// RelationText returns the text by which a FROM clause reads a feed that is
// mapped by table or SQL.
func RelationText(feed string, from Mapped) (string, error) {
	if from.Table != "" {
		parts := strings.Split(from.Table, ".")
		for i, part := range parts {
			parts[i] = Quote(part)
		}
		return strings.Join(parts, "."), nil
	}
	text := strings.TrimRight(strings.TrimSpace(from.SQL), "; \n\t")
	if SeveralStatements(text) {
		return "", fault.New(fault.Config, "feeds."+feed+".sql", "holds more than one statement").Then("Write one SELECT")
	}
	// The line break ends a trailing -- comment.
	return "(" + text + "\n)", nil
}

// SeveralStatements reports whether the text holds a semicolon outside quotes
// and comments. The driver would run what follows it, and tell the type of one
// statement only.
func SeveralStatements(text string) bool {
	for len(text) > 0 {
		switch {
		case text[0] == ';':
			return true
		case text[0] == '\'' || text[0] == '"':
			text = after(text[1:], text[:1]) // a doubled quote ends one and starts the next
		case strings.HasPrefix(text, "--"):
			text = after(text, "\n")
		case strings.HasPrefix(text, "/*"):
			text = after(text[2:], "*/")
		case strings.HasPrefix(text, "$$"):
			text = after(text[2:], "$$")
		default:
			text = text[1:]
		}
	}
	return false
}

// IsSelect reports whether the text is one query that begins as a reading one
// does. It is a second line of defence; the first is that the engine only
// reads.
func IsSelect(text string) bool {
	if SeveralStatements(text) {
		return false
	}
	for text = strings.TrimSpace(text); strings.HasPrefix(text, "--"); text = strings.TrimSpace(text) {
		text = after(text, "\n")
	}
	word, _, _ := strings.Cut(strings.TrimLeft(text, "("), " ")
	word, _, _ = strings.Cut(word, "\n")
	return strings.EqualFold(word, "SELECT") || strings.EqualFold(word, "WITH")
}

// after returns what follows the mark, "" when it is not there.
func after(text, mark string) string {
	_, rest, _ := strings.Cut(text, mark)
	return rest
}
