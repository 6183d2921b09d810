package clients_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The Inspector's command line: it lists by its strict rules, calls, reads, and loads
// the server over stdio, in both eras of the protocol.
func TestInspector(t *testing.T) {
	inspector := module(t, "@modelcontextprotocol/inspector/clients/launcher/build/index.js")
	serve := filepath.Join(t.TempDir(), "serve.sh")
	script := fmt.Sprintf("#!/bin/sh\nLOYALTY_CONFIG=%q LOYALTY_STATE=%q LOYALTY_PLANS=%q exec %q serve\n", demoConfig(t), filepath.Join(t.TempDir(), "state"), filepath.Join(t.TempDir(), "plans"), program(t))
	if err := os.WriteFile(serve, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	environment := append(private(t), "MCP_CATALOG_PATH="+filepath.Join(t.TempDir(), "catalog.json"))
	inspect := func(args ...string) (out, says string, status int) {
		t.Helper()
		return command(t, t.TempDir(), environment, "node", append([]string{inspector, "--cli", serve}, args...)...)
	}
	for _, era := range []string{"legacy", "modern"} {
		for _, c := range []struct {
			args []string
			want string
		}{
			{[]string{"--method", "tools/list", "--strict"}, `"review_plan"`},
			{[]string{"--method", "prompts/list"}, `"monitor-loyalty"`},
			{[]string{"--method", "resources/list"}, `"sop://weekly-review"`},
			{[]string{"--method", "resources/templates/list"}, `"plan://{plan_id}/{revision}"`},
			{[]string{"--method", "resources/read", "--uri", "sop://escalation"}, "rip-cord"},
			{[]string{"--method", "tools/list", "--app-info"}, "ui://loyalty/monitor.html"},
			{[]string{"--method", "prompts/get", "--prompt-name", "monitor-loyalty", "--prompt-args", "window=90d"}, "window: `90d`"},
			{[]string{"--method", "tools/call", "--tool-name", "check_feeds"}, `"verdict"`},
			{[]string{"--method", "tools/call", "--tool-name", "pull_metrics", "--tool-args-json", `{"window":"30d","dimensions":["tier"]}`}, `"run_id"`},
		} {
			out, says, status := inspect(append(c.args, "--format", "json", "-q", "--protocol-era", era)...)
			if status != 0 || !strings.Contains(out, c.want) {
				t.Errorf("%s %v: status %d, want it to hold %s\n%.1500s%.1500s", era, c.args, status, c.want, says, out)
			}
		}
	}
	out, says, status := inspect("--method", "tools/call", "--tool-name", "check_feeds", "--load", "--load-requests", "40", "--load-concurrency", "8", "--format", "json", "-q")
	var load struct {
		Result struct{ OK, ToolErrors, Errors int }
	}
	if err := json.Unmarshal([]byte(out), &load); err != nil || status != 0 || load.Result.OK != 40 || load.Result.ToolErrors != 0 || load.Result.Errors != 0 {
		t.Errorf("under load: %v, status %d, %+v\n%.1500s%.1500s", err, status, load, says, out)
	}
	if _, says, status := inspect("--method", "tools/call", "--tool-name", "pull_metrics", "--tool-args-json", `{"window":"fortnight"}`, "--format", "json", "-q"); status != 5 {
		t.Errorf("a call that fails: status %d, want 5, by which the Inspector tells a tool's own error\n%s", status, says)
	}
}
