-- Ready-made outcomes of units in one arm, one value a unit. Grain: metric,
-- arm. n (units with a value), again (of those, units with several rows, whose
-- mean counts), sum, sum of squares, binary_values (how many values are 0 or 1).
SELECT y.metric, y.arm, {{count "*"}} AS n, {{count "CASE WHEN y.times > 1 THEN 1 END"}} AS again,
  {{real "sum(y.value)"}} AS total, {{real "sum(y.value * y.value)"}} AS squares,
  {{count "CASE WHEN y.value = 0 OR y.value = 1 THEN 1 END"}} AS binary_values
FROM (SELECT o.metric, u.arm, u.unit_id, count(*) AS times, avg(o.value) AS value
      FROM {{template "units" .}} AS u
      JOIN {{feed "outcomes"}} AS o ON o.unit_id = u.unit_id AND o.experiment_id = {{arg .ID}}
      WHERE o.value IS NOT NULL
      GROUP BY o.metric, u.arm, u.unit_id) AS y
GROUP BY 1, 2 ORDER BY 1 NULLS LAST, 2 NULLS LAST
