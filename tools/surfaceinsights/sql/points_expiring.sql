-- Members with points that expire soon, debits taken from the lots that expire
-- first. Value: those points.
SELECT {{template "totals"}}
FROM (SELECT p.contactable, greatest(b.soon - b.debits, 0) - greatest(b.past - b.debits, 0) AS value
      FROM {{template "people" .}} AS p
      JOIN (SELECT l.member_id,
              coalesce(-sum(CASE WHEN l.points < 0 THEN l.points END), 0) AS debits,
              coalesce(sum(CASE WHEN l.points > 0 AND l.expires_at < {{arg .AsOf}} THEN l.points END), 0) AS past,
              coalesce(sum(CASE WHEN l.points > 0 AND l.expires_at < {{arg .Expiring}} THEN l.points END), 0) AS soon
            FROM {{feed "points"}} AS l WHERE l.occurred_at < {{arg .AsOf}} GROUP BY l.member_id) AS b ON b.member_id = p.member_id
      WHERE greatest(b.soon - b.debits, 0) > greatest(b.past - b.debits, 0)) AS s
