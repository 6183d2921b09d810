-- Balances at the end of a period. Grain: period, dimension, cell (as of that
-- end). Exact: outstanding (all balances), below (the negative ones), holders
-- (members with a positive one).
{{range $i, $g := .Groupings}}{{if $i}}
UNION ALL
{{end}}SELECT e.period, {{text $g.Dimension}} AS dimension, {{template "cell" $g}} AS cell,
  {{exact "sum(e.balance)"}} AS outstanding,
  {{exact "sum(CASE WHEN e.balance < 0 THEN e.balance END)"}} AS below,
  {{exact "count(CASE WHEN e.balance > 0 THEN 1 END)"}} AS holders
FROM ({{range $j, $p := $.Periods}}{{if $j}}
      UNION ALL {{end}}SELECT CAST({{$p.Index}} AS bigint) AS period, l.member_id, {{arg $p.End}} - INTERVAL '1 microsecond' AS t, sum(l.points) AS balance
      FROM {{feed "points"}} AS l WHERE l.occurred_at < {{arg $p.End}} GROUP BY l.member_id{{end}}) AS e
{{template "join" $g}}
GROUP BY 1, 2, 3
{{end}}
