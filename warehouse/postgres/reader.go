package postgres

import (
	"context"
	"errors"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"loyaltymcp/warehouse"
)

// reader implements warehouse.Reader: one snapshot, read through one or more
// sessions.
type reader struct {
	engine   *Engine
	snapshot string

	mu       sync.Mutex
	sessions []*session
	idle     chan *session
	once     sync.Once
}

// Generation implements warehouse.Reader: the rows may change between two
// snapshots, never within one.
func (r *reader) Generation() string { return "" }

func (r *reader) Close() error {
	r.once.Do(func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, s := range r.sessions {
			s.close()
			r.engine.tokens <- struct{}{}
		}
		r.sessions = nil
	})
	return nil
}

// session returns a session that nobody uses: an idle one, a new one in the
// same snapshot if a connection is free, or else the next that becomes idle.
func (r *reader) session(ctx context.Context) (*session, error) {
	select {
	case s := <-r.idle:
		return s, nil
	default:
	}
	select {
	case <-r.engine.tokens:
		s, err := r.start(ctx, r.snapshot)
		if err != nil {
			r.engine.tokens <- struct{}{}
			return nil, err
		}
		r.mu.Lock()
		r.sessions = append(r.sessions, s)
		r.mu.Unlock()
		return s, nil
	default:
	}
	select {
	case s := <-r.idle:
		return s, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// inside runs fn in a free session. A savepoint around it keeps the snapshot
// alive when fn's query fails.
func (r *reader) inside(ctx context.Context, fn func(s *session, tx pgx.Tx) error) error {
	s, err := r.session(ctx)
	if err != nil {
		return err
	}
	defer func() { r.idle <- s }()
	nested, err := s.tx.Begin(ctx)
	if err != nil {
		return failure(ctx, err)
	}
	err = fn(s, nested)
	// After a cancellation there is still the savepoint to go back to.
	if back := nested.Rollback(context.WithoutCancel(ctx)); err == nil && back != nil {
		err = failure(ctx, back)
	}
	return err
}

// Rowwise implements warehouse.Rowwise.
func (r *reader) Rowwise() {}

func (r *reader) Describe(ctx context.Context, relation string) ([]warehouse.Physical, error) {
	var columns []warehouse.Physical
	err := r.inside(ctx, func(s *session, tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "SELECT * FROM "+relation+" AS f LIMIT 0")
		if err != nil {
			return failure(ctx, err)
		}
		defer rows.Close()
		types := s.conn.Conn().TypeMap()
		for _, field := range rows.FieldDescriptions() {
			native := "an unknown type"
			if t, ok := types.TypeForOID(field.DataTypeOID); ok {
				native = t.Name
			}
			digits, scale := decimals(field.DataTypeOID, field.TypeModifier)
			columns = append(columns, warehouse.Physical{Name: field.Name, Type: classify(field.DataTypeOID), Native: native, Digits: digits, Scale: scale})
		}
		rows.Close()
		return failure(ctx, rows.Err())
	})
	return columns, err
}

func (r *reader) Query(ctx context.Context, sql string, args []any, scan func(warehouse.Row) error) error {
	if !warehouse.IsSelect(sql) {
		return errors.New("only one SELECT is run at a time")
	}
	return r.inside(ctx, func(_ *session, tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sql, args...)
		if err != nil {
			return failure(ctx, err)
		}
		defer rows.Close()
		for rows.Next() {
			if err := scan(rows); err != nil {
				return err
			}
		}
		return failure(ctx, rows.Err())
	})
}

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
