package metric

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"loyaltymcp/warehouse"
)

//go:embed sources.yaml
var sourcesFile []byte

// Source is a kind of row that measures are taken from: an order, a line of
// the ledger, a member open at the end of the window. It stands on one feed,
// or on the one of two that is mapped.
type Source struct {
	Name string `yaml:"name"`
	// Means says what a row is, and When at which moment it counts: the tier
	// of that moment is the row's tier.
	Means string `yaml:"means"`
	When  string `yaml:"when"`
	// Person says that there is at most one row a member and window, so that a
	// count of rows is a count of members.
	Person bool `yaml:"person"`
	// Strangers says that there are rows of nobody, or of no member.
	Strangers bool `yaml:"strangers"`
	// Now says that only the window itself has rows, not those it is compared
	// with.
	Now     bool     `yaml:"now"`
	Feeds   []string `yaml:"feeds"` // the first that is mapped
	Also    []string `yaml:"also"`  // further feeds, or feed.column, that it needs
	Columns []Column `yaml:"columns"`
}

// ColumnKind is what a column of a source holds.
type ColumnKind string

// The kinds of column.
const (
	Number ColumnKind = "number"
	Word   ColumnKind = "word"
	Flag   ColumnKind = "flag"
	Moment ColumnKind = "moment" // only known or unknown
)

// Column is one column of a source.
type Column struct {
	Name  string     `yaml:"name"`
	Kind  ColumnKind `yaml:"kind"`
	Means string     `yaml:"means"`
	Words []string   `yaml:"words"` // of a Word: those that there are; none for any
	// SQL is how a row has it, by feed. A feed without one can't tell.
	SQL map[string]string `yaml:"sql"`
	// Needs are the columns of the feed that it needs, by feed, beyond those
	// that the contract requires.
	Needs map[string][]string `yaml:"needs"`
	Also  []string            `yaml:"also"` // further feeds, or feed.column, that it needs
	// Join names the part of the source's query that the column comes from.
	Join string `yaml:"join"`
	// Horizon says that it looks at the days after the row, so that only a
	// cohort metric, whose horizon is complete, may read it.
	Horizon bool `yaml:"horizon"`
}

// Sources are the sources in reading order.
type Sources []Source

// LoadSources reads the sources and checks them.
func LoadSources() (Sources, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(sourcesFile))
	decoder.KnownFields(true)
	var s Sources
	if err := decoder.Decode(&s); err != nil {
		return nil, fmt.Errorf("sources of metrics: %w", err)
	}
	for i := range s {
		for j := range s[i].Columns {
			if err := s[i].check(&s[i].Columns[j]); err != nil {
				return nil, fmt.Errorf("sources of metrics: %s.%s: %w", s[i].Name, s[i].Columns[j].Name, err)
			}
		}
	}
	return s, nil
}

// check fills in a column's words from the contract and refuses what can't be.
func (s Source) check(c *Column) error {
	if !slices.Contains([]ColumnKind{Number, Word, Flag, Moment}, c.Kind) {
		return fmt.Errorf("no kind of column is called %q", c.Kind)
	}
	if slices.Contains(keywords, c.Name) || !isName(c.Name) {
		return fmt.Errorf("is no name for a column")
	}
	for feed := range c.SQL {
		if !slices.Contains(s.Feeds, feed) {
			return fmt.Errorf("is on the feed %s, the source is not", feed)
		}
	}
	for _, f := range warehouse.Feeds() {
		if contract, ok := f.Column(c.Name); ok && slices.Contains(s.Feeds, f.Name) && c.Kind == Word && len(c.Words) == 0 {
			c.Words = contract.Words
		}
	}
	return nil
}

// state reports whether the rows are what there is at a moment, so that those
// of two windows don't add up to those of both.
func (s Source) state() bool {
	return s.When == "the start of the window" || s.When == "the end of the window"
}

// cohort reports whether the rows have a horizon.
func (s Source) cohort() bool {
	return slices.ContainsFunc(s.Columns, func(c Column) bool { return c.Horizon })
}

// Find returns the source with the name.
func (s Sources) Find(name string) (Source, bool) {
	i := slices.IndexFunc(s, func(x Source) bool { return x.Name == name })
	if i < 0 {
		return Source{}, false
	}
	return s[i], true
}

// Names returns the names of the sources.
func (s Sources) Names() []string {
	names := make([]string, len(s))
	for i, x := range s {
		names[i] = x.Name
	}
	return names
}

// Column returns the column with the name.
func (s Source) Column(name string) (Column, bool) {
	i := slices.IndexFunc(s.Columns, func(c Column) bool { return c.Name == name })
	if i < 0 {
		return Column{}, false
	}
	return s.Columns[i], true
}

// ColumnNames returns the names of the columns.
func (s Source) ColumnNames() []string {
	names := make([]string, len(s.Columns))
	for i, c := range s.Columns {
		names[i] = c.Name
	}
	return names
}

// Feed returns the feed that the source stands on: the first that is mapped,
// or the first of all.
func (s Source) Feed(c *warehouse.Catalog) string {
	for _, f := range s.Feeds {
		if c.Mapped(f) {
			return f
		}
	}
	return s.Feeds[0]
}
