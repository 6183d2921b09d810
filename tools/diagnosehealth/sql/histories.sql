-- Members by purchase history. Grain: dimension, cell (as of Until), x, recency,
-- age, open, later. Counts: x (days with a purchase after the start), later
-- (such days after Until), open (1 or 0), members. Days, to the nearest
-- multiple of Step: recency (from the start to the last purchase), age (to the
-- last day observed). Exact: spend (net sales up to Until, of all members).
-- postgres: enable_nestloop=off
{{range $i, $g := .Groupings}}{{if $i}}
UNION ALL
{{end}}SELECT {{text $g.Dimension}} AS dimension, {{template "cell" $g}} AS cell, CAST(e.x AS bigint) AS x, CAST(e.recency AS bigint) AS recency,
  CAST(e.age AS bigint) AS age, CAST(e.open AS bigint) AS open, CAST(e.later AS bigint) AS later,
  {{count "*"}} AS members, {{exact "sum(e.spend)"}} AS spend
FROM (SELECT h.member_id, h.t, h.x, h.open, h.later, h.spend,
        greatest(CASE WHEN h.x > 0 THEN {{arg $.Step}} ELSE 0 END, {{arg $.Step}} * CAST(floor({{real "h.age"}} / {{arg $.Step}} + 0.5) AS bigint)) AS age,
        CASE WHEN h.x > 0 THEN greatest({{arg $.Step}}, {{arg $.Step}} * CAST(floor({{real "h.recency"}} / {{arg $.Step}} + 0.5) AS bigint)) ELSE 0 END AS recency
      FROM {{template "history" $}} AS h{{if $.OpenOnly}} WHERE h.open = 1{{end}}) AS e
{{template "join" $g}}
GROUP BY 1, 2, 3, 4, 5, 6, 7
{{end}}
ORDER BY 1 NULLS LAST, 3 NULLS LAST, 4 NULLS LAST, 5 NULLS LAST, 6 NULLS LAST, 7 NULLS LAST
