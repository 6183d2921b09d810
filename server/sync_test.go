package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A program that is synced is read from its copy, which says when it was made.
func TestSync(t *testing.T) {
	h := newHouse(t)
	folder := t.TempDir()
	data, err := os.ReadFile(h.config)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(data), "duckdb:.", "duckdb:"+filepath.Dir(h.config), 1)
	if text == string(data) {
		text += "\nwarehouse: duckdb:" + filepath.Dir(h.config) + "\n"
	}
	h.config = filepath.Join(folder, "loyalty.yaml")
	config := func(more string) string {
		t.Helper()
		if err := os.WriteFile(h.config, []byte(text+more), 0o600); err != nil {
			t.Fatal(err)
		}
		return text + more
	}
	fails := func(want string, args ...string) {
		t.Helper()
		if code, out, err := try(t, context.Background(), args...); code != 1 || !strings.Contains(err, want) || strings.Contains(err, "internal") {
			t.Errorf("%v: status %d, %q, %q, want 1 with %q", args, code, out, err, want)
		}
	}
	config("")
	fails("sync.file: is not set", "sync", "--config", h.config)
	before := config("")
	for _, place := range []string{h.config, filepath.Join(folder, "members.csv")} {
		fails("must end in .duckdb", "sync", "--config", h.config, "--out", place)
	}
	if after, err := os.ReadFile(h.config); err != nil || string(after) != before {
		t.Errorf("loyalty.yaml is %.80q, %v, want it as it was", after, err)
	}
	config("sync: {file: copy.duckdb}\n")
	fails("Run loyalty-mcp sync", h.flags("check")...)

	code, out, errs := try(t, context.Background(), "sync", "--config", h.config)
	if code != 0 || !strings.Contains(out, "orders") || !strings.Contains(out, "rows/s") || !strings.Contains(out, "Synced") {
		t.Fatalf("status %d, %q, %q", code, out, errs)
	}
	code, out, errs = try(t, context.Background(), h.flags("monitor")...)
	if code != 0 || !strings.Contains(out, "from a copy of the warehouse") {
		t.Errorf("monitor: status %d, %.600q, %q, want 0 with a note on the copy", code, out, errs)
	}
	// A warehouse on the command line is read itself.
	code, out, errs = try(t, context.Background(), append(h.flags("monitor"), "--warehouse", "duckdb:"+filepath.Join(folder, "copy.duckdb"))...)
	if code != 0 || strings.Contains(out, "from a copy of the warehouse") {
		t.Errorf("monitor --warehouse: status %d, %.600q, %q, want 0 without a note", code, out, errs)
	}
	config("sync: {file: copy.duckdb}\nliability_spike: 0.3\n")
	if code, _, errs := try(t, context.Background(), h.flags("check")...); code != 0 {
		t.Errorf("another setting that is no mapping: status %d, %q", code, errs)
	}
	text = strings.Replace(text, "orders: {table: orders", "orders: {time_zone: Asia/Tokyo, table: orders", 1)
	config("sync: {file: copy.duckdb}\n")
	fails("was not made of this mapping", h.flags("check")...)
	fails("--out", "sync", "--oot", "x")

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if code, _, _ := try(t, ctx, "sync", "--config", h.config); code != 1 {
		t.Error("an interrupted sync succeeded")
	}
	if files := left(t, folder); len(files) != 2 {
		t.Errorf("the folder holds %v, want loyalty.yaml and the copy", files)
	}
}
