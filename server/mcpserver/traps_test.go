package mcpserver_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math"
	"strings"
	"testing"
	"testing/fstest"

	"loyaltymcp/internal/fault"
	"loyaltymcp/schemas"
	"loyaltymcp/server/mcpserver"
	"loyaltymcp/tools"
	"loyaltymcp/tools/run"
)

// probe is a result that can be made to misbehave.
type probe struct {
	Days   int      `json:"days"`
	Rate   float64  `json:"rate"`
	Names  []string `json:"names"`
	Nested struct {
		Items []int `json:"items"`
	} `json:"nested"`
}

func (p *probe) Markdown() string { return "days and rate" }

type probeArgs struct {
	Days       int      `json:"days"`
	Dimensions []string `json:"dimensions"`
	Mode       string   `json:"mode"`
}

var probeSchemas = fstest.MapFS{
	"probe.input.schema.json": {Data: []byte(`{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","additionalProperties":false,
		"properties":{"days":{"type":"integer","minimum":1,"maximum":730},"dimensions":{"type":"array","items":{"type":"string"}},"mode":{"type":"string"}}}`)},
	"probe.output.schema.json": {Data: []byte(`{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","additionalProperties":false,"required":["days","rate","names","nested"],
		"properties":{"days":{"type":"integer"},"rate":{"type":"number"},"names":{"type":"array"},"nested":{"type":"object","properties":{"items":{"type":"array"}}}}}`)},
}

// newProbe returns a server with one tool that misbehaves as its mode says.
func newProbe(t *testing.T) func(arguments string) (result map[string]any, rpcError any) {
	t.Helper()
	set, err := schemas.LoadFS(probeSchemas)
	if err != nil {
		t.Fatal(err)
	}
	tool, err := tools.Define(set, tools.Spec{Name: "probe", Title: "Probe", Description: "A probe."}, func(_ context.Context, a probeArgs) (*probe, error) {
		p := &probe{Days: a.Days, Names: a.Dimensions}
		switch a.Mode {
		case "nan":
			p.Rate = math.NaN()
		case "panic":
			panic("secret insides")
		case "teach":
			return nil, fault.New(fault.Invalid, "mode", "teaches nothing").OneOf("teach", []string{"calm"}).Then("Try calm")
		case "fail":
			return nil, errors.New("SELECT secret FROM insides")
		}
		return p, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	none := func(context.Context) (*run.Desk, error) { return nil, errors.New("no desk") }
	s, err := mcpserver.New(mcpserver.Deps{Tools: []tools.Tool{tool}, Schemas: set, Open: none, Version: "test", Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	return func(arguments string) (map[string]any, any) {
		t.Helper()
		message := `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"probe","arguments":` + arguments + `}}`
		raw, err := json.Marshal(s.HandleMessage(context.Background(), json.RawMessage(message)))
		if err != nil {
			t.Fatalf("%s: the reply can't be marshalled: %v", arguments, err)
		}
		var reply struct {
			Result map[string]any `json:"result"`
			Error  any            `json:"error"`
		}
		if err := json.Unmarshal(raw, &reply); err != nil {
			t.Fatal(err)
		}
		return reply.Result, reply.Error
	}
}

// text returns the text of a tool error, and fails when it is none.
func text(t *testing.T, result map[string]any) string {
	t.Helper()
	if result["isError"] != true {
		t.Fatalf("got %v, want a tool error", result)
	}
	return result["content"].([]any)[0].(map[string]any)["text"].(string)
}

func TestNaNStillAnswers(t *testing.T) {
	result, rpc := newProbe(t)(`{"mode":"nan"}`)
	if rpc != nil {
		t.Fatalf("protocol error %v, want a tool error", rpc)
	}
	if got := text(t, result); !strings.Contains(got, "NaN") {
		t.Errorf("got %q, want it to name the NaN", got)
	}
}

func TestFailuresBecomeReadableToolErrors(t *testing.T) {
	call := newProbe(t)
	for mode, want := range map[string]string{
		"panic": "failed internally",
		"fail":  "failed internally",
		"teach": `mode: teaches nothing; valid: calm. Try calm.`,
	} {
		result, rpc := call(`{"mode":"` + mode + `"}`)
		if rpc != nil {
			t.Fatalf("%s: protocol error %v, want a tool error", mode, rpc)
		}
		got := text(t, result)
		if !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want it to say %q", mode, got, want)
		}
		if strings.Contains(got, "secret") {
			t.Errorf("%s: insides leaked: %q", mode, got)
		}
	}
}

func TestUnknownArgumentsAreNamed(t *testing.T) {
	result, _ := newProbe(t)(`{"dayz":3}`)
	if got, want := text(t, result), `dayz: unknown name "dayz"; valid: days, mode, dimensions`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestNumbersAreTakenAsMeant(t *testing.T) {
	call := newProbe(t)
	for _, days := range []string{`30`, `30.0`, `"30"`, `3e1`} {
		result, rpc := call(`{"days":` + days + `}`)
		if rpc != nil || result["isError"] == true {
			t.Errorf("days %s: got %v %v, want it accepted", days, result, rpc)
			continue
		}
		if got := result["structuredContent"].(map[string]any)["days"]; got != 30.0 {
			t.Errorf("days %s: got %v, want 30", days, got)
		}
	}
	result, _ := call(`{"days":9999}`)
	if got := text(t, result); !strings.HasPrefix(got, "days: must be <= 730") {
		t.Errorf("got %q, want the limit named", got)
	}
}

func TestListsAreNeverNull(t *testing.T) {
	result, _ := newProbe(t)(`{}`)
	content := result["structuredContent"].(map[string]any)
	if content["names"] == nil || content["nested"].(map[string]any)["items"] == nil {
		t.Errorf("got %v, want empty lists", content)
	}
}
