-- Survey answers. Grain: period, dimension, cell (as of the answer). Exact
-- counts: csat (answers on the scale), satisfied (its top two boxes), nps,
-- nps_promoters (9 and 10), nps_detractors (0 to 6), nps_net (promoters less
-- detractors). Without a scale, CSAT is 1 to 5. Breakdowns hold members' only.
{{range $i, $g := .Groupings}}{{if $i}}
UNION ALL
{{end}}SELECT e.period, {{text $g.Dimension}} AS dimension, {{template "cell" $g}} AS cell,
  {{exact "count(CASE WHEN e.kind = 'csat' AND e.score >= e.low AND e.score <= e.high THEN 1 END)"}} AS csat,
  {{exact "count(CASE WHEN e.kind = 'csat' AND e.score >= e.high - 1 AND e.score <= e.high THEN 1 END)"}} AS satisfied,
  {{exact "count(CASE WHEN e.kind = 'nps' AND e.score >= 0 AND e.score <= 10 THEN 1 END)"}} AS nps,
  {{exact "count(CASE WHEN e.kind = 'nps' AND e.score >= 9 AND e.score <= 10 THEN 1 END)"}} AS nps_promoters,
  {{exact "count(CASE WHEN e.kind = 'nps' AND e.score >= 0 AND e.score <= 6 THEN 1 END)"}} AS nps_detractors,
  {{exact "count(CASE WHEN e.kind = 'nps' AND e.score >= 9 AND e.score <= 10 THEN 1 END) - count(CASE WHEN e.kind = 'nps' AND e.score >= 0 AND e.score <= 6 THEN 1 END)"}} AS nps_net
FROM ({{range $j, $p := $.Passes}}{{if $j}}
      UNION ALL {{end}}SELECT {{template "period" ($p.Of "s.responded_at")}} AS period, s.member_id, s.kind, s.score, coalesce(s.scale_min, 1) AS low, coalesce(s.scale_max, 5) AS high, s.responded_at AS t
      FROM {{feed "surveys"}} AS s WHERE {{template "within" ($p.Of "s.responded_at")}} {{if $g.Dimension}}AND {{known "surveys" "s"}}{{end}}{{end}}) AS e
{{template "join" $g}}
GROUP BY 1, 2, 3
{{end}}
