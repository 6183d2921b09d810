package schemas_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"loyaltymcp/internal/fault"
	"loyaltymcp/schemas"
)

func load(t *testing.T) *schemas.Set {
	t.Helper()
	set, err := schemas.Load()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func get(t *testing.T, name string) *schemas.Schema {
	t.Helper()
	s, ok := load(t).Get(name)
	if !ok {
		t.Fatalf("no schema %s", name)
	}
	return s
}

func decode(t *testing.T, text string) any {
	t.Helper()
	v, err := schemas.Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestCheckNamesTheFieldAndTheValidValues(t *testing.T) {
	cases := []struct{ name, schema, value, want string }{
		{"unknown argument", "pull_metrics.input", `{"windw":"30d"}`, `windw: unknown name "windw"; valid: window, `},
		{"unknown window", "pull_metrics.input", `{"window":"fortnight"}`, `window: "fortnight" is not valid; expected 7d, 30d (default), 90d, quarter`},
		{"enum", "pull_metrics.input", `{"detail":"ful"}`, `detail: "ful" is not a valid value; valid: full, summary`},
		{"type", "pull_metrics.input", `{"dimensions":7}`, `dimensions: must be array, but got number`},
		{"missing", "write_plan.input", `{"waivers":[{"stage":"pull_metrics"}]}`, `waivers[0]: missing 'reason'`},
		{"nested enum", "write_plan.input", `{"items":[{"type":"reward","title":"x","why":"y","evidence":[]}]}`, `items[0].type: "reward" is not a valid value; valid: rewards, `},
	}
	for _, c := range cases {
		err := get(t, c.schema).Check(fault.Invalid, "", decode(t, c.value))
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.name, err, c.want)
		}
	}
}

func TestCoerceMendsWhatAgentsMean(t *testing.T) {
	items := get(t, "write_plan.input")
	value := items.Coerce(decode(t, `{"objective":null,
		"items":"[{\"type\":\"journey\",\"title\":7,\"why\":\"y\",\"evidence\":[{\"point\":\"p\",\"value\":\"30\"}]}]"}`))
	if err := items.Check(fault.Invalid, "", value); err != nil {
		t.Errorf("after Coerce: %v", err)
	}
	s := get(t, "pull_metrics.input")
	value = s.Coerce(decode(t, `{"dimensions":"tier, region","as_of":null}`))
	if err := s.Check(fault.Invalid, "", value); err != nil {
		t.Fatalf("after Coerce: %v", err)
	}
	dimensions := value.(map[string]any)["dimensions"].([]any)
	if len(dimensions) != 2 || dimensions[1] != "region" {
		t.Errorf("dimensions = %v, want [tier region]", dimensions)
	}
}

func TestCoerceLeavesNonsense(t *testing.T) {
	s := get(t, "write_plan.input")
	value := s.Coerce(decode(t, `{"items":[{"type":"journey","title":"t","why":"y","evidence":[{"point":"p","value":"many"}]}]}`))
	if err := s.Check(fault.Invalid, "", value); err == nil {
		t.Error("a word was taken for a number")
	}
}

func TestBundlesAreSelfContained(t *testing.T) {
	set := load(t)
	for _, name := range set.Names() {
		s, _ := set.Get(name)
		if strings.Contains(string(s.Bundle()), "$ref") {
			t.Errorf("%s: bundle holds a reference", name)
		}
	}
}

// What is published of arguments keeps names, types, words and meanings, and
// leaves out the bounds that arguments are held to all the same.
func TestAskedLeavesOutBounds(t *testing.T) {
	s, ok := load(t).Get("pull_metrics.input")
	if !ok {
		t.Fatal("no such schema")
	}
	asked := string(s.Asked())
	for _, kept := range []string{`"window"`, `"dimensions"`, `"enum"`, `"description"`, `"additionalProperties":false`} {
		if !strings.Contains(asked, kept) {
			t.Errorf("%s is left out", kept)
		}
	}
	for _, bound := range []string{`"pattern"`, `"maxLength"`, `"maxItems"`} {
		if strings.Contains(asked, bound) || !strings.Contains(string(s.Bundle()), bound) {
			t.Errorf("%s: published, or not in the schema at all", bound)
		}
	}
}

// The schema of plans is a document of its own that says of every field what it
// means.
func TestThePlanIsDocumented(t *testing.T) {
	s, ok := load(t).Get("plan")
	if !ok {
		t.Fatal("no such schema")
	}
	alone := s.Alone()
	if strings.Contains(string(alone), `"$ref"`) {
		t.Error("it refers to another document")
	}
	compiled, err := jsonschema.CompileString("plan.json", string(alone))
	if err != nil {
		t.Fatalf("it does not compile alone: %v", err)
	}
	if err := compiled.Validate(map[string]any{"plan_id": 1}); err == nil {
		t.Error("alone it takes anything")
	}
	var doc map[string]any
	if err := json.Unmarshal(alone, &doc); err != nil || doc["$schema"] == nil || doc["title"] == nil {
		t.Errorf("%v; it lacks its dialect or its title", err)
	}
	fields := 0
	var walk func(path string, node any)
	walk = func(path string, node any) {
		n, ok := node.(map[string]any)
		if !ok {
			return
		}
		if properties, ok := n["properties"].(map[string]any); ok {
			for name, p := range properties {
				fields++
				if says, _ := p.(map[string]any)["description"].(string); says == "" {
					t.Errorf("%s.%s is not described", path, name)
				}
				walk(path+"."+name, p)
			}
		}
		walk(path+"[]", n["items"])
	}
	walk("plan", doc)
	if fields < 150 {
		t.Errorf("%d fields looked at, want all", fields)
	}
}
