package skills

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// operatorTool is a tool that the texts may name, but the agents don't have: the
// operator calls it.
const operatorTool = "export_segment"

// toolNames are the tools that the texts may name.
var toolNames = []string{"check_feeds", "pull_metrics", "diagnose_health", "surface_insights",
	"review_experiments", "compare_definitions", "write_plan", "review_plan", "render_dashboard", "monitor_loyalty"}

func TestSOPs(t *testing.T) {
	sops, err := SOPs()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range sops {
		names = append(names, s.Name)
		if s.Title == "" || s.Summary == "" || !strings.HasSuffix(s.Summary, ".") {
			t.Errorf("%s: title %q, summary %q, want both, the summary a sentence", s.Name, s.Title, s.Summary)
		}
		if !strings.HasPrefix(s.Text, "# "+s.Title+"\n") {
			t.Errorf("%s: text does not start with its title", s.Name)
		}
		if n := strings.Count(s.Text, "\n"); n < 25 || n > 70 {
			t.Errorf("%s has %d lines, want 25 to 70", s.Name, n)
		}
	}
	want := []string{"action-plan", "data-pull", "escalation", "experiment-readout", "health-diagnostics", "kpi-definitions", "liability", "movements", "retro", "segments", "weekly-review"}
	if !slices.Equal(names, want) {
		t.Errorf("SOPs are %v, want %v", names, want)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{"", "text", "#\nsummary", "## Second\nsummary.", "# Title", "# Title\n\n## Next\n"} {
		if s, err := parse("x", text); err == nil {
			t.Errorf("parse(%q) = %+v, want an error", text, s)
		}
	}
}

func TestSkillFollowsTheSpec(t *testing.T) {
	const folder = "member-insights"
	text := read(t, filepath.Join(folder, "SKILL.md"))
	keys := frontMatter(t, text)
	spec := []string{"name", "description", "license", "compatibility", "metadata", "allowed-tools"}
	for key := range keys {
		if !slices.Contains(spec, key) {
			t.Errorf("front matter has %q, which is no key of the spec", key)
		}
	}
	if keys["name"] != folder {
		t.Errorf("name is %q, want the folder's, %q", keys["name"], folder)
	}
	description := keys["description"]
	if !strings.HasPrefix(description, "Use when ") || len([]rune(description)) > 1024 {
		t.Errorf("description has %d characters and starts %.20q; want at most 1024, starting with Use when", len([]rune(description)), description)
	}
	if n := strings.Count(text, "\n"); n > 150 {
		t.Errorf("SKILL.md has %d lines, want at most 150", n)
	}
	sops, err := SOPs()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sops {
		if !strings.Contains(text, s.Name+".md") {
			t.Errorf("SKILL.md does not mention %s.md", s.Name)
		}
	}
}

var (
	quoted = regexp.MustCompile("`([a-z]+_[a-z_]+)[`(]")
	// verbs start the names of tools, and of nothing else that the texts quote.
	verbs = regexp.MustCompile(`^(check|pull|diagnose|surface|review|write|monitor|render|compare|export|get|list|run|open|update|create)_`)
	// notTools are quoted names that start like a tool's.
	notTools   = []string{"run_id"}
	serverTool = regexp.MustCompile(`mcp__(loyalty|plugin_loyalty-lifecycle-orchestration_loyalty)__([a-z_]+)`)
)

func TestTextsNameOnlyToolsThatExist(t *testing.T) {
	mentioned := map[string]bool{}
	for _, file := range texts(t) {
		for _, m := range quoted.FindAllStringSubmatch(read(t, file), -1) {
			if !verbs.MatchString(m[1]) || slices.Contains(notTools, m[1]) {
				continue
			}
			mentioned[m[1]] = true
			if !slices.Contains(toolNames, m[1]) && m[1] != operatorTool {
				t.Errorf("%s mentions %s, which is no tool", file, m[1])
			}
		}
	}
	for _, name := range toolNames {
		if !mentioned[name] {
			t.Errorf("no text mentions %s", name)
		}
	}
}

func TestGrants(t *testing.T) {
	readOnly := []string{"check_feeds", "pull_metrics", "diagnose_health", "surface_insights", "review_experiments", "compare_definitions"}
	for _, c := range []struct {
		file, key string
		tools     []string
		others    []string
	}{
		{"../agents/member-insights-analyst.md", "tools", readOnly, []string{"Read"}},
		{"../agents/loyalty-strategist.md", "tools", append(slices.Clone(readOnly), "write_plan", "review_plan", "render_dashboard"), []string{"Read"}},
		{"../.claude/commands/monitor-loyalty.md", "allowed-tools", toolNames, nil},
	} {
		var want []string
		for _, prefix := range []string{"mcp__loyalty__", "mcp__plugin_loyalty-lifecycle-orchestration_loyalty__"} {
			for _, tool := range c.tools {
				want = append(want, prefix+tool)
			}
		}
		want = append(want, c.others...)
		text := read(t, c.file)
		got := strings.FieldsFunc(frontMatter(t, text)[c.key], func(r rune) bool { return r == ',' || r == ' ' })
		if !slices.Equal(got, want) {
			t.Errorf("%s grants %v, want %v", c.file, got, want)
		}
		_, body, _ := strings.Cut(strings.TrimPrefix(text, "---\n"), "\n---\n")
		if m := serverTool.FindString(body); m != "" {
			t.Errorf("%s names %s below its front matter; want the short name, which serves both prefixes", c.file, m)
		}
	}
}

func TestAgents(t *testing.T) {
	files, err := filepath.Glob("../agents/*.md")
	if err != nil || len(files) == 0 {
		t.Fatalf("agents: %v, %v", files, err)
	}
	for _, file := range files {
		text := read(t, file)
		keys := frontMatter(t, text)
		if stem := strings.TrimSuffix(filepath.Base(file), ".md"); keys["name"] != stem {
			t.Errorf("%s is named %q, want %q", file, keys["name"], stem)
		}
		for key := range keys { // the client passes over a key that it doesn't know
			if !slices.Contains([]string{"name", "description", "tools", "skills", "model"}, key) {
				t.Errorf("%s: front matter has %q", file, key)
			}
		}
		if n := strings.Count(text, "\n"); n < 50 || n > 110 {
			t.Errorf("%s has %d lines, want 50 to 110", file, n)
		}
		if keys["description"] == "" || keys["skills"] != "[member-insights]" || keys["model"] != "inherit" {
			t.Errorf("%s: front matter is %v", file, keys)
		}
		at := 0
		for _, heading := range []string{"What you produce", "Inputs you get", "Workflow", "Guardrails", "Output contract"} {
			next := strings.Index(text[at:], "\n## "+heading+"\n")
			if next < 0 {
				t.Errorf("%s: heading %q is missing or out of order", file, heading)
				continue
			}
			at += next
		}
	}
}

func TestCommand(t *testing.T) {
	text := read(t, "../.claude/commands/monitor-loyalty.md")
	keys := frontMatter(t, text)
	for key := range keys {
		if !slices.Contains([]string{"description", "argument-hint", "allowed-tools"}, key) {
			t.Errorf("front matter has %q", key)
		}
	}
	if keys["description"] == "" || !strings.HasPrefix(keys["argument-hint"], `"--window 30d --detail full --dimensions \"tier,region\"`) && !strings.HasPrefix(keys["argument-hint"], `--window 30d --detail full --dimensions`) {
		t.Errorf("front matter %v, want a description and the flags as a hint", keys)
	}
	if n := strings.Count(text, "\n"); n < 40 || n > 70 {
		t.Errorf("%d lines, want 40 to 70", n)
	}
	if strings.Count(text, "$ARGUMENTS") != 1 {
		t.Error("want the arguments once")
	}
}

// The client finds agents and skills in .claude, the plugin at the root: both
// must be the same files.
func TestLinks(t *testing.T) {
	for _, name := range []string{"agents", "skills"} {
		link := filepath.Join("..", ".claude", name)
		linked, err := os.Stat(link)
		if err != nil {
			t.Error(err)
			continue
		}
		root, err := os.Stat(filepath.Join("..", name))
		if err != nil {
			t.Error(err)
			continue
		}
		if !os.SameFile(linked, root) {
			t.Errorf("%s is not the folder %s at the root", link, name)
		}
	}
}

// texts returns every text that agents read.
func texts(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, root := range []string{"member-insights", "../agents", "../.claude/commands"} {
		err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
			if err == nil && filepath.Ext(file) == ".md" {
				all = append(all, file)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var keyLine = regexp.MustCompile(`^([a-z-]+): (.+)$`)

// frontMatter returns a text's front matter, of which it reads what the texts
// use: one key with its value a line. A plain value may not hold what YAML
// would take for structure.
func frontMatter(t *testing.T, text string) map[string]string {
	t.Helper()
	rest, ok := strings.CutPrefix(text, "---\n")
	block, _, closed := strings.Cut(rest, "\n---\n")
	if !ok || !closed {
		t.Fatal("no front matter")
	}
	keys := map[string]string{}
	for line := range strings.SplitSeq(block, "\n") {
		m := keyLine.FindStringSubmatch(line)
		if m == nil {
			t.Fatalf("front matter line %q is not key: value", line)
		}
		key, value := m[1], m[2]
		if _, twice := keys[key]; twice {
			t.Errorf("front matter has %s twice", key)
		}
		if strings.HasPrefix(value, `"`) {
			inner := strings.TrimSuffix(value[1:], `"`)
			if inner == value[1:] {
				t.Errorf("%s: quotation mark is not closed", key)
			}
			value = strings.ReplaceAll(inner, `\"`, `"`)
		} else if strings.Contains(value, ": ") || strings.Contains(value, " #") {
			t.Errorf("%s: %q must be quoted", key, value)
		}
		keys[key] = value
	}
	return keys
}
