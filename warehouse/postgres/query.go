package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5/pgtype"

	"loyaltymcp/warehouse"
)

// Describe implements warehouse.Reader. It leaves the relation's tables locked
// against a change of form until the reader closes, as a dump does: a table
// that is truncated or replaced under a snapshot would look empty to it.
func (r *reader) Describe(ctx context.Context, relation string) ([]warehouse.Physical, error) {
	var columns []warehouse.Physical
	err := r.inside(ctx, nil, true, func(ctx context.Context, s *session) error {
		rows, err := s.conn.Query(ctx, "SELECT * FROM "+relation+" AS f LIMIT 0")
		if err != nil {
			return err
		}
		defer rows.Close()
		types := s.conn.TypeMap()
		for _, field := range rows.FieldDescriptions() {
			native := "an unknown type"
			if t, ok := types.TypeForOID(field.DataTypeOID); ok {
				native = t.Name
			}
			digits, scale := decimals(field.DataTypeOID, field.TypeModifier)
			columns = append(columns, warehouse.Physical{Name: field.Name, Type: classify(field.DataTypeOID), Native: native, Digits: digits, Scale: scale})
		}
		rows.Close()
		return rows.Err()
	})
	return columns, err
}

// Query implements warehouse.Reader.
func (r *reader) Query(ctx context.Context, sql string, args []any, scan func(warehouse.Row) error) error {
	return r.QueryHinted(ctx, nil, sql, args, scan)
}

// QueryHinted implements warehouse.HintedReader.
func (r *reader) QueryHinted(ctx context.Context, hints []warehouse.Hint, sql string, args []any, scan func(warehouse.Row) error) error {
	if !warehouse.IsSelect(sql) {
		return errors.New("only one SELECT is run at a time")
	}
	var settings []string
	for _, h := range hints {
		settings = append(settings, "SET LOCAL "+h.Setting+" = "+warehouse.Literal(h.Value))
	}
	return r.inside(ctx, settings, false, func(ctx context.Context, s *session) error {
		rows, err := s.conn.Query(ctx, sql, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			if err := scan(rows); err != nil {
				return &scanError{err}
			}
		}
		return rows.Err()
	})
}

// scanError is an error of whoever takes the rows, not of the server.
type scanError struct{ error }

func (e *scanError) Unwrap() error { return e.error }

// Rowwise implements warehouse.Rowwise.
func (r *reader) Rowwise() {}

// decimals returns the digits and the scale that a numeric column declares.
// Its modifier holds them as digits<<16 | scale, four more.
func decimals(oid uint32, modifier int32) (digits, scale int) {
	if oid != pgtype.NumericOID || modifier < 4 {
		return 0, 0
	}
	modifier -= 4
	// The scale has 11 bits and a sign.
	return int(modifier >> 16), int(modifier&0x7ff^0x400) - 0x400
}

func classify(oid uint32) warehouse.Type {
	switch oid {
	case pgtype.Int2OID, pgtype.Int4OID, pgtype.Int8OID:
		return warehouse.IntegerType
	case pgtype.NumericOID:
		return warehouse.DecimalType
	case pgtype.Float4OID, pgtype.Float8OID:
		return warehouse.FloatType
	case pgtype.TextOID, pgtype.VarcharOID, pgtype.BPCharOID, pgtype.NameOID, pgtype.UnknownOID:
		return warehouse.TextType
	case pgtype.DateOID:
		return warehouse.DateType
	case pgtype.TimestampOID:
		return warehouse.TimestampType
	case pgtype.TimestamptzOID:
		return warehouse.TimestampTZType
	case pgtype.BoolOID:
		return warehouse.BooleanType
	case pgtype.UUIDOID:
		return warehouse.UUIDType
	}
	return warehouse.OtherType
}
