-- The span of one feed: rows that count, the first and the last time up to
-- now, and how many lie in the future. One row.
SELECT {{count "*"}} AS n,
  min(CASE WHEN f.{{.When}} <= {{arg .Now}} THEN f.{{.When}} END) AS first_at,
  max(CASE WHEN f.{{.When}} <= {{arg .Now}} THEN f.{{.When}} END) AS last_at,
  {{count (print "CASE WHEN f." .When " > " (arg .Now) " THEN 1 END")}} AS future
FROM {{feed .Feed}} AS f
