-- The same redemptions twice, test members and void rows included in both.
-- One row, exact: ledger (points of kind redeem in the window), claims (points
-- in the redemptions feed).
SELECT (SELECT {{exact "-sum(l.points)"}} FROM {{every "points"}} AS l WHERE l.kind = 'redeem' AND l.occurred_at >= {{arg .Start}} AND l.occurred_at < {{arg .End}}) AS ledger,
  (SELECT {{exact "sum(r.points)"}} FROM {{every "redemptions"}} AS r WHERE r.redeemed_at >= {{arg .Start}} AND r.redeemed_at < {{arg .End}}) AS claims
