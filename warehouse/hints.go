package warehouse

import (
	"fmt"
	"regexp"
	"strings"
)

// Hint is a setting of an engine's planner for one query.
type Hint struct {
	Setting string
	Value   string
}

// hintable lists, by engine, the settings that a template may hint and their
// values: those that change how a query is computed, never what it returns.
var hintable = map[string]map[string]*regexp.Regexp{
	"postgres": {
		"enable_nestloop":                 regexp.MustCompile(`^(on|off)$`),
		"enable_hashagg":                  regexp.MustCompile(`^(on|off)$`),
		"max_parallel_workers_per_gather": regexp.MustCompile(`^[0-8]$`),
	},
}

// parseHints reads the hints in the comments that head a template, by engine:
//
//	-- postgres: enable_nestloop=off, max_parallel_workers_per_gather=0
func parseHints(text string) (map[string][]Hint, error) {
	hints := map[string][]Hint{}
	for line := range strings.Lines(text) {
		comment, ok := strings.CutPrefix(line, "--")
		if !ok {
			break
		}
		engine, list, ok := strings.Cut(strings.TrimSpace(comment), ": ")
		allowed, known := hintable[engine]
		if !ok || !known {
			continue // words for people
		}
		for _, item := range strings.Split(list, ",") {
			setting, value, _ := strings.Cut(strings.TrimSpace(item), "=")
			form, ok := allowed[setting]
			if !ok {
				return nil, fmt.Errorf("%s takes no hint %q", engine, setting)
			}
			if !form.MatchString(value) {
				return nil, fmt.Errorf("hint %s of %s can't be %q", setting, engine, value)
			}
			hints[engine] = append(hints[engine], Hint{Setting: setting, Value: value})
		}
	}
	return hints, nil
}
