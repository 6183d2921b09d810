package duckdb

import (
	"context"
	"time"

	"loyaltymcp/warehouse"
)

// A synced copy says in this table of what, how and when it was made.
const stampTable = "loyalty_mcp_sync"

// Stamp is what a synced copy says of itself.
type Stamp struct {
	Mapping string    // warehouse.MappingHash of what it was made of
	Engine  string    // of the source
	At      time.Time // the moment whose state it holds
}

// checkSynced reads the attached copy's stamp and refuses one of another
// mapping. Name is the file's, for messages.
func (d *database) checkSynced(ctx context.Context, name, mapping string) error {
	var got Stamp
	err := d.each(ctx, "SELECT mapping, synced_at FROM "+attached+"."+stampTable, func(row warehouse.Row) error {
		return row.Scan(&got.Mapping, &got.At)
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil || got.Mapping != mapping {
		return warehouse.SyncedOtherwise(name)
	}
	d.syncedAt = got.At.UTC()
	return nil
}

// stamp writes it into the copy being made.
func (d *database) stamp(ctx context.Context, s Stamp) error {
	_, err := d.db.ExecContext(ctx, "CREATE TABLE "+target+"."+stampTable+" AS SELECT CAST($1 AS text) AS mapping, CAST($2 AS text) AS engine, CAST($3 AS timestamp) AS synced_at",
		s.Mapping, s.Engine, s.At.UTC())
	return failure(ctx, err)
}

// copyType is the type in which a copy holds a column.
func copyType(c warehouse.CopiedColumn) string {
	switch c.Kind {
	case warehouse.Time:
		return "TIMESTAMP"
	case warehouse.Exact4:
		return "DECIMAL(18,4)"
	case warehouse.Float:
		return "DOUBLE"
	case warehouse.Flag:
		return "BOOLEAN"
	case warehouse.Text, warehouse.Word:
		return "VARCHAR"
	}
	switch c.Type {
	case warehouse.IntegerType:
		return "BIGINT"
	case warehouse.DecimalType:
		return "DECIMAL(38,9)" // an id with more digits than that is none
	case warehouse.FloatType:
		return "DOUBLE"
	case warehouse.DateType:
		return "DATE"
	case warehouse.TimestampType:
		return "TIMESTAMP"
	case warehouse.TimestampTZType:
		return "TIMESTAMPTZ"
	case warehouse.BooleanType:
		return "BOOLEAN"
	case warehouse.UUIDType:
		return "UUID"
	}
	return "VARCHAR"
}
