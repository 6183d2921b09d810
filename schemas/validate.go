package schemas

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"

	"loyaltymcp/internal/fault"
)

// Violation is one way in which a value breaks a schema.
type Violation struct {
	Pointer string   // JSON pointer into the value
	Message string   // what is wrong there
	Got     string   // the offending name or value where there is one
	Valid   []string // valid names or values, if they can be listed
}

// Validate returns how the value breaks the schema, or nil. The value must be
// built of the types that Decode returns.
func (s *Schema) Validate(value any) []Violation {
	err := s.compiled.Validate(value)
	if err == nil {
		return nil
	}
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return []Violation{{Message: err.Error()}}
	}
	var found []Violation
	s.collect(invalid, value, &found)
	if len(found) == 0 {
		found = append(found, Violation{Message: invalid.Message})
	}
	slices.SortStableFunc(found, func(a, b Violation) int { return strings.Compare(a.Pointer, b.Pointer) })
	return found
}

// Check validates and returns the first violation as an error of the kind,
// named by its path below prefix, with the number of the others.
func (s *Schema) Check(kind fault.Kind, prefix string, value any) *fault.Error {
	found := s.Validate(value)
	if found == nil {
		return nil
	}
	first := found[0]
	field := Path(first.Pointer)
	if prefix != "" {
		field = strings.TrimSuffix(prefix+"."+field, ".")
	}
	e := fault.New(kind, field, "%s", first.Message).OneOf(first.Got, first.Valid)
	if n := len(found) - 1; n > 0 {
		e.Message += fmt.Sprintf(" (and %d more)", n)
	}
	return e
}

// collect gathers the leaves of a validation error. Alternatives (anyOf,
// oneOf) count as one violation: their leaves contradict each other.
func (s *Schema) collect(e *jsonschema.ValidationError, value any, out *[]Violation) {
	keyword := e.KeywordLocation[strings.LastIndexByte(e.KeywordLocation, '/')+1:]
	if len(e.Causes) > 0 && keyword != "anyOf" && keyword != "oneOf" {
		for _, cause := range e.Causes {
			s.collect(cause, value, out)
		}
		return
	}
	v := Violation{Pointer: e.InstanceLocation, Message: e.Message}
	location, err := url.PathUnescape(e.AbsoluteKeywordLocation)
	if err != nil {
		location = e.AbsoluteKeywordLocation
	}
	parent, _ := s.docs.resolve(location[:strings.LastIndexByte(location, '/')]).(map[string]any)
	got := at(value, e.InstanceLocation)
	description, _ := parent["description"].(string)
	switch keyword {
	case "additionalProperties", "unevaluatedProperties":
		known, _ := parent["properties"].(map[string]any)
		for name := range known {
			v.Valid = append(v.Valid, name)
		}
		slices.Sort(v.Valid)
		var unknown []string
		if object, ok := got.(map[string]any); ok {
			for name := range object {
				if _, ok := known[name]; !ok {
					unknown = append(unknown, name)
				}
			}
		}
		slices.Sort(unknown)
		if len(unknown) > 0 {
			v.Got = unknown[0]
			v.Pointer += "/" + strings.ReplaceAll(strings.ReplaceAll(v.Got, "~", "~0"), "/", "~1")
			v.Message = "unknown name " + quoted(unknown)
		}
	case "enum":
		for _, option := range anySlice(parent["enum"]) {
			v.Valid = append(v.Valid, fmt.Sprint(option))
		}
		v.Got = fmt.Sprint(got)
		v.Message = fmt.Sprintf("%q is not a valid value", v.Got)
	case "required":
		v.Message = strings.Replace(e.Message, "missing properties:", "missing", 1)
	case "type":
		v.Message = strings.Replace(e.Message, "expected", "must be", 1)
	case "format":
		v.Message = fmt.Sprintf("%q is not valid", fmt.Sprint(got))
		if parent["format"] == "date" {
			v.Message = fmt.Sprintf("%q is no date; write YYYY-MM-DD", fmt.Sprint(got))
		}
	case "pattern":
		v.Message = fmt.Sprintf("%q is not valid", fmt.Sprint(got))
		if description != "" {
			v.Message += "; expected " + lowerFirst(description)
		}
	case "anyOf", "oneOf":
		v.Message = fmt.Sprintf("%v fits none of the allowed forms", short(got))
		if description != "" {
			v.Message += "; expected " + lowerFirst(description)
		}
	}
	*out = append(*out, v)
}

func anySlice(v any) []any {
	list, _ := v.([]any)
	return list
}

func quoted(names []string) string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = fmt.Sprintf("%q", name)
	}
	return strings.Join(out, ", ")
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

func short(v any) string {
	s := fmt.Sprint(v)
	if len(s) > 60 {
		s = s[:57] + "..."
	}
	return s
}
