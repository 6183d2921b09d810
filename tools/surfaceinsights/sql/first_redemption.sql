-- Members who never redeemed and hold enough for the cheapest reward on offer.
-- Value: their balance in points.
-- postgres: enable_nestloop=off
SELECT {{template "totals"}}
FROM (SELECT p.contactable, b.balance AS value
      FROM {{template "people" .}} AS p
      JOIN (SELECT l.member_id, sum(l.points) AS balance, max(CASE WHEN l.kind = 'redeem' THEN 1 ELSE 0 END) AS redeemed
            FROM {{feed "points"}} AS l WHERE l.occurred_at < {{arg .AsOf}} GROUP BY l.member_id) AS b ON b.member_id = p.member_id
      JOIN (SELECT min(r.cost_points) AS cheapest FROM {{feed "rewards"}} AS r
            WHERE (r.active_from IS NULL OR r.active_from < {{arg .AsOf}}) AND (r.active_to IS NULL OR r.active_to >= {{arg .AsOf}})) AS c ON b.balance >= c.cheapest
      WHERE b.redeemed = 0) AS s
