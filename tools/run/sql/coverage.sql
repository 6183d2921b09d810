-- The span of one feed: a row for what is up to now, the undated with it, and
-- one for what is after: n, the first and the last time.
SELECT {{count "*"}} AS n, min(f.{{.When}}) AS first_at, max(f.{{.When}}) AS last_at
FROM {{feed .Feed}} AS f
GROUP BY CASE WHEN f.{{.When}} > {{arg .Now}} THEN 1 ELSE 0 END
