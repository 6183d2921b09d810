package clients_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const transcriptHead = `# One run of the command

What a user sees of ` + "`/monitor-loyalty`" + `, and what happens on the way, in the real Claude Code
client with the demo program of 2,000 members. In place of the model a script did, in
order, what the command and the agents tell a model to do, and copied figures as the
tools returned them; a model would add what they mean. The tools, their results and
the plan are real. Written by

    go test ./internal/clients -run 'InTheClient/project$' -update

`

// folders are where a test run put things.
var folders = regexp.MustCompile(`/[^\s"]*/\.claude/plans/`)

// writeTranscript writes down a run for docs: what was typed, each tool call with
// what it answered first, and the answer.
func writeTranscript(t *testing.T, typed string, model *standIn, final string) {
	t.Helper()
	var b strings.Builder
	b.WriteString(transcriptHead)
	fmt.Fprintf(&b, "    > %s\n\n", typed)
	for _, actor := range []struct{ id, name string }{{analyst, "member-insights-analyst"}, {strategist, "loyalty-strategist"}} {
		fmt.Fprintf(&b, "**%s** (%d turns)\n\n", actor.name, len(model.by(actor.id)))
		turns := model.by(actor.id)
		last := turns[len(turns)-1]
		calls := map[string]string{}
		for _, m := range last.messages {
			for _, c := range m.Content {
				switch c.Type {
				case "tool_use":
					calls[c.ID] = fmt.Sprintf("`%s` `%s`", c.Name[strings.LastIndex(c.Name, "__")+2:], c.Input)
				case "tool_result":
					result := request{messages: []message{{Content: blocks{{Type: "tool_use", ID: c.ToolUse, Name: "x__tool"}}}, {Content: blocks{c}}}}.results()["tool"]
					fmt.Fprintf(&b, "- %s\n  %s\n", calls[c.ToolUse], said(result["verdict"]))
				}
			}
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "---\n\n%s\n", final)
	text := folders.ReplaceAllString(b.String(), ".claude/plans/")
	file := filepath.Join(root(t), "docs", "monitor-loyalty.md")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
