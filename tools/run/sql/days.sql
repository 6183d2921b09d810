-- The rows of one feed that count, by hour (shifted so that hours of the
-- program's zone stay whole; null where undated). One row an hour up to now,
-- and one for all rows after now, whose hour means nothing: n, the first and
-- the last time.
SELECT d.bucket, {{count "*"}} AS n, min(d.t) AS first_at, max(d.t) AS last_at
FROM (SELECT f.{{.When}} AS t,
        date_trunc('hour', CASE WHEN f.{{.When}} > {{arg .Now}} THEN TIMESTAMP '9999-01-01 00:00:00' ELSE f.{{.When}} END{{if .Shift}} + {{arg .Shift}} * INTERVAL '1 minute'{{end}}) AS bucket
      FROM {{feed .Feed}} AS f) AS d
GROUP BY d.bucket
