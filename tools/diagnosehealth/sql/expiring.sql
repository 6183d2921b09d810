-- Points that will expire, attributing a member's debits to the lots that
-- expire first: of the lots that expire by a day T, what is left is
-- max(0, lots by T - debits). One row, exact: overdue (left in lots that
-- expired before as_of), soon30, soon60, soon90 (left in lots that expire in so
-- many days after it), holders (members with points in soon30), lasting (left
-- in lots without an expiry).
SELECT {{exact "sum(greatest(b.by0 - b.debits, 0))"}} AS overdue,
  {{exact "sum(greatest(b.by30 - b.debits, 0) - greatest(b.by0 - b.debits, 0))"}} AS soon30,
  {{exact "sum(greatest(b.by60 - b.debits, 0) - greatest(b.by0 - b.debits, 0))"}} AS soon60,
  {{exact "sum(greatest(b.by90 - b.debits, 0) - greatest(b.by0 - b.debits, 0))"}} AS soon90,
  {{exact "count(CASE WHEN greatest(b.by30 - b.debits, 0) > greatest(b.by0 - b.debits, 0) THEN 1 END)"}} AS holders,
  {{exact "sum(greatest(b.everything - b.debits, 0) - greatest(b.dated - b.debits, 0))"}} AS lasting
FROM (SELECT l.member_id,
        coalesce(-sum(CASE WHEN l.points < 0 THEN l.points END), 0) AS debits,
        coalesce(sum(CASE WHEN l.points > 0 AND l.expires_at < {{arg .Days0}} THEN l.points END), 0) AS by0,
        coalesce(sum(CASE WHEN l.points > 0 AND l.expires_at < {{arg .Days30}} THEN l.points END), 0) AS by30,
        coalesce(sum(CASE WHEN l.points > 0 AND l.expires_at < {{arg .Days60}} THEN l.points END), 0) AS by60,
        coalesce(sum(CASE WHEN l.points > 0 AND l.expires_at < {{arg .Days90}} THEN l.points END), 0) AS by90,
        coalesce(sum(CASE WHEN l.points > 0 AND l.expires_at IS NOT NULL THEN l.points END), 0) AS dated,
        coalesce(sum(CASE WHEN l.points > 0 THEN l.points END), 0) AS everything
      FROM {{feed "points"}} AS l WHERE l.occurred_at < {{arg .End}} GROUP BY l.member_id) AS b
