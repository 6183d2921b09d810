// Package skills embeds the member-insights skill, so that the server can
// serve its procedures as resources from the same text that agents read.
package skills

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

//go:embed member-insights
var files embed.FS

// SOP is one standard operating procedure: a reference of the skill.
type SOP struct {
	Name    string // the file's stem, as in sop://weekly-review
	Title   string // the first heading, without its mark
	Summary string // the first line of text below the heading
	Text    string // the whole file, Markdown
}

// SOPs returns the procedures, sorted by name. One that doesn't start with a
// heading and a summary is an error.
func SOPs() ([]SOP, error) {
	names, err := fs.Glob(files, "member-insights/references/*.md")
	if err != nil {
		return nil, fmt.Errorf("listing the SOPs: %w", err)
	}
	sops := make([]SOP, 0, len(names))
	for _, name := range names { // Glob sorts them
		text, err := files.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("reading SOP %s: %w", name, err)
		}
		sop, err := parse(strings.TrimSuffix(path.Base(name), ".md"), string(text))
		if err != nil {
			return nil, err
		}
		sops = append(sops, sop)
	}
	return sops, nil
}

// parse reads the title and the summary off a procedure's text.
func parse(name, text string) (SOP, error) {
	first, rest, _ := strings.Cut(text, "\n")
	title, ok := strings.CutPrefix(first, "# ")
	if title = strings.TrimSpace(title); !ok || title == "" {
		return SOP{}, fmt.Errorf("SOP %s does not start with a heading", name)
	}
	summary, _, _ := strings.Cut(strings.TrimSpace(rest), "\n")
	if summary = strings.TrimSpace(summary); summary == "" || strings.HasPrefix(summary, "#") {
		return SOP{}, fmt.Errorf("SOP %s has no summary below its heading", name)
	}
	return SOP{Name: name, Title: title, Summary: summary, Text: text}, nil
}
