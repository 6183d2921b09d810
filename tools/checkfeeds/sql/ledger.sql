-- Ledger lines that break the contract. One row of counts: kind (unknown
-- kinds), sign (a debit that adds or a credit that takes), fraction.
SELECT {{count "CASE WHEN l.kind NOT IN ('earn', 'bonus', 'redeem', 'expire', 'reverse_earn', 'reimburse', 'adjust', 'transfer_in', 'transfer_out') OR l.kind IS NULL THEN 1 END"}} AS kind,
  {{count "CASE WHEN (l.kind IN ('earn', 'bonus', 'reimburse', 'transfer_in') AND l.points < 0) OR (l.kind IN ('redeem', 'expire', 'reverse_earn', 'transfer_out') AND l.points > 0) THEN 1 END"}} AS sign,
  {{count "CASE WHEN l.points <> floor(l.points) THEN 1 END"}} AS fraction
FROM {{feed "points"}} AS l
