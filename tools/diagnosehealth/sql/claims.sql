-- The same redemptions twice, test members and void rows included in both.
-- One row, exact: ledger (points of kind redeem in the window), claims (points
-- in the redemptions feed).
SELECT {{exact "-sum(CASE WHEN c.claim = 0 THEN c.points END)"}} AS ledger, {{exact "sum(CASE WHEN c.claim = 1 THEN c.points END)"}} AS claims
FROM (SELECT l.member_id, 0 AS claim, l.points FROM {{every "points"}} AS l WHERE l.kind = 'redeem' AND l.occurred_at >= {{arg .Start}} AND l.occurred_at < {{arg .End}}
      UNION ALL SELECT r.member_id, 1, r.points FROM {{every "redemptions"}} AS r WHERE r.redeemed_at >= {{arg .Start}} AND r.redeemed_at < {{arg .End}}) AS c
