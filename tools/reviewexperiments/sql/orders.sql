-- Outcomes from orders between a unit's assignment and the end. Grain: arm. n,
-- and for net, orders and buyers: sum and sum of squares over units. Units are
-- looked up twice: what an outer join computes of an order is computed of all
-- orders that there are.
SELECT y.arm, {{count "*"}} AS n,
  {{real "sum(y.net)"}} AS net, {{real "sum(CAST(y.net AS double precision) * CAST(y.net AS double precision))"}} AS net2,
  {{real "sum(y.orders)"}} AS orders, {{real "sum(y.orders * y.orders)"}} AS orders2,
  {{count "CASE WHEN y.orders > 0 THEN 1 END"}} AS buyers
FROM (SELECT u.arm, coalesce(x.net, 0) AS net, coalesce(x.orders, 0) AS orders
      FROM {{template "units" .}} AS u
      LEFT JOIN (SELECT v.unit_id, sum(o.net) AS net, count(o.order_id) AS orders
                 FROM {{template "units" .}} AS v
                 JOIN {{feed "orders"}} AS o ON o.member_id = v.unit_id AND o.ordered_at >= v.assigned_at AND o.ordered_at < {{arg .End}}
                 GROUP BY v.unit_id) AS x ON x.unit_id = u.unit_id) AS y
GROUP BY 1 ORDER BY 1 NULLS LAST
