-- The rows of one feed that count, by hour (shifted so that hours of the
-- program's zone stay whole; null where undated). One row an hour: n, the
-- first and the last time up to now, and how many lie in the future.
SELECT d.bucket, {{count "*"}} AS n,
  min(CASE WHEN d.t <= {{arg .Now}} THEN d.t END) AS first_at,
  max(CASE WHEN d.t <= {{arg .Now}} THEN d.t END) AS last_at,
  {{count (print "CASE WHEN d.t > " (arg .Now) " THEN 1 END")}} AS future
FROM (SELECT f.{{.When}} AS t, date_trunc('hour', f.{{.When}}{{if .Shift}} + {{arg .Shift}} * INTERVAL '1 minute'{{end}}) AS bucket
      FROM {{feed .Feed}} AS f) AS d
GROUP BY d.bucket
