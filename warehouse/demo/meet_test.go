package demo

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// Where faults meet in rows, and on one column, truth.json counts what the data
// show, in whatever order the faults stand in the plant file.
func TestFaultsThatMeet(t *testing.T) {
	without, base := record(t, Options{Members: 400, Seed: 5})
	fault := func(mode, size string) string {
		return `{"id":"` + mode + `","kind":"broken_feed","mode":"` + mode + `","place":{"feed":"orders"},"from":"2025-07-01","to":"2026-04-01","size":` + size + `}`
	}
	late := `{"id":"late_data","kind":"late_data","place":{"feed":"orders"},"from":"2025-07-01","to":"2026-04-01","size":0.3,"delay_days":40}`
	faults := []string{fault("future_dates", "0.2"), fault("time_travel", "0.2"), fault("time_zone_shift", "8"), fault("duplicates", "0.3"), fault("gap", "0.1"),
		fault("orphans", "0.2"), fault("nulls", "0.2"), fault("wrong_signs", "0.2"), fault("mixed_currencies", "0.2"), late}
	backwards := slices.Clone(faults)
	slices.Reverse(backwards)
	for name, list := range map[string][]string{"forwards": faults, "backwards": backwards} {
		p := oneIn(t, without, base, strings.Join(list, ","))
		x, lives := p.with.table("orders"), lives(p.without)
		for _, table := range (Options{Plant: readPlant(t, `{"faults":[`+strings.Join(list, ",")+`]}`)}).Tables() {
			if table.Name == "orders" {
				for i, c := range table.Columns {
					x.index[c.Name] = i
				}
			}
		}
		original := map[int64]time.Time{}
		plain := p.without.table("orders")
		matching(plain, func(row []any) bool {
			original[of[int64](plain, row, "order_id")] = of[time.Time](plain, row, "ordered_at")
			return false
		})
		seen := map[int64][]any{}
		at := func(row []any) time.Time { return of[time.Time](x, row, "ordered_at") }
		member := func(row []any) int64 { // before it was orphaned
			id := of[int64](x, row, "member_id")
			if id > orphanBase+testMemberBase || id > orphanBase && id < testMemberBase {
				id -= orphanBase
			}
			return id
		}
		want := map[string]int{
			"future_dates": matching(x, func(row []any) bool { return at(row).After(end.time().AddDate(5, 0, 0)) }),
			"time_travel": matching(x, func(row []any) bool {
				id := member(row)
				return id != 0 && at(row).Before(lives[id].from.AddDate(0, 0, -20))
			}),
			"time_zone_shift": matching(x, func(row []any) bool {
				before, early := original[of[int64](x, row, "order_id")], lives[member(row)].from.AddDate(0, 0, -40)
				return slices.ContainsFunc([]time.Time{before, before.AddDate(10, 0, 0), early}, func(d time.Time) bool { return at(row).Equal(d.Add(8 * time.Hour)) })
			}),
			"duplicates": matching(x, func(row []any) bool {
				id := of[int64](x, row, "order_id")
				first, copied := seen[id]
				if copied && !slices.Equal(first, row) {
					t.Errorf("%s: %v is no copy of %v", name, row, first)
				}
				seen[id] = row
				return copied
			}),
			"orphans":          matching(x, func(row []any) bool { return member(row) != of[int64](x, row, "member_id") }),
			"nulls":            matching(x, func(row []any) bool { return row[x.index["net"]] == nil }),
			"wrong_signs":      matching(x, func(row []any) bool { return of[Cents](x, row, "gross") < 0 }),
			"mixed_currencies": matching(x, func(row []any) bool { return of[string](x, row, "currency") == "SEK" }),
			"late_data": matching(x, func(row []any) bool {
				return of[time.Time](x, row, "ingested_at").After(original[of[int64](x, row, "order_id")].Add(2 * time.Hour))
			}),
		}
		missing := 0
		for _, f := range p.truth.Planted.Faults {
			missing += f.Realized.Missing
			if n := want[f.ID] + f.Realized.Missing; n != f.Realized.Events || n == 0 {
				t.Errorf("%s: %d rows show %s, the truth says %d", name, n, f.ID, f.Realized.Events)
			}
		}
		if gone := len(p.without["orders"]) - len(p.with["orders"]) + want["duplicates"]; gone != missing {
			t.Errorf("%s: %d rows are missing, the truth says %d", name, gone, missing)
		}
	}
}
