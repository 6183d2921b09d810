package clients_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// scratch is where the program and its data are put for the tests.
var scratch string

func TestMain(m *testing.M) {
	var err error
	if scratch, err = os.MkdirTemp("", "loyalty-mcp-clients-"); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(scratch)
	os.Exit(code)
}

// module installs nothing: it returns the path of a file of an npm package, and
// skips, or in CI fails, where it is not there.
func module(t *testing.T, path string) string {
	t.Helper()
	file, err := filepath.Abs(filepath.Join("node_modules", filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is not installed: npm install --no-save --prefix internal/clients", path)
		}
		t.Skipf("%s is not installed: npm install --no-save --prefix internal/clients", path)
	}
	return file
}

// root is the module's root.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	return dir
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

func program(t *testing.T) string {
	t.Helper()
	file, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// writeDemo writes a small demo program once.
var writeDemo = sync.OnceValues(func() (string, error) {
	file, err := binary()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(scratch, "demo")
	out, err := exec.Command(file, "demo", "--out", dir, "--members", "2000", "--format", "duckdb").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("writing the demo: %w\n%s", err, out)
	}
	return filepath.Join(dir, "loyalty.yaml"), nil
})

func demoConfig(t *testing.T) string {
	t.Helper()
	config, err := writeDemo()
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// command runs a command in a folder with an environment of its own, and returns
// what it wrote to each side and its exit status.
func command(t *testing.T, dir string, environment []string, name string, args ...string) (out, errors string, status int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, name, args...)
	c.Dir = dir
	c.Env = append([]string{"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "TERM=dumb"}, environment...)
	var stdout, stderr strings.Builder
	c.Stdout, c.Stderr = &stdout, &stderr
	c.WaitDelay = 5 * time.Second
	if err := c.Run(); err != nil && c.ProcessState == nil {
		t.Fatalf("%s: %v", name, err)
	}
	return stdout.String(), stderr.String(), c.ProcessState.ExitCode()
}

// private returns an environment whose home, temporary folder and state are the
// test's own.
func private(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"home", "tmp"} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return []string{"HOME=" + filepath.Join(dir, "home"), "TMPDIR=" + filepath.Join(dir, "tmp"), "LOYALTY_STATE=" + filepath.Join(dir, "state")}
}
