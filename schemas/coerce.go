package schemas

import (
	"encoding/json"
	"math/big"
	"slices"
	"strings"
)

// Coerce returns the value with harmless differences from the schema mended,
// as an agent means them: "30" or 30.0 for an integer, "tier,region" or
// "tier" for a list of strings, "true" for a boolean, a number for a string,
// null for an absent optional property. What it can't mend it leaves for
// Validate to name.
func (s *Schema) Coerce(value any) any {
	return s.docs.coerce(base+s.Name+suffix, s.docs[base+s.Name+suffix], value)
}

func (d documents) coerce(url string, node, value any) any {
	url, schema := d.follow(url, node)
	if schema == nil {
		return value
	}
	switch typ, _ := schema["type"].(string); typ {
	case "object":
		return d.coerceObject(url, schema, value)
	case "array":
		return d.coerceArray(url, schema, value)
	case "integer", "number":
		if text, ok := value.(string); ok {
			value = json.Number(strings.TrimSpace(text))
		}
		if number, ok := value.(json.Number); ok {
			if mended, ok := plainNumber(number, typ == "integer"); ok {
				return mended
			}
			return string(number) // let Validate say that it is no number
		}
	case "boolean":
		switch value {
		case "true":
			return true
		case "false":
			return false
		}
	case "string":
		if number, ok := value.(json.Number); ok {
			return number.String()
		}
	}
	return value
}

func (d documents) coerceObject(url string, schema map[string]any, value any) any {
	if text, ok := value.(string); ok {
		if parsed, err := Decode([]byte(text)); err == nil {
			value = parsed
		}
	}
	object, ok := value.(map[string]any)
	if !ok {
		return value
	}
	properties, _ := schema["properties"].(map[string]any)
	var required []string
	for _, name := range anySlice(schema["required"]) {
		required = append(required, name.(string))
	}
	out := make(map[string]any, len(object))
	for name, member := range object {
		property, known := properties[name]
		if !known {
			property = schema["additionalProperties"]
		}
		if member == nil && known && !slices.Contains(required, name) {
			continue
		}
		out[name] = d.coerce(url, property, member)
	}
	return out
}

func (d documents) coerceArray(url string, schema map[string]any, value any) any {
	_, items := d.follow(url, schema["items"])
	if text, ok := value.(string); ok {
		text = strings.TrimSpace(text)
		if parsed, err := Decode([]byte(text)); err == nil && strings.HasPrefix(text, "[") {
			value = parsed
		} else if items["type"] == "string" {
			list := []any{}
			for _, part := range strings.Split(text, ",") {
				if part = strings.TrimSpace(part); part != "" {
					list = append(list, part)
				}
			}
			return list
		}
	}
	list, ok := value.([]any)
	if !ok {
		return value
	}
	out := make([]any, len(list))
	for i, item := range list {
		out[i] = d.coerce(url, schema["items"], item)
	}
	return out
}

// plainNumber checks a number and leaves its digits as they were written; an
// integer it rewrites without exponent and fraction, failing where there is
// one.
func plainNumber(number json.Number, integer bool) (json.Number, bool) {
	// The length bound keeps 1e999999999 from becoming a gigabyte of digits.
	if len(number) > 40 || strings.ContainsAny(string(number), "_/xXoObBpP") {
		return "", false
	}
	if i := strings.IndexAny(string(number), "eE"); i >= 0 && len(number)-i > 4 {
		return "", false
	}
	rational, ok := new(big.Rat).SetString(string(number))
	if !ok {
		return "", false
	}
	if !integer {
		return number, true
	}
	return json.Number(rational.Num().String()), rational.IsInt()
}
