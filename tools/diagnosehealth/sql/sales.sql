-- What members paid, and the points they earned, by month. Grain: month (days
-- from 2000-01-01 to its first). Exact: net (sales), earned (points of kind
-- earn).
SELECT CAST(b.month - DATE '2000-01-01' AS bigint) AS month, {{exact "sum(b.net)"}} AS net, {{exact "sum(b.earned)"}} AS earned
FROM (SELECT {{month "o.ordered_at"}} AS month, o.net, 0 AS earned
      FROM {{feed "orders"}} AS o WHERE {{known "orders" "o"}} AND o.ordered_at < {{arg .End}}
      UNION ALL
      SELECT {{month "l.occurred_at"}} AS month, NULL AS net, l.points AS earned
      FROM {{feed "points"}} AS l WHERE l.kind = 'earn' AND l.occurred_at < {{arg .End}}) AS b
GROUP BY 1 ORDER BY 1 NULLS LAST
