package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"loyaltymcp/internal/fault"
	"loyaltymcp/internal/testdesk"
	"loyaltymcp/schemas"
	"loyaltymcp/warehouse/demo"
	"loyaltymcp/warehouse/postgres/pgtest"
)

// The example with every kind of fault goes through the whole pipeline by the
// loyalty.yaml that is written beside it, and truth.json says what was planted.
func TestDemoPlanted(t *testing.T) {
	plant := filepath.Join(testdesk.Root(t), "examples", "plant.json")
	for format, data := range map[string]string{"csv": "orders.csv", "parquet": "orders.parquet", "duckdb": "demo.duckdb"} {
		t.Run(format, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "program")
			code, _, says := try(t, t.Context(), "demo", "--members", "1500", "--plant", plant, "--format", format, "--out", dir)
			if code != 0 {
				t.Fatal(says)
			}
			if _, err := os.Stat(filepath.Join(dir, data)); err != nil {
				t.Error(err)
			}
			truth := readTruth(t, filepath.Join(dir, "truth.json"))
			if truth.Planted == nil || len(truth.Planted.Faults) < len(demo.Kinds()) {
				t.Errorf("the truth doesn't say what was planted: %+v", truth.Planted)
			}
			state := t.TempDir()
			// Broken experiments or feeds may stop no stage.
			code, out, says := try(t, t.Context(), "monitor", "--json", "--detail", "full", "--config", filepath.Join(dir, "loyalty.yaml"),
				"--state", filepath.Join(state, "s"), "--plans", filepath.Join(state, "p"))
			if code != 0 {
				t.Fatal(says)
			}
			for _, x := range truth.Experiments {
				if !strings.Contains(out, `"`+x.ID) && !strings.Contains(out, x.ID) {
					t.Errorf("the pipeline doesn't know the experiment %s", x.ID)
				}
			}
		})
	}
}

func readTruth(t *testing.T, file string) demo.Truth {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	value, err := schemas.Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	schema, ok := testdesk.Schemas(t).Get("truth")
	if !ok {
		t.Fatal("no schema named truth")
	}
	if err := schema.Check(fault.Invalid, "truth", value); err != nil {
		t.Fatal(err)
	}
	var truth demo.Truth
	if err := json.Unmarshal(text, &truth); err != nil {
		t.Fatal(err)
	}
	return truth
}

func TestDemoSameBytes(t *testing.T) {
	plant := filepath.Join(testdesk.Root(t), "examples", "plant.json")
	dir := t.TempDir()
	for _, name := range []string{"a", "b"} {
		if code, _, says := try(t, t.Context(), "demo", "--members", "400", "--seed", "9", "--plant", plant, "--out", filepath.Join(dir, name)); code != 0 {
			t.Fatal(says)
		}
	}
	files := left(t, filepath.Join(dir, "a"))
	if len(files) < 13 {
		t.Fatalf("%d files", len(files))
	}
	for _, file := range files {
		a, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(filepath.Join(dir, "b", filepath.Base(file)))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(a, b) {
			t.Errorf("%s differs between two runs", filepath.Base(file))
		}
	}
}

func TestDemoFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "harbor.duckdb")
	code, out, says := try(t, t.Context(), "demo", "--members", "300", "--out", file)
	if code != 0 || !strings.Contains(out, "harbor.yaml") {
		t.Fatalf("status %d, %q, %q", code, out, says)
	}
	if truth := readTruth(t, filepath.Join(dir, "truth.json")); truth.Members != 300 || truth.Planted != nil {
		t.Errorf("the truth is of %d members and plants %v", truth.Members, truth.Planted)
	}
	if code, _, says := try(t, t.Context(), "check", "--config", filepath.Join(dir, "harbor.yaml"), "--state", filepath.Join(dir, "s")); code != 0 {
		t.Errorf("check: %s", says)
	}
	if code, _, says := try(t, t.Context(), "demo", "--members", "300", "--out", file); code != 1 || !strings.Contains(says, "already") {
		t.Errorf("a file that is there: status %d, %q", code, says)
	}
}

// The demo program in a database: what the command says to do next works word
// for word, no password is kept, and nothing is overwritten.
func TestDemoDatabase(t *testing.T) {
	for _, withTruth := range []bool{true, false} {
		dir := t.TempDir()
		t.Chdir(dir)
		t.Setenv("LOYALTY_STATE", filepath.Join(dir, "state"))
		t.Setenv("LOYALTY_PLANS", filepath.Join(dir, "plans"))
		target := pgtest.Database(t, testdesk.PostgresURL(t), "loyalty_demo_command")
		target = strings.Replace(target, "tester@", "tester:hunter2@", 1)
		args := []string{"demo", "--members", "800", "--out", target}
		if withTruth {
			args = append(args, "--truth", filepath.Join("known faults", "truth.json"))
		}
		code, out, says := try(t, t.Context(), args...)
		if code != 0 || strings.Contains(out+says, "hunter2") || !strings.Contains(out, "PGPASSWORD") {
			t.Fatalf("status %d, %q, %q; want no password, and where to put it", code, out, says)
		}
		_, next, _ := strings.Cut(out, "Next: loyalty-mcp ")
		verb, _, _ := strings.Cut(next, " ")
		if want := map[bool]string{true: "monitor", false: "init"}[withTruth]; verb != want {
			t.Errorf("next is %q, want %s", next, want)
		}
		if code, _, says := try(t, t.Context(), shellWords(next)...); code != 0 {
			t.Errorf("%s: status %d, %s", next, code, says)
		}
		config := "loyalty.yaml"
		if withTruth {
			config = filepath.Join("known faults", "loyalty.yaml")
			if truth := readTruth(t, filepath.Join("known faults", "truth.json")); truth.Members != 800 {
				t.Errorf("the truth is of %d members", truth.Members)
			}
		}
		text, err := os.ReadFile(config)
		if err != nil || strings.Contains(string(text), "hunter2") || !strings.Contains(string(text), "postgres://tester@") {
			t.Errorf("%v, %s names the database without its password: %s", err, config, text)
		}
		if code, _, says := try(t, t.Context(), "monitor", "--config", config); code != 0 {
			t.Errorf("monitor: %s", says)
		}
		if withTruth {
			args[len(args)-1] = filepath.Join("known faults", "other.json")
			if code, _, says := try(t, t.Context(), args...); code != 1 || !strings.Contains(says, "loyalty.yaml already") {
				t.Errorf("a loyalty.yaml that is there: status %d, %q", code, says)
			}
			args = args[:len(args)-2]
		}
		if code, _, says := try(t, t.Context(), args...); code != 1 || !strings.Contains(says, `"public"`) || !strings.Contains(says, "empty database") || strings.Contains(says, "hunter2") {
			t.Errorf("tables that are there: status %d, %q", code, says)
		}
	}
}

// shellWords takes a line apart at spaces outside of single quotes.
func shellWords(line string) []string {
	var words []string
	for i, part := range strings.Split(strings.TrimSpace(line), "'") {
		if i%2 == 1 {
			words = append(words, part)
			continue
		}
		words = append(words, strings.Fields(part)...)
	}
	return words
}

func TestDemoMistakes(t *testing.T) {
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad.json")
	if err := os.WriteFile(bad, []byte(`{"faults":[{"kind":"kpi_drop","size":0.2,"from":"2026-05-01","place":{"region":"Mars"}}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(dir, "new")
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"--out", to, "--plant", bad}, []string{"bad.json.faults[0].place.region", "Mars", "East"}},
		{[]string{"--out", to, "--plant", filepath.Join(dir, "none.json")}, []string{"--plant", "can't be read", "--help"}},
		{[]string{"--out", to, "--format", "xlsx"}, []string{"--format", "xlsx", "parquet"}},
		{[]string{"--out", to + ".duckdb", "--format", "csv"}, []string{"--format", "doesn't go"}},
		{[]string{"--out", to, "--truth", bad}, []string{"--truth", "already"}},
		{[]string{"--out", "postgres://nobody@127.0.0.1:1/none", "--format", "csv"}, []string{"--format", "database"}},
		{[]string{"--out", "postgres://nobody@127.0.0.1:1/none", "--plant", filepath.Join(testdesk.Root(t), "examples", "plant.json")}, []string{"--truth", "is missing"}},
	} {
		code, out, says := try(t, t.Context(), append([]string{"demo"}, c.args...)...)
		if code != 1 || out != "" {
			t.Errorf("%v: status %d, %q", c.args, code, out)
		}
		for _, want := range c.want {
			if !strings.Contains(says, want) {
				t.Errorf("%v: %q, want %q in it", c.args, says, want)
			}
		}
		if strings.Count(says, "\n") != 1 {
			t.Errorf("%v: %q is not one line", c.args, says)
		}
	}
	if files := left(t, to); len(files) != 0 {
		t.Errorf("left behind: %v", files)
	}
	_, _, says := try(t, t.Context(), "demo", "--help")
	for _, k := range demo.Kinds() {
		if !strings.Contains(says, k.Name) {
			t.Errorf("the help doesn't name %s", k.Name)
		}
	}
}
