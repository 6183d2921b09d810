-- Ledger lines by kind. Grain: kind. Exact: opening (before the window),
-- inside (in the window). Kinds that the contract doesn't know keep their name.
SELECT coalesce(l.kind, '') AS kind,
  {{exact (print "sum(CASE WHEN l.occurred_at < " (arg .Start) " THEN l.points END)")}} AS opening,
  {{exact (print "sum(CASE WHEN l.occurred_at >= " (arg .Start) " THEN l.points END)")}} AS inside
FROM {{feed "points"}} AS l WHERE l.occurred_at < {{arg .End}}
GROUP BY 1 ORDER BY 1 NULLS LAST
