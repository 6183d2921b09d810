package mcpserver_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mark3labs/mcp-go/client"
	"github.com/mark3labs/mcp-go/client/transport"
	"github.com/mark3labs/mcp-go/mcp"

	"loyaltymcp/tools"
	"loyaltymcp/tools/metric"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// scratch is where the program and its data are put for the tests.
var scratch string

func TestMain(m *testing.M) {
	flag.Parse()
	var err error
	if scratch, err = os.MkdirTemp("", "loyalty-mcp-test-"); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(scratch)
	os.Exit(code)
}

// binary builds the program once a test run.
var binary = sync.OnceValues(func() (string, error) {
	file := filepath.Join(scratch, "loyalty-mcp")
	out, err := exec.Command("go", "build", "-o", file, "loyaltymcp/server").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("building the program: %w\n%s", err, out)
	}
	return file, nil
})

// eras are the two protocol eras a client may speak.
var eras = map[string][]client.ClientOption{
	"modern": nil,
	//lint:ignore SA1019 clients of the older era are served too, so it is tested
	"legacy": {client.WithLegacyProtocolOnly()},
}

// connect starts the server over stdio as a client would, on a small demo
// program, and initializes in the era.
func connect(t *testing.T, era string) *client.Client {
	t.Helper()
	return connectTo(t, era, filepath.Join(smallDemo(t), "loyalty.yaml"))
}

// connectTo is connect to the program that a config describes.
func connectTo(t *testing.T, era, config string, options ...client.ClientOption) *client.Client {
	t.Helper()
	file, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	work := t.TempDir()
	env := []string{"LOYALTY_STATE=" + filepath.Join(work, "state"), "HOME=" + work, "PATH=" + os.Getenv("PATH")}
	stdio := transport.NewStdioWithOptions(file, env, []string{"serve", "--config", config, "--plans", filepath.Join(work, "plans")})
	c := client.NewClient(stdio, append(slices.Clone(eras[era]), options...)...)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := c.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	request := mcp.InitializeRequest{}
	request.Params.ClientInfo = mcp.Implementation{Name: "test", Version: "1"}
	request.Params.ProtocolVersion = mcp.LATEST_PROTOCOL_VERSION
	if _, err := c.Initialize(ctx, request); err != nil {
		t.Fatalf("%s: initialize: %v", era, err)
	}
	return c
}

// writeDemo writes a small demo program once, by the program's own command.
var writeDemo = sync.OnceValues(func() (string, error) {
	file, err := binary()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(scratch, "demo")
	out, err := exec.Command(file, "demo", "--out", dir, "--members", "2000").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("writing the demo: %w\n%s", err, out)
	}
	return dir, nil
})

func smallDemo(t *testing.T) string {
	t.Helper()
	dir, err := writeDemo()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func callTool(t *testing.T, c *client.Client, name string, arguments map[string]any) *mcp.CallToolResult {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	request := mcp.CallToolRequest{}
	request.Params.Name, request.Params.Arguments = name, arguments
	result, err := c.CallTool(ctx, request)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return result
}

func structured(t *testing.T, result *mcp.CallToolResult) map[string]any {
	t.Helper()
	if result.IsError {
		t.Fatalf("tool error: %v", result.Content)
	}
	raw, err := json.Marshal(result.StructuredContent)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// The pipeline as two agents would run it, in both eras.
func TestPipelineOverStdio(t *testing.T) {
	for era := range eras {
		t.Run(era, func(t *testing.T) {
			t.Parallel()
			c := connect(t, era)
			pulled := structured(t, callTool(t, c, "pull_metrics", map[string]any{"window": "30d", "dimensions": "tier,region"}))
			id := pulled["run_id"].(string)
			for _, stage := range []string{"diagnose_health", "surface_insights", "review_experiments"} {
				if got := structured(t, callTool(t, c, stage, map[string]any{"run_id": id}))["run_id"]; got != id {
					t.Errorf("%s: run_id = %v, want %s", stage, got, id)
				}
			}
			plan := structured(t, callTool(t, c, "write_plan", map[string]any{"run_id": id}))
			if _, err := os.Stat(plan["path"].(string)); err != nil {
				t.Errorf("the plan is not where the result says: %v", err)
			}
			reviewed := structured(t, callTool(t, c, "review_plan", map[string]any{"plan_id": plan["plan_id"], "revision": 1,
				"approvals": []any{map[string]any{"role": "Finance", "decision": "approve"}}}))
			if reviewed["revision"] != 2.0 || reviewed["distribution"] != "not for distribution" {
				t.Errorf("reviewed %v, want revision 2, on which the strategist has not signed", reviewed)
			}
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			drawn := structured(t, callTool(t, c, "render_dashboard", map[string]any{"run_id": id}))
			if _, err := os.Stat(drawn["path"].(string)); err != nil {
				t.Errorf("the dashboard is not where the result says: %v", err)
			}
			for _, uri := range []string{"sop://weekly-review", "schema://plan", "run://" + id + "/diagnose_health", "run://" + id + "/dashboard", "plan://" + plan["plan_id"].(string), "plan://" + plan["plan_id"].(string) + "/1", "metric://redemption_rate"} {
				request := mcp.ReadResourceRequest{}
				request.Params.URI = uri
				got, err := c.ReadResource(ctx, request)
				if err != nil {
					t.Errorf("%s: %v", uri, err)
				} else if len(got.Contents) != 1 {
					t.Errorf("%s: %d contents, want 1", uri, len(got.Contents))
				} else if page, ok := got.Contents[0].(mcp.TextResourceContents); strings.HasSuffix(uri, "/dashboard") && (!ok || page.MIMEType != "text/html" || !strings.HasPrefix(page.Text, "<!DOCTYPE html>")) {
					t.Errorf("%s: %s, want a page of text/html", uri, page.MIMEType)
				}
			}
		})
	}
}

// A metric tells what it means, what else may be meant by it, and what it needs.
func TestMetricResource(t *testing.T) {
	c := connect(t, "modern")
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	request := mcp.ReadResourceRequest{}
	request.Params.URI = "metric://redemption_rate"
	got, err := c.ReadResource(ctx, request)
	if err != nil || len(got.Contents) != 1 {
		t.Fatalf("%v, %+v", err, got)
	}
	text, ok := got.Contents[0].(mcp.TextResourceContents)
	if !ok {
		t.Fatalf("contents of type %T, want text", got.Contents[0])
	}
	var e metric.Explanation
	if err := json.Unmarshal([]byte(text.Text), &e); err != nil {
		t.Fatal(err)
	}
	all, err := metric.Load(metric.Choice{})
	if err != nil {
		t.Fatal(err)
	}
	d, _ := all.Find("redemption_rate")
	if e.Ref != d.Ref() || e.Hash != d.Hash() || e.Text != d.Text || e.Numerator != d.Numerator || e.Denominator != d.Denominator || len(e.Needs) == 0 {
		t.Errorf("got %+v, want what %s says", e, d.Ref())
	}
	users := map[string]string{}
	for _, v := range e.Variants {
		users[v.Name] = v.Source
	}
	if len(users) != len(d.Variants)+1 || users["smile_30d"] != "Smile" {
		t.Errorf("variants and who uses them: %v", users)
	}
	request.Params.URI = "metric://redemption_rat"
	if _, err := c.ReadResource(ctx, request); err == nil || !strings.Contains(err.Error(), "valid: redemption_rate") {
		t.Errorf("error %v, want one that names redemption_rate first", err)
	}
}

func TestErasAnswerAlike(t *testing.T) {
	var answers []string
	for _, era := range []string{"legacy", "modern"} {
		c := connect(t, era)
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		list, err := c.ListTools(ctx, mcp.ListToolsRequest{})
		if err != nil {
			t.Fatalf("%s: tools/list: %v", era, err)
		}
		shown, err := json.Marshal(list.Tools)
		if err != nil {
			t.Fatal(err)
		}
		called := callTool(t, c, "check_feeds", nil)
		wrong := callTool(t, c, "pull_metrics", map[string]any{"window": "fortnight"})
		if !wrong.IsError {
			t.Errorf("%s: an unknown window was accepted", era)
		}
		rest, err := json.Marshal([]any{structured(t, called), wrong.Content})
		if err != nil {
			t.Fatal(err)
		}
		answers = append(answers, string(shown)+string(rest))
	}
	if answers[0] != answers[1] {
		t.Errorf("the eras answer differently:\nlegacy %s\nmodern %s", answers[0], answers[1])
	}
}

// What a client is shown, as a golden file: a change of it is a change of the
// contract and must be meant. Rewrite it with -update.
func TestPublishedSurface(t *testing.T) {
	c := connect(t, "modern")
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	list, err := c.ListTools(ctx, mcp.ListToolsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, tool := range list.Tools {
		a := tool.Annotations
		if a.ReadOnlyHint == nil || a.DestructiveHint == nil || a.IdempotentHint == nil || a.OpenWorldHint == nil {
			t.Errorf("%s: not all four hints are set", tool.Name)
		}
		if len(tool.Description) > 2048 {
			t.Errorf("%s: the description has %d characters; clients cut it at 2048", tool.Name, len(tool.Description))
		}
		if writes := slices.Contains([]string{"write_plan", "review_plan", "render_dashboard", "monitor_loyalty", "export_segment"}, tool.Name); a.ReadOnlyHint != nil && *a.ReadOnlyHint == writes {
			t.Errorf("%s: readOnlyHint = %v", tool.Name, *a.ReadOnlyHint)
		}
	}
	instructions, err := os.ReadFile("instructions.md")
	if err != nil {
		t.Fatal(err)
	}
	if len(instructions) > 2048 {
		t.Errorf("the instructions have %d characters; clients cut them at 2048", len(instructions))
	}
	got, err := json.MarshalIndent(list.Tools, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	compact, err := json.Marshal(list.Tools)
	if err != nil {
		t.Fatal(err)
	}
	const budget = 6000
	if n := tools.Tokens(compact) + tools.Tokens(instructions); n > budget {
		t.Errorf("tools and instructions cost about %d tokens, more than %d", n, budget)
	}
	golden := filepath.Join("testdata", "tools.golden.json")
	if *update {
		if err := os.WriteFile(golden, append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if strings.TrimSpace(string(want)) != string(got) {
		t.Errorf("the published tools differ from %s; if that is meant, run go test ./server/mcpserver -update", golden)
	}
}

// Nothing but protocol may reach stdout, even when calls fail and the server
// is cut off.
func TestStdoutIsProtocolOnly(t *testing.T) {
	file, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	server := exec.Command(file, "serve", "--config", filepath.Join(t.TempDir(), "missing.yaml"))
	in, err := server.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var out, logs bytes.Buffer
	server.Stdout, server.Stderr = &out, &logs
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}`,
		`{"jsonrpc":"2.0","method":"notifications/initialized"}`,
		`not json`,
		`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"pull_metrics","arguments":{}}}`,
		`{"jsonrpc":"2.0","id":3,"method":"tools/list"}`,
	} {
		fmt.Fprintln(in, line)
	}
	time.Sleep(2 * time.Second) // closing stdin cancels what is in flight
	in.Close()
	if err := server.Wait(); err != nil {
		t.Errorf("the server ended with %v: %s", err, logs.String())
	}
	answered := map[string]bool{}
	for _, line := range strings.Split(strings.TrimSpace(out.String()), "\n") {
		var message struct {
			JSONRPC string          `json:"jsonrpc"`
			ID      json.RawMessage `json:"id"`
			Result  json.RawMessage `json:"result"`
		}
		if err := json.Unmarshal([]byte(line), &message); err != nil || message.JSONRPC != "2.0" {
			t.Errorf("stdout holds %q, which is no protocol message", line)
		}
		answered[string(message.ID)] = true
		if string(message.ID) == "2" && !strings.Contains(string(message.Result), "there is no file") {
			t.Errorf("a missing config answers %s, want it named", message.Result)
		}
	}
	for _, id := range []string{"1", "2", "3"} {
		if !answered[id] {
			t.Errorf("request %s was not answered", id)
		}
	}
}
