-- Outcomes from the ledger between a unit's assignment and the end. Grain:
-- arm. n, and for points earned and redeemed: sum and sum of squares over units;
-- redeemers.
SELECT y.arm, {{count "*"}} AS n,
  {{real "sum(y.earned)"}} AS earned, {{real "sum(CAST(y.earned AS double precision) * CAST(y.earned AS double precision))"}} AS earned2,
  {{real "sum(y.redeemed)"}} AS redeemed, {{real "sum(CAST(y.redeemed AS double precision) * CAST(y.redeemed AS double precision))"}} AS redeemed2,
  {{count "CASE WHEN y.redeemed > 0 THEN 1 END"}} AS redeemers
FROM (SELECT u.unit_id, u.arm,
        coalesce(sum(CASE WHEN l.kind IN ('earn', 'bonus') THEN l.points END), 0) AS earned,
        coalesce(-sum(CASE WHEN l.kind = 'redeem' THEN l.points END), 0) AS redeemed
      FROM {{template "units" .}} AS u
      LEFT JOIN {{feed "points"}} AS l ON l.member_id = u.unit_id AND l.occurred_at >= u.assigned_at AND l.occurred_at < {{arg .End}}
      GROUP BY u.unit_id, u.arm) AS y
GROUP BY 1 ORDER BY 1 NULLS LAST
