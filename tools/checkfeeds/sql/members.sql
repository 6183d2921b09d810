-- Rows of a feed against the members they belong to. One row of counts:
-- orphans (no such member), early (dated before the member enrolled), late
-- (dated after the member cancelled), future (dated after now).
SELECT {{count (print "CASE WHEN m.member_id IS NULL AND " (known .Feed "f") " THEN 1 END")}} AS orphans,
  {{count (print "CASE WHEN f." .When " < m.enrolled_at" .Acts " THEN 1 END")}} AS early,
  {{count (print "CASE WHEN f." .When " > m.cancelled_at" .Acts " THEN 1 END")}} AS late,
  {{count (print "CASE WHEN f." .When " > " (arg .Now) " THEN 1 END")}} AS future
FROM {{every .Feed}} AS f LEFT JOIN (SELECT DISTINCT u.member_id, u.enrolled_at, u.cancelled_at FROM {{every "members"}} AS u) AS m ON m.member_id = f.member_id
