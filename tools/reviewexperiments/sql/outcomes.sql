-- Ready-made outcomes of units in one arm. Grain: metric, arm. n, sum, sum of
-- squares, zeros and ones (how many values are 0 or 1).
SELECT o.metric, u.arm, {{count "*"}} AS n, {{real "sum(o.value)"}} AS total, {{real "sum(o.value * o.value)"}} AS squares,
  {{count "CASE WHEN o.value = 0 OR o.value = 1 THEN 1 END"}} AS binary_values
FROM {{template "units" .}} AS u
JOIN {{feed "outcomes"}} AS o ON o.unit_id = u.unit_id AND o.experiment_id = {{arg .ID}}
WHERE o.value IS NOT NULL
GROUP BY 1, 2 ORDER BY 1, 2
