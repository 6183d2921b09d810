-- How the values of a metric are spread. Grain: arm, bin (of the given width; the
-- last holds all above). units, sum and sum of squares of their values, the least
-- and the largest of them.
-- postgres: enable_nestloop=off
SELECT b.arm, b.bin, {{count "*"}} AS units, {{real "sum(b.v0)"}} AS total, {{real "sum(b.v0 * b.v0)"}} AS squares, {{real "min(b.v0)"}} AS least, {{real "max(b.v0)"}} AS largest
FROM (SELECT k.arm, k.v0, CAST(least(greatest(floor(k.v0 * {{arg .PerWidth}}), -{{.Bins}}), {{.Bins}}) AS bigint) AS bin
      FROM ({{template "values" .}}) AS k) AS b
GROUP BY 1, 2 ORDER BY 1 NULLS LAST, 2 NULLS LAST
