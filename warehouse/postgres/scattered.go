package postgres

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Scattered implements warehouse.Scattered: the plan says whether a relation,
// be it a view, reads foreign tables or those of Citus.
func (r *reader) Scattered(ctx context.Context, relations []string) (found bool, err error) {
	err = r.inside(ctx, nil, false, func(ctx context.Context, s *session) error {
		var possible bool
		err := s.conn.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM pg_foreign_table) OR EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'citus')").Scan(&possible)
		if err != nil || !possible {
			return err
		}
		for _, relation := range relations {
			rows, err := s.conn.Query(ctx, "EXPLAIN SELECT 1 FROM "+relation+" AS f")
			if err != nil {
				return err
			}
			var line string
			_, err = pgx.ForEachRow(rows, []any{&line}, func() error {
				found = found || strings.Contains(line, "Foreign Scan") || strings.Contains(line, "Citus")
				return nil
			})
			if err != nil || found {
				return err
			}
		}
		return nil
	})
	return found, err
}
