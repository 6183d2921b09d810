-- Members whose points add up to less than nothing. One row: count.
SELECT {{count "CASE WHEN b.balance < 0 THEN 1 END"}} AS n
FROM (SELECT l.member_id, {{if .Monthly}}sum(l.earned - l.redeemed - coalesce(l.expired, 0) + coalesce(l.adjusted, 0)){{else}}sum(l.points){{end}} AS balance
      FROM {{if .Monthly}}{{feed "points_monthly"}}{{else}}{{feed "points"}}{{end}} AS l GROUP BY l.member_id) AS b
