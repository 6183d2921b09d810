-- Ready-made outcomes of units in one arm, one value a unit. Grain: metric, arm,
-- stratum, and up to three traits of before the start. n (units with a value),
-- again (of those, units with several rows, whose mean counts), binary_values (how
-- many values are 0 or 1), with_pre and with_denominator (how many have one), and
-- the sums of value, pre_value and denominator, of their squares and products.
-- postgres: enable_nestloop=off
SELECT y.metric, y.arm, y.stratum, y.d0, y.d1, y.d2, {{count "*"}} AS n, {{count "CASE WHEN y.times > 1 THEN 1 END"}} AS again,
  {{count "CASE WHEN y.value = 0 OR y.value = 1 THEN 1 END"}} AS binary_values, {{count "y.pre"}} AS with_pre, {{count "y.denominator"}} AS with_denominator,
  {{real "coalesce(sum(y.value), 0)"}} AS v, {{real "coalesce(sum(y.value * y.value), 0)"}} AS vv,
  {{real "coalesce(sum(y.pre), 0)"}} AS x, {{real "coalesce(sum(y.pre * y.pre), 0)"}} AS xx, {{real "coalesce(sum(y.value * y.pre), 0)"}} AS vx,
  {{real "coalesce(sum(y.denominator), 0)"}} AS d, {{real "coalesce(sum(y.denominator * y.denominator), 0)"}} AS dd, {{real "coalesce(sum(y.value * y.denominator), 0)"}} AS vd
FROM (SELECT o.metric, u.arm, {{.Stratum}} AS stratum{{range $i, $d := .Dims}}, {{$d}} AS d{{$i}}{{end}}, u.unit_id, count(*) AS times, avg(o.value) AS value, avg(o.pre_value) AS pre, avg(o.denominator) AS denominator
      FROM {{template "units" .}} AS u{{template "traits" .}}
      JOIN {{feed "outcomes"}} AS o ON o.unit_id = u.unit_id AND o.experiment_id = {{arg .ID}}
      WHERE o.value IS NOT NULL
      GROUP BY 1, 2, 3, 4, 5, 6, 7) AS y
GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1 NULLS LAST, 2 NULLS LAST, 3 NULLS LAST, 4 NULLS LAST, 5 NULLS LAST, 6 NULLS LAST
