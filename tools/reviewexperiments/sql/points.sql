-- Outcomes from the ledger between a unit's assignment and the end. Grain:
-- arm. n, and for points earned and redeemed: sum and sum of squares over units;
-- redeemers. Units are looked up twice, as for orders.
SELECT y.arm, {{count "*"}} AS n,
  {{real "sum(y.earned)"}} AS earned, {{real "sum(CAST(y.earned AS double precision) * CAST(y.earned AS double precision))"}} AS earned2,
  {{real "sum(y.redeemed)"}} AS redeemed, {{real "sum(CAST(y.redeemed AS double precision) * CAST(y.redeemed AS double precision))"}} AS redeemed2,
  {{count "CASE WHEN y.redeemed > 0 THEN 1 END"}} AS redeemers
FROM (SELECT u.arm, coalesce(x.earned, 0) AS earned, coalesce(x.redeemed, 0) AS redeemed
      FROM {{template "units" .}} AS u
      LEFT JOIN (SELECT v.unit_id, sum(CASE WHEN l.kind IN ('earn', 'bonus') THEN l.points END) AS earned, -sum(CASE WHEN l.kind = 'redeem' THEN l.points END) AS redeemed
                 FROM {{template "units" .}} AS v
                 JOIN {{feed "points"}} AS l ON l.member_id = v.unit_id AND l.occurred_at >= v.assigned_at AND l.occurred_at < {{arg .End}}
                 GROUP BY v.unit_id) AS x ON x.unit_id = u.unit_id) AS y
GROUP BY 1 ORDER BY 1 NULLS LAST
