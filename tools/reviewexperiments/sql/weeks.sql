-- A metric by week since a unit's start, of weeks that are over for the unit.
-- Grain: arm, week (from 0). Sum and sum of squares over units; those without a
-- row count as 0 and are in neither.
-- postgres: enable_nestloop=off
SELECT z.arm, z.week, {{real "sum(z.v)"}} AS total, {{real "sum(z.v * z.v)"}} AS squares
FROM (SELECT p.unit_id, p.arm, p.week, CAST({{.Weekly}} AS double precision) AS v
      FROM (SELECT r.unit_id, r.arm, r.week{{range .Source.Sums}}, {{.SQL}} AS {{.Name}}{{end}}
            FROM (SELECT w.unit_id, w.arm, w.starts_at, w.ends_at{{range .Source.Columns}}, w.{{.Name}}{{end}}, CAST(floor(({{date "w.t"}} - {{date "w.starts_at"}}) / 7.0) AS bigint) AS week
                  FROM ({{template "rows" .Source}}) AS w
                  WHERE w.t >= w.starts_at AND w.t < w.ends_at) AS r
            WHERE r.week * 7 + 7 <= {{date "r.ends_at"}} - {{date "r.starts_at"}}
            GROUP BY r.unit_id, r.arm, r.week) AS p) AS z
GROUP BY 1, 2 ORDER BY 1 NULLS LAST, 2 NULLS LAST
