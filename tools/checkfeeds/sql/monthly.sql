-- Monthly rows that break the contract. One row of counts: sign (negative
-- earned or redeemed), fraction, unmonthly (not dated on the first of a month).
SELECT {{count "CASE WHEN l.earned < 0 OR l.redeemed < 0 THEN 1 END"}} AS sign,
  {{count "CASE WHEN l.earned <> floor(l.earned) OR l.redeemed <> floor(l.redeemed) THEN 1 END"}} AS fraction,
  {{count (print "CASE WHEN " (date "l.month") " <> " (month "l.month") " THEN 1 END")}} AS unmonthly
FROM {{feed "points_monthly"}} AS l
