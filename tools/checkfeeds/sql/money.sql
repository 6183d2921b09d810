-- Orders whose amounts can't be. One row of counts: negative (net below 0),
-- above (net above gross).
SELECT {{count "CASE WHEN o.net < 0 THEN 1 END"}} AS negative, {{count "CASE WHEN o.net > o.gross THEN 1 END"}} AS above
FROM {{feed "orders"}} AS o
