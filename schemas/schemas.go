// Package schemas holds the JSON Schemas of everything that enters or leaves
// the program (tool arguments and results, loyalty.yaml, the plan) and
// applies them.
//
// The *.schema.json files beside this one are the contract; nothing else
// describes it. Load compiles all of them at once, so a schema that does not
// compile stops the program at start-up instead of silently validating
// nothing. References between files are resolved among the embedded files
// only; nothing is ever fetched.
package schemas

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v5"
)

//go:embed *.schema.json
var files embed.FS

const (
	suffix = ".schema.json"
	base   = "schema://loyalty/"
)

// Set is the compiled schemas by name ("plan", "pull_metrics.input").
type Set struct {
	schemas map[string]*Schema
	docs    documents
}

// Schema is one compiled schema.
type Schema struct {
	Name     string
	compiled *jsonschema.Schema
	docs     documents
}

// documents are the schemas as plain JSON values by URL, for messages,
// coercion and publishing, which need what compilation drops.
type documents map[string]any

// Load compiles the embedded schemas.
func Load() (*Set, error) { return LoadFS(files) }

// LoadFS compiles the *.schema.json files of a file system.
func LoadFS(fsys fs.FS) (*Set, error) {
	compiler := jsonschema.NewCompiler()
	compiler.Draft = jsonschema.Draft2020
	compiler.AssertFormat = true
	compiler.LoadURL = func(url string) (io.ReadCloser, error) {
		return nil, fmt.Errorf("schema %s is not among the embedded files", url)
	}
	set := &Set{schemas: map[string]*Schema{}, docs: documents{}}
	names, err := fs.Glob(fsys, "*"+suffix)
	if err != nil {
		return nil, err
	}
	for _, file := range names {
		source, err := fs.ReadFile(fsys, file)
		if err != nil {
			return nil, err
		}
		doc, err := Decode(source)
		if err != nil {
			return nil, fmt.Errorf("schema %s: %w", file, err)
		}
		if err := compiler.AddResource(base+file, bytes.NewReader(source)); err != nil {
			return nil, fmt.Errorf("schema %s: %w", file, err)
		}
		name := strings.TrimSuffix(file, suffix)
		set.docs[base+file] = doc
		set.schemas[name] = &Schema{Name: name, docs: set.docs}
	}
	for name, s := range set.schemas {
		if s.compiled, err = compiler.Compile(base + name + suffix); err != nil {
			return nil, fmt.Errorf("compiling schema %s: %w", name, err)
		}
	}
	return set, nil
}

// Get returns the schema with the name; ok is false when there is none.
func (s *Set) Get(name string) (schema *Schema, ok bool) {
	schema, ok = s.schemas[name]
	return schema, ok
}

// Names returns the names of all schemas, sorted.
func (s *Set) Names() []string {
	names := make([]string, 0, len(s.schemas))
	for name := range s.schemas {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Bundle returns the schema as one self-contained document: references to
// other files are replaced by what they refer to.
func (s *Schema) Bundle() json.RawMessage {
	doc := s.docs.inline(base+s.Name+suffix, s.docs[base+s.Name+suffix])
	if m, ok := doc.(map[string]any); ok {
		for _, key := range []string{"$schema", "$id", "$defs", "title"} {
			delete(m, key)
		}
	}
	return mustMarshal(doc)
}

// Alone returns the schema as a document that another tool can use alone: the
// bundle under its dialect and title.
func (s *Schema) Alone() json.RawMessage {
	var doc map[string]any
	if err := json.Unmarshal(s.Bundle(), &doc); err != nil {
		panic("schemas: bundle of " + s.Name + " is not an object: " + err.Error())
	}
	if own, ok := s.docs[base+s.Name+suffix].(map[string]any); ok {
		doc["$schema"], doc["title"] = own["$schema"], own["title"]
	}
	return mustMarshal(doc)
}

// bounds are the keywords that only say what a value must not be. A caller that
// breaks one is told so; until then nobody need pay for reading them.
var bounds = []string{"pattern", "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "propertyNames"}

// Asked returns a weaker schema, self-contained, that every value of this one
// satisfies: without the bounds of texts and lists. It is what tools/list
// publishes for arguments, which are held to the whole schema.
func (s *Schema) Asked() json.RawMessage {
	var doc any
	if err := json.Unmarshal(s.Bundle(), &doc); err != nil {
		panic("schemas: bundle of " + s.Name + ": " + err.Error())
	}
	unbounded(doc, false)
	return mustMarshal(doc)
}

// unbounded takes the bounds out of a schema; in an object of properties, names
// are no keywords.
func unbounded(node any, properties bool) {
	switch n := node.(type) {
	case map[string]any:
		for key, value := range n {
			if !properties && slices.Contains(bounds, key) {
				delete(n, key)
				continue
			}
			unbounded(value, !properties && key == "properties")
		}
	case []any:
		for _, value := range n {
			unbounded(value, false)
		}
	}
}

// Outline returns a weaker schema that every value of this one satisfies:
// the names of the top level's properties. It is what tools/list publishes for
// results, which agents pay for on every request; the whole schema is a resource.
func (s *Schema) Outline() json.RawMessage {
	var doc map[string]any
	if err := json.Unmarshal(s.Bundle(), &doc); err != nil {
		panic("schemas: bundle of " + s.Name + " is not an object: " + err.Error())
	}
	outline := map[string]any{"type": "object"}
	properties := map[string]any{}
	if all, ok := doc["properties"].(map[string]any); ok {
		for name := range all {
			properties[name] = map[string]any{}
		}
	}
	outline["properties"] = properties
	return mustMarshal(outline)
}

func mustMarshal(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic("schemas: marshalling a schema: " + err.Error())
	}
	return b
}

// Decode reads one JSON document, keeping numbers as written.
func Decode(data []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, fmt.Errorf("more than one JSON document")
	}
	return v, nil
}
