package clients_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// serveHTTP starts the program's HTTP server and returns where it is.
func serveHTTP(t *testing.T) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	c := exec.CommandContext(ctx, program(t), "serve", "--http", "127.0.0.1:0", "--config", demoConfig(t), "--plans", filepath.Join(t.TempDir(), "plans"))
	c.Env = append(private(t), "PATH="+os.Getenv("PATH"))
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	c.WaitDelay = 10 * time.Second
	says, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); _ = c.Wait() })
	lines := bufio.NewScanner(says)
	url := ""
	if !lines.Scan() {
		t.Fatal("the server says nothing")
	}
	if _, err := fmt.Sscanf(lines.Text(), "loyalty-mcp serves MCP at %s", &url); err != nil {
		t.Fatalf("the server says %q", lines.Text())
	}
	go func() {
		for lines.Scan() { // so that the server is never held up
		}
	}()
	return url
}

// The official conformance suite: whatever needs no fixture of its own passes.
func TestConformance(t *testing.T) {
	suite := module(t, "@modelcontextprotocol/conformance/dist/index.js")
	out, says, status := command(t, ".", private(t), "node", "--import", "./globsync.mjs", suite, "server", "--url", serveHTTP(t), "--expected-failures", "conformance.baseline.yml")
	if status != 0 {
		t.Errorf("status %d\n%s%s", status, says, out)
	}
	for _, scenario := range []string{"server-initialize", "ping", "logging-set-level", "completion-complete", "tools-list", "resources-list", "prompts-list", "dns-rebinding-protection"} {
		if !strings.Contains(out, "✓ "+scenario+":") {
			t.Errorf("%s did not pass:\n%s", scenario, out)
		}
	}
}
