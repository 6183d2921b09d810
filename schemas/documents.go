package schemas

import (
	"maps"
	"strconv"
	"strings"
)

// resolve returns the value at an absolute location such as
// schema://loyalty/plan.schema.json#/properties/backlog, or nil.
func (d documents) resolve(location string) any {
	url, fragment, _ := strings.Cut(location, "#")
	return at(d[url], fragment)
}

// follow returns the node with its $ref, if any, replaced by the target (keys
// beside the $ref win), and the URL of the file that the result stands in.
func (d documents) follow(url string, node any) (string, map[string]any) {
	m, ok := node.(map[string]any)
	for ok {
		ref, has := m["$ref"].(string)
		if !has {
			return url, m
		}
		file, fragment, _ := strings.Cut(ref, "#")
		if file != "" {
			url = base + file
		}
		target, isMap := at(d[url], fragment).(map[string]any)
		if !isMap {
			return url, m
		}
		merged := maps.Clone(target)
		for key, value := range m {
			if key != "$ref" {
				merged[key] = value
			}
		}
		m = merged
	}
	return url, nil
}

// inline replaces every reference below the node by its target.
func (d documents) inline(url string, node any) any {
	switch node := node.(type) {
	case map[string]any:
		where, resolved := d.follow(url, node)
		out := make(map[string]any, len(resolved))
		for key, value := range resolved {
			out[key] = d.inline(where, value)
		}
		return out
	case []any:
		out := make([]any, len(node))
		for i, value := range node {
			out[i] = d.inline(url, value)
		}
		return out
	}
	return node
}

// at returns the value a JSON pointer (RFC 6901) leads to, or nil.
func at(doc any, pointer string) any {
	for _, token := range tokens(pointer) {
		switch node := doc.(type) {
		case map[string]any:
			doc = node[token]
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(node) {
				return nil
			}
			doc = node[i]
		default:
			return nil
		}
	}
	return doc
}

var unescape = strings.NewReplacer("~1", "/", "~0", "~")

func tokens(pointer string) []string {
	pointer = strings.TrimPrefix(pointer, "/")
	if pointer == "" {
		return nil
	}
	parts := strings.Split(pointer, "/")
	for i, part := range parts {
		parts[i] = unescape.Replace(part)
	}
	return parts
}

// Path turns a JSON pointer into the dotted form used in messages:
// /items/0/owner becomes items[0].owner.
func Path(pointer string) string {
	var b strings.Builder
	for _, token := range tokens(pointer) {
		if _, err := strconv.Atoi(token); err == nil {
			b.WriteString("[" + token + "]")
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(token)
	}
	return b.String()
}

// Pointer turns what Path wrote back into a JSON pointer; a name with a dot in
// it becomes two.
func Pointer(path string) string {
	if path == "" {
		return ""
	}
	path = strings.NewReplacer("~", "~0", "/", "~1", "[", ".", "]", "").Replace(path)
	return "/" + strings.ReplaceAll(path, ".", "/")
}
