package clients_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"loyaltymcp/schemas"
	"loyaltymcp/tools/run"
	"loyaltymcp/tools/toolset"
)

func manifest(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(t), filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// What the manifests say of the program is so.
func TestManifestsAgree(t *testing.T) {
	set, err := schemas.Load()
	if err != nil {
		t.Fatal(err)
	}
	all, err := toolset.New(set, func(context.Context) (*run.Desk, error) { return nil, errors.New("not opened") })
	if err != nil {
		t.Fatal(err)
	}
	var tools []string
	for _, tool := range all {
		tools = append(tools, tool.Name)
	}
	var plugin, bundle struct {
		Name, Version string
		Tools         []struct{ Name string }
	}
	manifest(t, ".claude-plugin/plugin.json", &plugin)
	manifest(t, "bundle/manifest.json", &bundle)
	var bundled []string
	for _, tool := range bundle.Tools {
		bundled = append(bundled, tool.Name)
	}
	if !slices.Equal(bundled, tools) {
		t.Errorf("the bundle lists %v, the server has %v", bundled, tools)
	}
	out, err := exec.Command(program(t), "version").Output()
	if version := strings.TrimSpace(strings.TrimPrefix(string(out), "loyalty-mcp")); err != nil || plugin.Version != version || bundle.Version != version {
		t.Errorf("%v: the plugin is %s, the bundle %s, the program %s", err, plugin.Version, bundle.Version, version)
	}
	var market struct {
		Plugins []struct{ Name, Source string }
	}
	manifest(t, ".claude-plugin/marketplace.json", &market)
	if len(market.Plugins) != 1 || market.Plugins[0].Name != plugin.Name || market.Plugins[0].Source != "./" {
		t.Errorf("the marketplace offers %+v, want the plugin of this folder", market.Plugins)
	}
}

// The bundle for Claude Desktop is valid, and what is in it runs.
func TestBundle(t *testing.T) {
	packer := module(t, "@anthropic-ai/mcpb/dist/cli/cli.js")
	file := filepath.Join(t.TempDir(), "loyalty.mcpb")
	out, says, status := command(t, root(t), append(private(t), "LOYALTY_MCP_BIN="+program(t)), "sh", "scripts/bundle.sh", file)
	if status != 0 {
		t.Fatalf("status %d\n%s%s", status, out, says)
	}
	folder := t.TempDir()
	if out, says, status := command(t, folder, private(t), "node", packer, "unpack", file, folder); status != 0 {
		t.Fatalf("unpacking: status %d\n%s%s", status, out, says)
	}
	for _, name := range []string{"manifest.json", "icon.png", "LICENSE"} {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			t.Error(err)
		}
	}
	if out, says, status := command(t, folder, private(t), filepath.Join(folder, "server", "loyalty-mcp"), "version"); status != 0 || !strings.HasPrefix(out, "loyalty-mcp ") {
		t.Errorf("the program in the bundle: status %d, %s%s", status, out, says)
	}
}

// The launcher runs what is built, builds once what is not, and lets nothing but the
// program write to standard output.
func TestLauncher(t *testing.T) {
	house := t.TempDir()
	for path, text := range map[string]string{
		"go.mod":                     "module small\n\ngo 1.26\n",
		"server/main.go":             "package main\n\nimport (\"fmt\"; \"os\")\n\nfunc main() { fmt.Println(\"ran with\", os.Args[1:]) }\n",
		".claude-plugin/plugin.json": "{\"version\": \"1.2.3\"}\n",
	} {
		file := filepath.Join(house, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(filepath.Join(root(t), "scripts", "launch.sh"))
	if err != nil {
		t.Fatal(err)
	}
	launcher := filepath.Join(house, "scripts", "launch.sh")
	if err := os.MkdirAll(filepath.Dir(launcher), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(launcher, text, 0o700); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(t.TempDir(), "data")
	cache, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	environment := append(private(t), "CLAUDE_PLUGIN_DATA="+data, "GOCACHE="+strings.TrimSpace(string(cache)))
	launch := func(environment []string, args ...string) (string, string, int) {
		t.Helper()
		return command(t, t.TempDir(), environment, "sh", append([]string{launcher}, args...)...)
	}
	// Two clients that start at once wait for one build.
	type answer struct {
		out, says string
		status    int
	}
	answers := make(chan answer, 2)
	for range 2 {
		go func() {
			out, says, status := launch(environment, "serve", "--x y")
			answers <- answer{out, says, status}
		}()
	}
	built := 0
	for range 2 {
		a := <-answers
		if a.status != 0 || a.out != "ran with [serve --x y]\n" {
			t.Errorf("status %d, standard output %q, standard error %q", a.status, a.out, a.says)
		}
		if strings.Contains(a.says, "building") {
			built++
		}
	}
	if built != 1 {
		t.Errorf("built %d times, want once", built)
	}
	if _, says, status := launch(environment, "serve"); status != 0 || says != "" {
		t.Errorf("once built it starts with status %d and says %q", status, says)
	}
	if out, _, _ := launch(append(environment, "LOYALTY_MCP_BIN=/bin/echo"), "hello"); out != "hello\n" {
		t.Errorf("a binary of the user's own: %q", out)
	}
	if err := os.MkdirAll(filepath.Join(house, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(house, "bin", "loyalty-mcp"), []byte("#!/bin/sh\necho built by hand\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if out, _, _ := launch(environment); out != "built by hand\n" {
		t.Errorf("a binary built by hand: %q", out)
	}
	// What can't be built says how to see why.
	if err := os.RemoveAll(filepath.Join(house, "bin")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(house, "server", "main.go"), []byte("package main\n\nfunc main() {"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, says, status := launch(append(private(t), "CLAUDE_PLUGIN_DATA="+filepath.Join(t.TempDir(), "other"), "GOCACHE="+strings.TrimSpace(string(cache))), "serve")
	if status != 1 || out != "" || !strings.Contains(says, "could not be built; run go build") {
		t.Errorf("a broken source: status %d, standard output %q, standard error %q", status, out, says)
	}
}
