package warehouse

import "context"

// Table is a table or view of a database, or a file that an engine reads as
// one.
type Table struct {
	Schema  string // "" where the name alone finds it
	Name    string
	Columns []Physical
	// Rows is the engine's own estimate; negative where it has none.
	Rows int64
	// Denied says that the role may not read it.
	Denied bool
}

// String returns the name as people write it: schema.table.
func (t Table) String() string {
	if t.Schema == "" {
		return t.Name
	}
	return t.Schema + "." + t.Name
}

// Lister is a Reader that can tell which tables there are. Every table comes
// with its columns in their order; tables of the engine itself are left out.
// It reads the engine's catalogue only, never rows.
type Lister interface {
	Tables(ctx context.Context) ([]Table, error)
}

// GatherTables builds tables from rows of one column each, which must come
// table by table. It is for engines.
type GatherTables struct {
	tables []Table
}

// Add adds a column, and its table if it is a new one.
func (g *GatherTables) Add(t Table, column Physical) {
	last := len(g.tables) - 1
	if last < 0 || g.tables[last].Schema != t.Schema || g.tables[last].Name != t.Name {
		g.tables = append(g.tables, t)
		last++
	}
	g.tables[last].Columns = append(g.tables[last].Columns, column)
}

// Tables returns what was gathered.
func (g *GatherTables) Tables() []Table { return g.tables }
