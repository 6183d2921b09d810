package tools_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"loyaltymcp/internal/fault"
	"loyaltymcp/schemas"
	"loyaltymcp/tools"
)

func set(t *testing.T, files map[string]string) *schemas.Set {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name+".schema.json"] = &fstest.MapFile{Data: []byte(text)}
	}
	s, err := schemas.LoadFS(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const input = `{"type":"object","additionalProperties":false,"required":["window"],"properties":{
	"window":{"type":"string"},"days":{"type":"integer"},"share":{"type":"number"},"dimensions":{"type":"array","items":{"type":"string"}},"deep":{"type":"boolean"}}}`

const output = `{"type":"object","additionalProperties":false,"required":["rows","value"],"properties":{
	"rows":{"type":"array","items":{"type":"object"}},"value":{"type":"number","maximum":10},"inner":{"type":"object","properties":{"list":{"type":"array"}}}}}`

type args struct {
	Window     string   `json:"window"`
	Days       int      `json:"days"`
	Share      float64  `json:"share"`
	Dimensions []string `json:"dimensions"`
	Deep       bool     `json:"deep"`
}

type row struct {
	Names []string `json:"names"`
}

type result struct {
	Rows  []row   `json:"rows"`
	Value float64 `json:"value"`
	Inner *struct {
		List []string `json:"list"`
	} `json:"inner,omitempty"`
}

func (r *result) Markdown() string { return fmt.Sprintf("value %v", r.Value) }

func define(t *testing.T, run func(context.Context, args) (*result, error)) tools.Tool {
	t.Helper()
	tool, err := tools.Define(set(t, map[string]string{"x.input": input, "x.output": output}), tools.Spec{Name: "x", Title: "X"}, run)
	if err != nil {
		t.Fatal(err)
	}
	return tool
}

// What an agent plainly means is taken so.
func TestDecodeMends(t *testing.T) {
	schema, _ := set(t, map[string]string{"x.input": input}).Get("x.input")
	for _, c := range []struct {
		raw  string
		want args
	}{
		{`{"window":"7d"}`, args{Window: "7d"}}, {`{"window":7}`, args{Window: "7"}}, {`"{\"window\":\"7d\"}"`, args{Window: "7d"}},
		{`{"window":"7d","days":"30"}`, args{Window: "7d", Days: 30}}, {`{"window":"7d","days":30.0}`, args{Window: "7d", Days: 30}}, {`{"window":"7d","days":3e1}`, args{Window: "7d", Days: 30}},
		{`{"window":"7d","share":"0.5"}`, args{Window: "7d", Share: 0.5}}, {`{"window":"7d","deep":"true"}`, args{Window: "7d", Deep: true}},
		{`{"window":"7d","dimensions":"tier, region"}`, args{Window: "7d", Dimensions: []string{"tier", "region"}}}, {`{"window":"7d","dimensions":"tier"}`, args{Window: "7d", Dimensions: []string{"tier"}}},
		{`{"window":"7d","dimensions":"[\"tier\"]"}`, args{Window: "7d", Dimensions: []string{"tier"}}}, {`{"window":"7d","days":null}`, args{Window: "7d"}},
	} {
		var got args
		if err := tools.Decode(schema, json.RawMessage(c.raw), &got); err != nil || fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s = %+v, %v, want %+v", c.raw, got, err, c.want)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	schema, _ := set(t, map[string]string{"x.input": input}).Get("x.input")
	for _, c := range []struct{ raw, want string }{
		{`{"windw":"7d"}`, "window"}, {`{}`, "window"}, {``, "window"}, {`null`, "window"}, {`{"window":"7d","day":1}`, "valid: days"}, {`{"window":null}`, "window"},
		{`{"window":"7d","days":"soon"}`, "days"}, {`{"window":"7d","days":0.5}`, "days"}, {`{"window":"7d","days":1e999999999}`, "days"}, {`{"window":"7d","share":"NaN"}`, "share"},
		{`{"window":["7d"]}`, "window"}, {`{"window":"7d","dimensions":{"a":1}}`, "dimensions"}, {`[`, "arguments"}, {`{} {}`, "arguments"}, {`[1]`, "arguments"}, {`7`, "arguments"}, {`"x"`, "arguments"},
	} {
		var got args
		err := tools.Decode(schema, json.RawMessage(c.raw), &got)
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one of kind invalid with %q", c.raw, err, c.want)
		}
	}
}

func TestCall(t *testing.T) {
	tool := define(t, func(_ context.Context, a args) (*result, error) {
		switch a.Window {
		case "nan":
			return &result{Value: math.NaN()}, nil
		case "high":
			return &result{Value: 11}, nil
		case "panic":
			panic("a defect")
		case "fault":
			return nil, fault.New(fault.NotFound, "run_id", "is gone")
		case "inner":
			r := &result{Rows: []row{{}, {Names: []string{"a"}}}}
			r.Inner = &struct {
				List []string `json:"list"`
			}{}
			return r, nil
		}
		return &result{Value: 1.5}, nil
	})
	got, err := tool.Call(context.Background(), json.RawMessage(`{"window":"7d"}`))
	if err != nil || string(got.JSON) != `{"rows":[],"value":1.5}` || got.Text != "value 1.5" {
		t.Errorf("call = %s, %q, %v, want a list that is never null", got.JSON, got.Text, err)
	}
	got, err = tool.Call(context.Background(), json.RawMessage(`{"window":"inner"}`))
	if want := `{"rows":[{"names":[]},{"names":["a"]}],"value":0,"inner":{"list":[]}}`; err != nil || string(got.JSON) != want {
		t.Errorf("call = %s, %v, want %s", got.JSON, err, want)
	}
	for window, want := range map[string]string{"nan": "can't be sent", "high": "x result.value"} {
		got, err := tool.Call(context.Background(), json.RawMessage(`{"window":"`+window+`"}`))
		if !fault.Is(err, fault.Internal) || !strings.Contains(err.Error(), want) || got.JSON != nil {
			t.Errorf("%s = %s, %v, want an error of kind internal with %q", window, got.JSON, err, want)
		}
	}
	if _, err := tool.Call(context.Background(), json.RawMessage(`{"window":"panic"}`)); err == nil || !strings.Contains(err.Error(), "a defect") || strings.Contains(tools.Explain(err), "defect") {
		t.Errorf("a panic: error %v, explained %q, want one for the log that callers don't read", err, tools.Explain(err))
	}
	if _, err := tool.Call(context.Background(), json.RawMessage(`{"window":"fault"}`)); !fault.Is(err, fault.NotFound) {
		t.Errorf("error %v, want the tool's", err)
	}
}

func TestDefineWantsSchemas(t *testing.T) {
	for _, files := range []map[string]string{{"x.input": input}, {"x.output": output}, {}} {
		if _, err := tools.Define(set(t, files), tools.Spec{Name: "x"}, func(context.Context, args) (*result, error) { return nil, nil }); err == nil {
			t.Errorf("defined with %v alone", files)
		}
	}
}

func TestExplain(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{nil, ""}, {fault.New(fault.Invalid, "window", "is odd").Then("Mend it"), "window: is odd. Mend it."},
		{fmt.Errorf("deep: %w", fault.New(fault.Conflict, "run_id", "is old")), "run_id: is old"},
		{fmt.Errorf("query: %w", context.DeadlineExceeded), "longer than allowed"}, {fmt.Errorf("query: %w", context.Canceled), "cancelled"},
		{fault.New(fault.Internal, "value", "must be <= 10"), "internal check"},
	} {
		if got := tools.Explain(c.err); !strings.Contains(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%v is explained as %q, want %q", c.err, got, c.want)
		}
	}
	if got := tools.Explain(errors.New("SELECT secret FROM /home/anna")); strings.Contains(got, "secret") || strings.Contains(got, "anna") || got == "" {
		t.Errorf("a failure is explained as %q, want nothing of its text", got)
	}
}

// list is a result of rows that can be dropped.
type list struct {
	Rows    []string `json:"rows"`
	Dropped int      `json:"dropped"`
}

func (l *list) Trim() bool {
	if len(l.Rows) == 0 {
		return false
	}
	l.Rows = l.Rows[:len(l.Rows)-1]
	l.Dropped++
	return true
}

func TestFit(t *testing.T) {
	for _, c := range []struct {
		rows   int
		full   bool
		budget int
		drops  bool
	}{{10, false, tools.SummaryTokens, false}, {1000, false, tools.SummaryTokens, true}, {200, true, tools.FullTokens, false}, {5000, true, tools.FullTokens, true}} {
		l := &list{Rows: slices.Repeat([]string{strings.Repeat("x", 50)}, c.rows)}
		if err := tools.Fit(l, c.full); err != nil {
			t.Fatal(err)
		}
		raw, err := json.Marshal(l)
		if err != nil {
			t.Fatal(err)
		}
		if tools.Tokens(raw) > c.budget || (l.Dropped > 0) != c.drops || len(l.Rows)+l.Dropped != c.rows {
			t.Errorf("%d rows, full %v: %d tokens, %d kept, %d dropped; want %d tokens at most, drops %v", c.rows, c.full, tools.Tokens(raw), len(l.Rows), l.Dropped, c.budget, c.drops)
		}
		// No more is dropped than must be.
		if l.Dropped > 0 {
			l.Rows = append(l.Rows, strings.Repeat("x", 50))
			if raw, _ := json.Marshal(l); tools.Tokens(raw) <= c.budget {
				t.Errorf("%d rows, full %v: one more would have fitted", c.rows, c.full)
			}
		}
	}
	// What can't shrink any further is let through; it must not hang.
	huge := &stubborn{strings.Repeat("x", 100_000)}
	if err := tools.Fit(huge, false); err != nil {
		t.Error(err)
	}
	if err := tools.Fit(&broken{}, false); err == nil {
		t.Error("a result that can't be marshalled fitted")
	}
}

type stubborn struct{ Text string }

func (*stubborn) Trim() bool { return false }

type broken struct{ C chan int }

func (*broken) Trim() bool { return true }

func TestTokens(t *testing.T) {
	for bytes, want := range map[int]int{0: 0, 1: 1, 3: 1, 4: 2, 6000: 2000} {
		if got := tools.Tokens(make([]byte, bytes)); got != want {
			t.Errorf("tokens of %d bytes = %d, want %d", bytes, got, want)
		}
	}
}

func TestProgress(t *testing.T) {
	if tools.Progress(context.Background(), 4) != nil {
		t.Error("progress nobody asked for")
	}
	var mu sync.Mutex
	var last, calls int
	ctx := tools.WithProgress(context.Background(), func(done, total int, what string) {
		mu.Lock()
		defer mu.Unlock()
		if done < last || total != 4 || what == "" {
			t.Errorf("progress %d of %d (%s) after %d", done, total, what, last)
		}
		last, calls = done, calls+1
	})
	report := tools.Progress(ctx, 4)
	var group sync.WaitGroup
	for _, stage := range []string{"a", "b", "c", "d"} {
		group.Go(func() { report(stage, false); report(stage, true) })
	}
	group.Wait()
	if last != 4 || calls != 8 {
		t.Errorf("at last %d of 4 in %d calls, want 4 in 8", last, calls)
	}
}
