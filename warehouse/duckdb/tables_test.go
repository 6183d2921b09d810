package duckdb

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"loyaltymcp/warehouse"
)

// listed lists the tables of what the options open.
func listed(t *testing.T, o Options) map[string]warehouse.Table {
	t.Helper()
	engine, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	r, err := engine.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	tables, err := r.(warehouse.Lister).Tables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]warehouse.Table{}
	for _, table := range tables {
		found[table.String()] = table
	}
	return found
}

func TestTablesOfAFolder(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"members.csv": "id,Joined At,ok\n1,2026-01-01,true\n2,2026-01-02,false\n", "notes.txt": "no table"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	found := listed(t, Options{Path: dir})
	members, ok := found["members"]
	if len(found) != 1 || !ok || members.Rows != 2 || members.Denied {
		t.Fatalf("found %+v, want members with 2 rows", found)
	}
	want := []warehouse.Physical{{Name: "id", Type: warehouse.IntegerType, Native: "bigint"}, {Name: "Joined At", Type: warehouse.DateType, Native: "date"}, {Name: "ok", Type: warehouse.BooleanType, Native: "boolean"}}
	for i, c := range want {
		if members.Columns[i] != c {
			t.Errorf("column %d is %+v, want %+v", i, members.Columns[i], c)
		}
	}
}

func TestTablesOfAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.duckdb")
	db, err := sql.Open("duckdb", file)
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{`CREATE SCHEMA "my crm"`, `CREATE TABLE "my crm".members AS SELECT range AS id, DECIMAL '1.50' AS net FROM range(7)`,
		`CREATE TABLE orders AS SELECT 1 AS id`, `CREATE VIEW recent AS SELECT * FROM orders`} {
		if _, err := db.ExecContext(context.Background(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	found := listed(t, Options{Path: file})
	if got := found["my crm.members"]; got.Rows != 7 || len(got.Columns) != 2 || got.Columns[1].Type != warehouse.DecimalType {
		t.Errorf("my crm.members is %+v, want 7 rows of 2 columns", got)
	}
	if _, ok := found["recent"]; !ok || len(found) != 3 {
		t.Errorf("found %v, want two tables and a view", found)
	}
}
