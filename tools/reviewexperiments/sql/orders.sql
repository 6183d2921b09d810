-- Outcomes from orders between a unit's assignment and the end. Grain: arm. n,
-- and for net, orders and buyers: sum and sum of squares over units.
SELECT y.arm, {{count "*"}} AS n,
  {{real "sum(y.net)"}} AS net, {{real "sum(CAST(y.net AS double precision) * CAST(y.net AS double precision))"}} AS net2,
  {{real "sum(y.orders)"}} AS orders, {{real "sum(y.orders * y.orders)"}} AS orders2,
  {{count "CASE WHEN y.orders > 0 THEN 1 END"}} AS buyers
FROM (SELECT u.unit_id, u.arm, coalesce(sum(o.net), 0) AS net, count(o.order_id) AS orders
      FROM {{template "units" .}} AS u
      LEFT JOIN {{feed "orders"}} AS o ON o.member_id = u.unit_id AND o.ordered_at >= u.assigned_at AND o.ordered_at < {{arg .End}}
      GROUP BY u.unit_id, u.arm) AS y
GROUP BY 1 ORDER BY 1 NULLS LAST
