package postgres

import (
	"fmt"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"

	"loyaltymcp/warehouse"
	"loyaltymcp/warehouse/postgres/pgtest"
)

func TestTables(t *testing.T) {
	server := os.Getenv("LOYALTY_TEST_POSTGRES_URL")
	if server == "" && os.Getenv("CI") != "" {
		t.Fatal("LOYALTY_TEST_POSTGRES_URL is not set in CI")
	}
	if server == "" {
		t.Skip("LOYALTY_TEST_POSTGRES_URL is not set: no PostgreSQL to test on")
	}
	if _, err := pgtest.CreateDatabase(t.Context(), server, "loyalty_tables"); err != nil {
		t.Fatal(err)
	}
	config, err := pgx.ParseConfig(server)
	if err != nil {
		t.Fatal("LOYALTY_TEST_POSTGRES_URL is no URL")
	}
	config.Database = "loyalty_tables"
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.PgConn().Exec(t.Context(), `
		CREATE DOMAIN money_amount AS numeric(12,2); CREATE TYPE tone AS ENUM ('a');
		CREATE SCHEMA crm; CREATE SCHEMA shut;
		CREATE TABLE orders (id bigint, net money_amount, tone tone, at timestamptz, gone int, doc jsonb) PARTITION BY RANGE (id);
		CREATE TABLE orders_1 PARTITION OF orders FOR VALUES FROM (0) TO (10);
		ALTER TABLE orders DROP COLUMN gone;
		CREATE TABLE crm.orders (id uuid); INSERT INTO crm.orders SELECT gen_random_uuid() FROM generate_series(1, 20); ANALYZE crm.orders;
		CREATE VIEW crm.latest AS SELECT * FROM crm.orders; CREATE TABLE shut.secrets (id int);
		DO $$ BEGIN CREATE ROLE tables_reader LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
		GRANT USAGE ON SCHEMA crm TO tables_reader; GRANT SELECT ON orders, crm.orders TO tables_reader`).ReadAll(); err != nil {
		t.Fatal(err)
	}
	engine, err := Open(t.Context(), Options{URL: "host=" + config.Host + " user=tables_reader dbname=loyalty_tables port=" + fmt.Sprint(config.Port)})
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
	if len(found) != 4 {
		t.Errorf("found %d tables, want orders, crm.orders, crm.latest and shut.secrets: %v", len(found), tables)
	}
	if got := found["crm.orders"]; got.Rows != 20 || got.Denied || got.Columns[0].Type != warehouse.UUIDType {
		t.Errorf("crm.orders is %+v", got)
	}
	for _, name := range []string{"crm.latest", "shut.secrets"} {
		if !found[name].Denied {
			t.Errorf("%s may be read, want denied", name)
		}
	}
	want := []warehouse.Type{warehouse.IntegerType, warehouse.DecimalType, warehouse.OtherType, warehouse.TimestampTZType, warehouse.OtherType}
	for i, c := range found["orders"].Columns {
		if i >= len(want) || c.Type != want[i] {
			t.Errorf("column %d of orders is %+v, want %v", i, c, want)
		}
	}
}
