-- What is odd about members themselves. One row of counts: backwards
-- (cancelled before enrolling), undated (status cancelled, but no date),
-- firsts (enrolled on the first of a month), months (distinct such months), n.
SELECT {{count "CASE WHEN m.cancelled_at < m.enrolled_at THEN 1 END"}} AS backwards,
  {{count "CASE WHEN lower(m.status) = 'cancelled' AND m.cancelled_at IS NULL THEN 1 END"}} AS undated,
  {{count (print "CASE WHEN " (date "m.enrolled_at") " = " (month "m.enrolled_at") " THEN 1 END")}} AS firsts,
  {{count (print "DISTINCT " (month "m.enrolled_at"))}} AS months, {{count "*"}} AS n
FROM {{every "members"}} AS m
