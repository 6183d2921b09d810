-- Members above the lowest tier whose last event is more than half a lapse
-- ago, but who have not lapsed. Value: net sales (or points earned) of the year
-- up to as_of.
-- postgres: enable_nestloop=off
SELECT {{template "totals"}}
FROM (SELECT p.contactable, coalesce(y.value, 0) AS value
      FROM {{template "tiered" .}} AS p
      JOIN {{feed "tiers"}} AS t ON t.tier = p.tier
      JOIN (SELECT min(u.rank) AS lowest FROM {{feed "tiers"}} AS u) AS f ON t.rank > f.lowest
      JOIN {{template "last" .}} AS v ON v.member_id = p.member_id AND v.last_at >= {{arg .Lapsed}} AND v.last_at < {{arg .HalfLapsed}}
      LEFT JOIN (SELECT a.member_id, sum(a.amount) AS value FROM {{template "amounts" .}} AS a WHERE a.t >= {{arg .YearAgo}} GROUP BY a.member_id) AS y ON y.member_id = p.member_id) AS s
