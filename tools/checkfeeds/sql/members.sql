-- Rows of a feed against the members they belong to, by what is wrong with
-- them: bit 0 orphan (no such member), bit 1 early (of a day before the member
-- enrolled), bit 2 late (of a day after the member cancelled); months in place
-- of days where only months are known. One row a mask: n, first_at and last_at,
-- least and greatest (keys).
SELECT d.mask, {{count "*"}} AS n, min(d.t) AS first_at, max(d.t) AS last_at,
  min(CASE WHEN d.mask <> 0 THEN CAST(d.sample AS text) END COLLATE "C") AS least,
  max(CASE WHEN d.mask <> 0 THEN CAST(d.sample AS text) END COLLATE "C") AS greatest
FROM (SELECT f.{{.When}} AS t, f.{{.Sample}} AS sample,
        CASE WHEN m.member_id IS NULL THEN 1 ELSE 0 END
        + CASE WHEN f.{{.When}} < m.enrolled_at AND {{if .MonthlyStart}}{{month (print "f." .When)}} < {{month "m.enrolled_at"}}{{else}}{{date (print "f." .When)}} < {{date "m.enrolled_at"}}{{end}}{{.Acts}} THEN 2 ELSE 0 END
        + CASE WHEN f.{{.When}} > m.cancelled_at AND {{if .MonthlyEnd}}{{month (print "f." .When)}} > {{month "m.cancelled_at"}}{{else}}{{date (print "f." .When)}} > {{date "m.cancelled_at"}}{{end}}{{.Acts}} THEN 4 ELSE 0 END AS mask
      FROM {{every .Feed}} AS f LEFT JOIN
        {{if .Unique}}{{every "members"}}{{else}}(SELECT u.member_id, min(u.enrolled_at) AS enrolled_at, CASE WHEN count(*) = count(u.cancelled_at) THEN max(u.cancelled_at) END AS cancelled_at
         FROM {{every "members"}} AS u GROUP BY u.member_id){{end}} AS m ON m.member_id = f.member_id
      WHERE {{known .Feed "f"}}) AS d
WHERE d.mask <> 0
GROUP BY d.mask
