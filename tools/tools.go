// Package tools says what a tool is: a name, a description, two schemas, four
// hints and a function. The stages of the monitor are tools, one package each;
// agents call them over MCP and people from the command line, through the same
// Call.
package tools

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"runtime/debug"

	"loyaltymcp/internal/fault"
	"loyaltymcp/schemas"
	"loyaltymcp/warehouse"
)

// Hints tell a client what a tool may do. All four are always published:
// a client assumes the worst of what it isn't told.
type Hints struct {
	ReadOnly    bool // changes nothing
	Destructive bool // may overwrite or remove
	Idempotent  bool // calling twice is calling once
	OpenWorld   bool // reaches beyond the program's own data
	Person      bool // a person is to agree to each call
}

// Spec is what a tool is called and what it promises.
type Spec struct {
	Name        string
	Title       string
	Description string // Markdown for the agent; the most important sentence first
	Hints       Hints
}

// View is a tool's result: its JSON form is the structured result, Markdown
// says the same to people.
type View interface {
	Markdown() string
}

// Result is what a call returns.
type Result struct {
	JSON json.RawMessage // validated against the tool's output schema
	Text string          // the same in short Markdown
	Attached
}

// Attached is what a result has beside its words: for people, not for models.
type Attached struct {
	Pictures []Picture
	Links    []Link
}

// Picture is a PNG.
type Picture struct {
	Name string
	PNG  []byte
}

// Link names a resource that holds more.
type Link struct{ URI, Name, MIME string }

// Attachments is a result that has pictures or links.
type Attachments interface{ Attachments() Attached }

// Tool is a defined tool.
type Tool struct {
	Spec
	Input  json.RawMessage // the published input schema, self-contained
	Output json.RawMessage // an outline of the output schema
	call   func(context.Context, json.RawMessage) (Result, error)
}

// Define makes a tool of a function on typed arguments. The schemas are
// NAME.input and NAME.output of the set; a tool whose schemas are missing is a
// defect, found at start-up.
func Define[A any, R View](set *schemas.Set, spec Spec, run func(context.Context, A) (R, error)) (Tool, error) {
	input, ok := set.Get(spec.Name + ".input")
	if !ok {
		return Tool{}, fmt.Errorf("tool %s has no input schema", spec.Name)
	}
	output, ok := set.Get(spec.Name + ".output")
	if !ok {
		return Tool{}, fmt.Errorf("tool %s has no output schema", spec.Name)
	}
	call := func(ctx context.Context, raw json.RawMessage) (Result, error) {
		var args A
		if err := Decode(input, raw, &args); err != nil {
			return Result{}, err
		}
		result, err := run(ctx, args)
		if err != nil {
			return Result{}, err
		}
		return encode(spec.Name, output, result)
	}
	return Tool{Spec: spec, Input: input.Asked(), Output: output.Outline(), call: call}, nil
}

// Call runs the tool. Its error is for the caller to read: one of package
// fault, the context's, or a failure of the machine.
func (t Tool) Call(ctx context.Context, arguments json.RawMessage) (result Result, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%s panicked: %v\n%s", t.Name, p, debug.Stack())
		}
	}()
	ctx, _ = warehouse.Patient(ctx) // a call is one pull of data
	return t.call(ctx, arguments)
}

// Decode mends, validates and then binds arguments.
func Decode(schema *schemas.Schema, raw json.RawMessage, into any) error {
	if len(raw) == 0 || string(raw) == "null" {
		raw = json.RawMessage("{}")
	}
	value, err := schemas.Decode(raw)
	if err != nil {
		return fault.New(fault.Invalid, "arguments", "are not one JSON object").Because(err)
	}
	value = schema.Coerce(value)
	if e := schema.Check(fault.Invalid, "", value); e != nil {
		if e.Field == "" {
			e.Field = "arguments"
		}
		return e
	}
	plain, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("binding arguments: %w", err)
	}
	if err := json.Unmarshal(plain, into); err != nil {
		return fmt.Errorf("binding arguments: %w", err)
	}
	return nil
}

// encode marshals a result once and validates the very bytes that leave. A
// result that can't be marshalled (a NaN) or breaks its schema is our defect
// and leaves as an error, never as a wrong answer.
func encode[R View](name string, schema *schemas.Schema, result R) (Result, error) {
	v := reflect.ValueOf(&result).Elem()
	FillNilSlices(v)
	raw, err := marshal(v.Interface())
	if err != nil {
		return Result{}, fault.New(fault.Internal, name, "made a result that can't be sent").Because(err)
	}
	value, err := schemas.Decode(raw)
	if err != nil {
		return Result{}, fmt.Errorf("%s: reading its own result: %w", name, err)
	}
	if e := schema.Check(fault.Internal, name+" result", value); e != nil {
		return Result{}, e
	}
	out := Result{JSON: raw, Text: result.Markdown()}
	if a, ok := any(result).(Attachments); ok {
		out.Attached = a.Attachments()
	}
	return out, nil
}

// marshal is json.Marshal without the escapes that only HTML needs: an agent
// should read <, not \u003c.
func marshal(value any) (json.RawMessage, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// FillNilSlices makes every nil slice below v that JSON would write an empty
// one: a list is never null.
func FillNilSlices(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			FillNilSlices(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				FillNilSlices(v.Field(i))
			}
		}
	case reflect.Slice:
		if v.IsNil() && v.CanSet() && v.Type().Elem().Kind() != reflect.Uint8 {
			v.Set(reflect.MakeSlice(v.Type(), 0, 0))
		}
		for i := range v.Len() {
			FillNilSlices(v.Index(i))
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			// Values of a map can't be set in place; those we send hold no lists.
			FillNilSlices(v.MapIndex(key))
		}
	}
}
