package warehouse

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"text/template"
	"time"
)

// Queries are SQL templates by name, one per .sql file. A file starts with
// comments that say what it returns: grain, columns, units. A comment of the
// form "-- postgres: enable_nestloop=off" among them is a hint to that engine's
// planner, for the one query.
//
// A template has these words, the only ones it needs to run on every engine:
//
//	{{feed "orders"}}      the feed's rows that count, as a parenthesised SELECT
//	{{every "orders"}}     all its rows, for checks of the data
//	{{known "orders" "o"}} whether a row of the feed, by its alias, is a member's
//	{{has "orders" "margin"}}  whether the feed and the columns are there
//	{{arg .Start}}         a bound, typed argument
//	{{exact "sum(o.net)"}} an exact sum as ten-thousandths (scan into Exact)
//	{{count "*"}}, {{sum "x"}}, {{real "avg(x)"}}  aggregates in their portable types
//	{{date "o.ordered_at"}}    the program's calendar date of an instant
//	{{month "o.ordered_at"}}   the first day of its calendar month
//	{{cell "m.region"}}        text for a breakdown, '' for null
//	{{text "tier"}}            a string literal of ours
//	{{fence}}                  at the end of a subselect whose columns are dear and used
//	                           more than once: computes them once a row
type Queries struct {
	templates *template.Template
	prefix    string
	hints     map[string]map[string][]Hint // by template, then engine
}

// ParseQueries reads every .sql file in the file systems; prefix
// ("pull_metrics") leads their names in progress and errors.
func ParseQueries(prefix string, systems ...fs.FS) (*Queries, error) {
	q := &Queries{templates: template.New(prefix).Funcs((&rendering{}).words()).Option("missingkey=error"),
		prefix: prefix, hints: map[string]map[string][]Hint{}}
	for _, fsys := range systems {
		if err := q.add(fsys); err != nil {
			return nil, fmt.Errorf("parsing queries of %s: %w", prefix, err)
		}
	}
	return q, nil
}

var blocks = regexp.MustCompile(`\{\{-?\s*define "([^"]+)"`)

func (q *Queries) add(fsys fs.FS) error {
	return fs.WalkDir(fsys, ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(file) != ".sql" {
			return err
		}
		text, err := fs.ReadFile(fsys, file)
		if err != nil {
			return err
		}
		name := strings.TrimSuffix(path.Base(file), ".sql")
		// A second definition would silently replace the first.
		for _, defined := range append(blocks.FindAllStringSubmatch(string(text), -1), []string{"", name}) {
			if q.templates.Lookup(defined[1]) != nil {
				return fmt.Errorf("%s: %q is defined already", file, defined[1])
			}
		}
		if q.hints[name], err = parseHints(string(text)); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		_, err = q.templates.New(name).Parse(string(text))
		return err
	})
}

// MustParseQueries is ParseQueries for embedded files, whose mistakes are
// defects.
func MustParseQueries(prefix string, systems ...fs.FS) *Queries {
	q, err := ParseQueries(prefix, systems...)
	if err != nil {
		panic(err)
	}
	return q
}

// Names returns the templates' names.
func (q *Queries) Names() []string {
	var names []string
	for _, t := range q.templates.Templates() {
		if t.Name() != q.prefix {
			names = append(names, t.Name())
		}
	}
	return names
}

// Hints returns the hints of a query to an engine's planner.
func (q *Queries) Hints(name, engine string) []Hint { return q.hints[name][engine] }

// Render returns the text and arguments of a query for a catalogue.
func (q *Queries) Render(c *Catalog, name string, data any) (sql string, args []any, err error) {
	sql, args, _, err = q.render(c, name, data)
	return sql, args, err
}

// render also returns what the query reads.
func (q *Queries) render(c *Catalog, name string, data any) (sql string, args []any, read *rendering, err error) {
	r := &rendering{catalog: c}
	t, err := q.templates.Clone()
	if err != nil {
		return "", nil, nil, err
	}
	var b bytes.Buffer
	if err := t.Funcs(r.words()).ExecuteTemplate(&b, name, data); err != nil {
		return "", nil, nil, fmt.Errorf("rendering query %s/%s: %w", q.prefix, name, err)
	}
	return b.String(), r.args, r, nil
}

// rendering gathers what one use of a template binds and reads.
type rendering struct {
	catalog *Catalog
	args    []any
	feeds   []string // all that are read
	counted []string // those that are worth a look
}

// read notes that the query reads the feed.
func (r *rendering) read(feed string, text func(string) (string, error)) (string, error) {
	if !slices.Contains(r.feeds, feed) {
		r.feeds = append(r.feeds, feed)
	}
	return text(feed)
}

func (r *rendering) words() template.FuncMap {
	return template.FuncMap{
		"feed": func(name string) (string, error) {
			r.counted = append(r.counted, name)
			return r.read(name, r.catalog.counted)
		},
		"every": func(name string) (string, error) { return r.read(name, r.catalog.every) },
		"known": func(feed, alias string) string { return r.catalog.ofMember(feed, alias) },
		"has":   func(feed string, columns ...string) bool { return r.catalog.Has(feed, columns...) },
		"fence": func() string { return r.catalog.fence() },
		"apart": func() bool { return r.catalog.apart },
		"arg":   r.arg,
		"exact": func(x string) string { return "CAST(coalesce(" + x + ", 0) * 10000 AS bigint)" },
		"count": func(x string) string { return "CAST(count(" + x + ") AS bigint)" },
		"sum":   func(x string) string { return "CAST(coalesce(sum(" + x + "), 0) AS bigint)" },
		"real":  func(x string) string { return "CAST(" + x + " AS double precision)" },
		"date":  func(x string) string { return localDate(x, r.catalog.zone) },
		"month": func(x string) string {
			return "CAST(date_trunc('month', CAST(" + localDate(x, r.catalog.zone) + " AS timestamp)) AS date)"
		},
		"cell": func(x string) string { return "coalesce(CAST(" + x + " AS text), '')" },
		"text": Literal,
	}
}

// arg binds a value and returns its placeholder, cast to the one type that
// every engine then agrees on.
func (r *rendering) arg(value any) (string, error) {
	var typ string
	switch v := value.(type) {
	case time.Time:
		typ, value = "timestamp", v.UTC()
	case string:
		typ = "text"
	case int:
		typ, value = "bigint", int64(v)
	case int64:
		typ = "bigint"
	case float64:
		typ = "double precision"
	case bool:
		typ = "boolean"
	default:
		return "", fmt.Errorf("argument of type %T can't be bound", value)
	}
	r.args = append(r.args, value)
	return fmt.Sprintf("CAST($%d AS %s)", len(r.args), typ), nil
}
