-- The points and the sales of the window and of windows of its length before it.
-- Grain: back (0 the window, 1 the one before, ...). Exact: points (net of all
-- lines), issued (earn and bonus), sales (members' orders; 0 without the feed).
SELECT CAST(b.back AS bigint) AS back, {{exact "sum(b.points)"}} AS points, {{exact "sum(b.issued)"}} AS issued, {{exact "sum(b.sales)"}} AS sales
FROM (SELECT floor(({{date (arg .End)}} - 1 - {{date "l.occurred_at"}}) / nullif({{real (arg .Days)}}, 0)) AS back, l.points,
        CASE WHEN l.kind IN ('earn', 'bonus') THEN l.points END AS issued, 0 AS sales
      FROM {{feed "points"}} AS l WHERE l.occurred_at >= {{arg .Since}} AND l.occurred_at < {{arg .End}}
      {{- if has "orders" "member_id"}}
      UNION ALL
      SELECT floor(({{date (arg .End)}} - 1 - {{date "o.ordered_at"}}) / nullif({{real (arg .Days)}}, 0)) AS back, NULL AS points, NULL AS issued, o.net AS sales
      FROM {{feed "orders"}} AS o WHERE {{known "orders" "o"}} AND o.ordered_at >= {{arg .Since}} AND o.ordered_at < {{arg .End}}{{end}}) AS b
GROUP BY 1 ORDER BY 1 NULLS LAST
