package toolset_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools"
	"loyaltymcp/tools/run"
	"loyaltymcp/tools/toolset"
	"loyaltymcp/warehouse/demo"
)

// stages calls every stage and check_feeds, and returns their whole results.
func stages(t *testing.T, d *run.Desk, window string, dimensions ...string) map[string]any {
	t.Helper()
	all, err := toolset.New(testdesk.Schemas(t), func(context.Context) (*run.Desk, error) { return d, nil })
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]any{}
	call := func(name string, arguments map[string]any) tools.Result {
		i := slices.IndexFunc(all, func(tool tools.Tool) bool { return tool.Name == name })
		raw, err := json.Marshal(arguments)
		if err != nil {
			t.Fatal(err)
		}
		r, err := all[i].Call(context.Background(), raw)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return r
	}
	var opened struct {
		ID string `json:"run_id"`
	}
	if err := json.Unmarshal(call("pull_metrics", map[string]any{"window": window, "dimensions": dimensions}).JSON, &opened); err != nil {
		t.Fatal(err)
	}
	for _, stage := range run.Stages() {
		if stage != run.PullMetrics {
			call(stage, map[string]any{"run_id": opened.ID})
		}
		var whole json.RawMessage // what the run keeps, not what a call's budget lets through
		if ok, err := d.Store.Into(opened.ID, stage, &whole); !ok || err != nil {
			t.Fatalf("%s: %v, %v", stage, ok, err)
		}
		out[stage] = decode(t, whole)
	}
	out["check_feeds"] = decode(t, call("check_feeds", map[string]any{}).JSON)
	return out
}

// original takes the note that the data are a copy out of a result.
func original(result any) any {
	switch v := result.(type) {
	case map[string]any:
		for key := range v {
			v[key] = original(v[key])
		}
	case []any:
		v = slices.DeleteFunc(v, func(item any) bool {
			text, ok := item.(string)
			return ok && strings.Contains(text, "from a copy of the warehouse")
		})
		for i := range v {
			v[i] = original(v[i])
		}
		return v
	}
	return result
}

// The figures of a synced copy are those of its source.
func TestSyncedCopyAgrees(t *testing.T) {
	t.Parallel()
	folder := func(t *testing.T) string {
		dir := t.TempDir()
		sink, err := demo.NewCSV(dir)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := demo.Generate(context.Background(), demo.Options{Members: 3000, Seed: 2}, sink); err != nil {
			t.Fatal(err)
		}
		if err := sink.Close(); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	check := func(t *testing.T, source, copied *run.Desk, window string, dimensions ...string) {
		t.Helper()
		want, got := stages(t, source, window, dimensions...), stages(t, copied, window, dimensions...)
		metrics := got["pull_metrics"].(map[string]any)
		if text := fmt.Sprint(metrics["caveats"]); !strings.Contains(text, "from a copy of the warehouse, synced on 20") {
			t.Errorf("the result does not say that the data are a copy: %.300s", text)
		}
		found := differences("", want, original(got))
		for i, line := range found {
			if i < 20 {
				t.Error(line)
			}
		}
	}
	t.Run("CSV folder", func(t *testing.T) {
		dir := folder(t)
		check(t, testdesk.Config(t, string(demo.Config()), dir, "duckdb:"+dir), testdesk.Synced(t, string(demo.Config()), dir, "duckdb:"+dir), "30d", "tier", "region", "age_band")
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		source, copied := testdesk.SyncedOnPostgres(t, "loyalty_synced")
		check(t, source, copied, "quarter", "channel", "cohort")
	})
	t.Run("airline", func(t *testing.T) {
		if !long {
			t.Skip("a third program is for the long form: LOYALTY_LONG=1")
		}
		source := testdesk.Airline(t)
		root := testdesk.Root(t)
		text, err := os.ReadFile(filepath.Join(root, "examples", "airline.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		data := filepath.Join(root, "..", "shared", "data", "airline")
		check(t, source, testdesk.Synced(t, string(text), filepath.Join(root, "examples"), "duckdb:"+data), "2018-10-01..2019-01-01", "tier", "region", "education")
	})
}
