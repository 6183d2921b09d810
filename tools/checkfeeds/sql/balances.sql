-- Members by the sign of their points' sum. One row for those below nothing
-- (negative 1) and one for the others: n (members), least and greatest.
SELECT d.negative, {{count "*"}} AS n,
  min(CASE WHEN d.negative = 1 THEN CAST(d.member_id AS text) END COLLATE "C") AS least,
  max(CASE WHEN d.negative = 1 THEN CAST(d.member_id AS text) END COLLATE "C") AS greatest
FROM (SELECT b.member_id, CASE WHEN b.balance < 0 THEN 1 ELSE 0 END AS negative
      FROM (SELECT f.member_id, {{if .Monthly}}sum(f.earned - f.redeemed - coalesce(f.expired, 0) + coalesce(f.adjusted, 0)){{else}}sum(f.points){{end}} AS balance
            FROM {{feed .Feed}} AS f GROUP BY f.member_id) AS b) AS d
GROUP BY d.negative
