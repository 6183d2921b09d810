-- Balances at the end of a period. Grain: period, dimension, cell (as of that
-- end). Exact: outstanding (all balances), below (the negative ones), holders
-- (members with a positive one).
{{range $i, $g := .Groupings}}{{if $i}}
UNION ALL
{{end}}SELECT e.period, {{text $g.Dimension}} AS dimension, {{template "cell" $g}} AS cell,
  {{exact "sum(e.balance)"}} AS outstanding,
  {{exact "sum(CASE WHEN e.balance < 0 THEN e.balance END)"}} AS below,
  {{exact "count(CASE WHEN e.balance > 0 THEN 1 END)"}} AS holders
FROM {{template "held" $}} AS e
{{template "join" $g}}
GROUP BY 1, 2, 3
{{end}}
