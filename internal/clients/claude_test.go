package clients_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the transcript in docs")

// claude is the client's binary.
func claude(t *testing.T) string {
	t.Helper()
	return module(t, "@anthropic-ai/claude-code-linux-x64/claude")
}

// house copies what a user clones, but for the sources of the program, into a folder
// in which the client may work.
func house(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	out, err := exec.Command("cp", "-a", filepath.Join(root(t), ".claude"), filepath.Join(root(t), ".claude-plugin"), filepath.Join(root(t), ".mcp.json"),
		filepath.Join(root(t), "agents"), filepath.Join(root(t), "skills"), filepath.Join(root(t), "scripts"), filepath.Join(root(t), "README.md"), filepath.Join(root(t), "LICENSE"), dir).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := os.RemoveAll(filepath.Join(dir, ".claude", "plans")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// outcome is what a run of the client says of itself.
type outcome struct {
	servers map[string]string // status by name
	denied  int
	final   string
	errors  []string // results of tools that are errors
}

func readOutcome(t *testing.T, stream string) outcome {
	t.Helper()
	o := outcome{servers: map[string]string{}}
	for _, line := range strings.Split(stream, "\n") {
		var e struct {
			Type    string                          `json:"type"`
			Subtype string                          `json:"subtype"`
			Servers []struct{ Name, Status string } `json:"mcp_servers"`
			Denials []json.RawMessage               `json:"permission_denials"`
			Result  string                          `json:"result"`
			Message message                         `json:"message"`
		}
		if json.Unmarshal([]byte(line), &e) != nil {
			continue
		}
		for _, s := range e.Servers {
			o.servers[s.Name] = s.Status
		}
		if e.Type == "result" {
			o.denied, o.final = len(e.Denials), e.Result
		}
		for _, b := range e.Message.Content {
			if b.IsError {
				o.errors = append(o.errors, string(b.Content))
			}
		}
	}
	return o
}

// The slash command in the real client, as a project and as a plugin, in both eras of
// the protocol: expanded, the analyst before the strategist, every call answered, the
// plan written, changed and signed.
func TestTheCommandInTheClient(t *testing.T) {
	client, config := claude(t), demoConfig(t)
	for _, c := range []struct {
		name, typed string
		plugin      bool
		environment []string
		method      string // with which the client opens the protocol
		argument    string // as the command must hold it
	}{
		{"project", `/monitor-loyalty --window 30d --detail full --dimensions "tier,region"`, false, nil, "server/discover", `--window 30d --detail full --dimensions "tier,region"`},
		{"project, older protocol, other order", `/monitor-loyalty --dimensions tier,region --window 30d`, false, []string{"MCP_PROTOCOL_NEGOTIATION=legacy"}, "initialize", "--dimensions tier,region --window 30d"},
		{"plugin", `/loyalty-lifecycle-orchestration:monitor-loyalty --window 30d --detail full --dimensions "tier,region"`, true, nil, "server/discover", `--window 30d`},
		{"plugin without flags", `/loyalty-lifecycle-orchestration:monitor-loyalty`, true, nil, "server/discover", "Arguments as typed:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			model := newStandIn(t)
			environment := private(t)
			project, args := house(t), []string{"-p", c.typed, "--output-format", "stream-json", "--verbose"}
			plans := filepath.Join(project, ".claude", "plans")
			if c.plugin {
				args = append(args, "--plugin-dir", project)
				project = t.TempDir() // the user's own
				plans = filepath.Join(project, ".claude", "plans")
			}
			// What the client says to the server is written down on the way.
			heard := filepath.Join(t.TempDir(), "heard")
			wire := filepath.Join(t.TempDir(), "wire.sh")
			told := filepath.Join(t.TempDir(), "config")
			script := fmt.Sprintf("#!/bin/sh\nprintf %%s \"$LOYALTY_CONFIG\" > %q\ntee -a %q | LOYALTY_CONFIG=%q exec %q \"$@\"\n", told, heard, config, program(t))
			if err := os.WriteFile(wire, []byte(script), 0o700); err != nil {
				t.Fatal(err)
			}
			environment = append(append(environment, c.environment...), "LOYALTY_MCP_BIN="+wire, "ANTHROPIC_BASE_URL="+model.URL, "ANTHROPIC_API_KEY=sk-ant-dummy-not-a-key",
				"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1", "DISABLE_AUTOUPDATER=1")
			out, says, status := command(t, project, environment, client, args...)
			if status != 0 {
				t.Fatalf("status %d\n%.2000s\n%.3000s", status, says, out)
			}
			o := readOutcome(t, out)
			if len(o.servers) != 1 || !slices.ContainsFunc([]string{"loyalty", "plugin:loyalty-lifecycle-orchestration:loyalty"}, func(name string) bool { return o.servers[name] == "connected" }) {
				t.Errorf("servers %v, want ours connected", o.servers)
			}
			if o.denied != 0 || len(o.errors) != 0 {
				t.Errorf("%d denials, errors of tools: %v", o.denied, o.errors)
			}
			leads, analysts, strategists := model.by(lead), model.by(analyst), model.by(strategist)
			if len(leads) != 3 || len(analysts) != 4 || len(strategists) != 4 {
				t.Fatalf("%d turns of the command, %d of the analyst, %d of the strategist; want 3, 4 and 4", len(leads), len(analysts), len(strategists))
			}
			expanded := ""
			for _, m := range leads[0].messages {
				expanded += m.text()
			}
			if !strings.Contains(expanded, c.argument) || !strings.Contains(expanded, "Wait for the analyst's report") {
				t.Errorf("the command was not expanded with its arguments:\n%.1500s", expanded)
			}
			for _, agent := range [][]request{analysts, strategists} {
				briefed := ""
				for _, m := range agent[0].messages {
					briefed += m.text()
				}
				if !strings.Contains(briefed, "# Member insights") {
					t.Errorf("%s: the skill was not preloaded", agent[0].actor)
				}
			}
			if slices.ContainsFunc(analysts[0].tools, func(name string) bool {
				return strings.HasSuffix(name, "write_plan") || strings.HasSuffix(name, "monitor_loyalty")
			}) {
				t.Errorf("the analyst has %v, want nothing that writes", analysts[0].tools)
			}
			// The strategist got the analyst's report whole, and so after it.
			if handed := strategists[0].messages[0].text() + strategists[0].messages[len(strategists[0].messages)-1].text(); !strings.Contains(handed, reportHead+analysts[3].last(runID)) {
				t.Errorf("the strategist was not handed the report:\n%.1000s", handed)
			}
			for _, q := range slices.Concat(analysts, strategists) {
				for _, m := range q.messages {
					for _, b := range m.Content {
						if b.Type == "tool_result" && b.IsError {
							t.Errorf("%s: a tool answered with an error: %s", q.actor, b.Content)
						}
					}
				}
			}
			found, err := filepath.Glob(filepath.Join(plans, "plan-*.json"))
			if err != nil || len(found) != 1 {
				t.Fatalf("plans %v, want one", found)
			}
			if valid, says, status := command(t, project, environment, program(t), "plan", found[0]); status != 0 || !strings.Contains(valid, "is valid") {
				t.Errorf("the plan: %s%s", valid, says)
			}
			var plan struct {
				Revision  int                             `json:"revision"`
				Approvals []struct{ Role, Status string } `json:"approvals"`
				Dropped   []json.RawMessage               `json:"dropped"`
			}
			text, err := os.ReadFile(found[0])
			if err != nil || json.Unmarshal(text, &plan) != nil || plan.Revision != 3 || len(plan.Dropped) != 1 || plan.Approvals[0].Status != "approved" || plan.Approvals[1].Status != "open" {
				t.Errorf("%v: plan %+v, want revision 3, an item dropped, the strategist's sign-off", err, plan)
			}
			if !strings.Contains(o.final, "not for distribution") {
				t.Errorf("the answer is %q", o.final)
			}
			if which, err := os.ReadFile(told); err != nil || string(which) != "demo" {
				t.Errorf("%v: without a choice of the user the server is given the config %q, want demo", err, which)
			}
			if *update && c.name == "project" {
				writeTranscript(t, c.typed, model, o.final)
			}
			wired, err := os.ReadFile(heard)
			if err != nil || !strings.Contains(string(wired), fmt.Sprintf(`"method":%q`, c.method)) {
				t.Errorf("%v: the client opened with %.200s, want %s", err, wired, c.method)
			}
		})
	}
}

// A command that the client does not know would be sent to the model as plain text.
func TestTheClientKnowsTheParts(t *testing.T) {
	client := claude(t)
	dir, environment := house(t), append(private(t), "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1")
	out, says, status := command(t, dir, environment, client, "plugin", "validate", dir, "--strict", "--profile", "directory")
	if status != 0 {
		t.Errorf("status %d\n%s%s", status, out, says)
	}
	for _, part := range []string{"commands: loyalty-lifecycle-orchestration:monitor-loyalty", "skills: loyalty-lifecycle-orchestration:member-insights",
		"agents: loyalty-lifecycle-orchestration:loyalty-strategist", "agents: loyalty-lifecycle-orchestration:member-insights-analyst", "mcpServers: loyalty"} {
		if !strings.Contains(out, part) {
			t.Errorf("the client does not see %q:\n%s", part, out)
		}
	}
	if out, says, status := command(t, dir, environment, client, "plugin", "marketplace", "add", dir); status != 0 {
		t.Fatalf("adding the marketplace: status %d\n%s%s", status, out, says)
	}
	if out, says, status := command(t, dir, environment, client, "plugin", "install", "loyalty-lifecycle-orchestration@loyalty-tools"); status != 0 {
		t.Errorf("installing the plugin: status %d\n%s%s", status, out, says)
	}
}
