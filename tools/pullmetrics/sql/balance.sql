-- Outstanding points at the end of a period. Grain: period, dimension, cell
-- (as of the end). Exact: outstanding, holders (members with more than none).
{{range $i, $g := .Groupings}}{{if $i}}
UNION ALL
{{end}}SELECT e.period, {{text $g.Dimension}} AS dimension, {{template "cell" $g}} AS cell,
  {{exact "sum(e.balance)"}} AS outstanding, {{exact "count(CASE WHEN e.balance > 0 THEN 1 END)"}} AS holders
FROM {{template "held" $}} AS e
{{template "join" $g}}
GROUP BY 1, 2, 3
{{end}}
