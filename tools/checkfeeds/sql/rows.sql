-- All rows of a feed, void and test rows included, by hour and by what is
-- wrong with them. One row for each hour (shifted so that hours of the
-- program's zone stay whole; null without a date) and each mask: bit i is set
-- where check i, as the feed's own template lists them, is met. Columns: n
-- (rows), people (rows that a person caused, not a batch), gross and net
-- (amounts to be compared with another feed's), least and greatest (keys of
-- rows with a fault).
SELECT d.bucket, d.mask, {{count "*"}} AS n, {{sum "d.people"}} AS people, {{exact "sum(d.gross)"}} AS gross, {{exact "sum(d.net)"}} AS net,
  min(CASE WHEN d.mask <> 0 THEN CAST(d.sample AS text) END COLLATE "C") AS least,
  max(CASE WHEN d.mask <> 0 THEN CAST(d.sample AS text) END COLLATE "C") AS greatest
FROM (SELECT {{if .When}}date_trunc('hour', f.{{.When}}{{if .Shift}} + {{arg .Shift}} * INTERVAL '1 minute'{{end}}){{else}}CAST(NULL AS timestamp){{end}} AS bucket,
        {{.Mask}} AS mask, {{if .Sample}}f.{{.Sample}}{{else}}CAST(NULL AS text){{end}} AS sample,
        {{if .People}}CASE WHEN {{.People}} THEN 1 ELSE 0 END{{else}}1{{end}} AS people, {{.Gross}} AS gross, {{.Net}} AS net
      FROM {{every .Feed}} AS f) AS d
GROUP BY d.bucket, d.mask
