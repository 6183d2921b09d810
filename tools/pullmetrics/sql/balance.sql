-- Outstanding points at the end of a period. Grain: period, dimension, cell
-- (as of the end). Exact: outstanding, holders (members with more than none).
{{range $i, $g := .Groupings}}{{if $i}}
UNION ALL
{{end}}SELECT e.period, {{text $g.Dimension}} AS dimension, {{template "cell" $g}} AS cell,
  {{exact "sum(e.balance)"}} AS outstanding, {{exact "count(CASE WHEN e.balance > 0 THEN 1 END)"}} AS holders
FROM ({{range $j, $p := $.Periods}}{{if $j}}
      UNION ALL {{end}}SELECT CAST({{$p.Index}} AS bigint) AS period, l.member_id, {{arg $p.End}} - INTERVAL '1 microsecond' AS t, sum(l.points) AS balance
      FROM {{feed "points"}} AS l WHERE l.occurred_at < {{arg $p.End}} GROUP BY l.member_id{{end}}) AS e
{{template "join" $g}}
GROUP BY 1, 2, 3
{{end}}
