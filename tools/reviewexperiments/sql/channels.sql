-- Spend of units by channel of the order, between their start and end. Grain:
-- arm, channel. Sum and sum of squares over units; those without an order there
-- count as 0 and are in neither.
-- postgres: enable_nestloop=off
SELECT z.arm, z.channel, {{real "sum(z.v)"}} AS total, {{real "sum(z.v * z.v)"}} AS squares
FROM (SELECT r.unit_id, r.arm, {{cell "r.channel"}} AS channel, CAST(sum(r.net) AS double precision) AS v
      FROM ({{template "rows" .Source}}) AS r
      WHERE r.t >= r.starts_at AND r.t < r.ends_at
      GROUP BY 1, 2, 3) AS z
GROUP BY 1, 2 ORDER BY 1 NULLS LAST, 2 NULLS LAST
