package propose

import (
	"fmt"
	"regexp"
	"strings"

	"loyaltymcp/warehouse"
)

// relation returns the text by which FROM reads the table.
func relation(t warehouse.Table) string {
	if t.Schema == "" {
		return warehouse.Quote(t.Name)
	}
	return warehouse.Quote(t.Schema) + "." + warehouse.Quote(t.Name)
}

// reference is a source column in an expression, {alias.a|b:kind}, or a table,
// {@alias}.
var reference = regexp.MustCompile(`\{(?:(\w+)\.)?(@?[\w|]+)(?::(\w+))?\}`)

// scope resolves references among a recipe's tables.
type scope struct {
	tables    map[string]*match // by alias; "" is the table the rows come from
	qualified bool              // write t."column"
}

// source is a column that an expression reads.
type source struct {
	alias string
	match *match
	warehouse.Physical
}

// find resolves a reference's column.
func (s *scope) find(alias, names string) (source, bool) {
	m, ok := s.tables[alias]
	if !ok {
		return source{}, false
	}
	for _, name := range strings.Split(names, "|") {
		if p, ok := m.columns[name]; ok {
			return source{alias, m, p}, true
		}
	}
	return source{}, false
}

// write returns the source as SQL names it.
func (s *scope) write(c source) string {
	if !s.qualified {
		return warehouse.Quote(c.Name)
	}
	alias := c.alias
	if alias == "" {
		alias = "t"
	}
	return alias + "." + warehouse.Quote(c.Name)
}

// breaks puts the branches of a long CASE on lines of their own.
var breaks = strings.NewReplacer(" WHEN ", "\n            WHEN ", " ELSE ", "\n            ELSE ")

// expand returns the expression as SQL and what it reads; false when a
// reference doesn't resolve. Kind converts a lone reference without a kind of
// its own.
func (s *scope) expand(expr, kind string) (text string, reads []source, ok bool) {
	lone := reference.FindString(expr) == expr
	if len(expr) > 90 && strings.HasPrefix(expr, "CASE") {
		expr = breaks.Replace(expr)
	}
	ok = true
	text = reference.ReplaceAllStringFunc(expr, func(ref string) string {
		parts := reference.FindStringSubmatch(ref)
		if alias, is := strings.CutPrefix(parts[2], "@"); is {
			m, found := s.tables[alias]
			if ok = ok && found; !found {
				return ""
			}
			return relation(m.table)
		}
		c, found := s.find(parts[1], parts[2])
		if !found {
			ok = false
			return ""
		}
		reads = append(reads, c)
		to := parts[3]
		if to == "" && lone {
			to = kind
		}
		converted, fits := coerce(s.write(c), c.Type, to)
		ok = ok && fits
		return converted
	})
	return text, reads, ok
}

// coerce converts a column to a kind in a way that every engine understands;
// false when it can't be.
func coerce(name string, typ warehouse.Type, kind string) (string, bool) {
	switch kind {
	case "num":
		switch typ {
		case warehouse.TextType:
			return "CAST(nullif(trim(" + name + "), '') AS decimal(18,4))", true
		case warehouse.IntegerType, warehouse.DecimalType, warehouse.FloatType:
			return name, true
		}
		return "", false
	case "int":
		return "CAST(" + name + " AS integer)", typ == warehouse.IntegerType || typ == warehouse.TextType || typ == warehouse.DecimalType || typ == warehouse.FloatType
	case "time":
		switch typ {
		case warehouse.DateType, warehouse.TimestampType, warehouse.TimestampTZType:
			return name, true
		case warehouse.TextType:
			// Words such as "unlimited" among the dates are no dates, and not
			// every engine takes a blank before an offset.
			return "CASE WHEN " + name + " LIKE '____-__-__%' THEN CAST(replace(replace(" + name + ", ' +', '+'), ' -', '-') AS timestamp with time zone) END", true
		}
		return "", false
	case "text":
		if typ == warehouse.TextType {
			return name, true
		}
		return "CAST(" + name + " AS text)", true
	case "flag":
		switch typ {
		case warehouse.BooleanType:
			return name, true
		case warehouse.IntegerType, warehouse.DecimalType, warehouse.FloatType:
			return "(" + name + " = 1)", true
		case warehouse.TextType:
			return "(lower(" + name + ") IN ('1', 'true', 't', 'yes', 'y', 'subscribed'))", true
		}
		return "", false
	}
	return name, true
}

// kindOf is how a lone reference is converted for a contract column.
func kindOf(k warehouse.Kind) string {
	switch k {
	case warehouse.Exact4, warehouse.Float:
		return "num"
	case warehouse.Time:
		return "time"
	case warehouse.Text, warehouse.Word:
		return "text"
	case warehouse.Flag:
		return "flag"
	}
	return ""
}

// Show returns text from a database as one line that a terminal can show.
func Show(text string) string { return oneLine(text) }

// oneLine makes any text fit for a comment of one line: names from a database
// may hold anything.
func oneLine(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r == '\ufeff' || r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 || r == '\u2028' || r == '\u2029' || r == '\ufffd' {
			r = '?'
		}
		b.WriteRune(r)
	}
	const most = 300
	if out := []rune(b.String()); len(out) > most {
		return string(out[:most]) + fmt.Sprintf("... (%d characters)", len(out))
	}
	return b.String()
}
