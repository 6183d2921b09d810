-- Sales. Grain: period, dimension, cell (as of the order). Exact: orders,
-- net, member_orders, member_net, buyers (members who ordered), repeat_buyers
-- (two or more orders in the period). Breakdowns hold member orders only.
{{range $i, $g := .Groupings}}{{if $i}}
UNION ALL
{{end}}SELECT x.period, {{text $g.Dimension}} AS dimension, x.cell,
  {{exact "sum(x.orders)"}} AS orders, {{exact "sum(x.net)"}} AS net,
  {{exact "sum(CASE WHEN x.mine = 1 THEN x.orders END)"}} AS member_orders,
  {{exact "sum(CASE WHEN x.mine = 1 THEN x.net END)"}} AS member_net,
  {{exact "count(CASE WHEN x.mine = 1 THEN 1 END)"}} AS buyers,
  {{exact "count(CASE WHEN x.mine = 1 AND x.orders >= 2 THEN 1 END)"}} AS repeat_buyers
FROM (SELECT e.period, e.member_id, {{template "cell" $g}} AS cell, max(e.mine) AS mine, {{count "*"}} AS orders, sum(e.net) AS net
      FROM ({{range $j, $p := $.Passes}}{{if $j}}
      UNION ALL {{end}}SELECT {{template "period" ($p.Of "o.ordered_at")}} AS period, o.member_id, CASE WHEN {{known "orders" "o"}} THEN 1 ELSE 0 END AS mine, o.net, o.ordered_at AS t
      FROM {{feed "orders"}} AS o WHERE {{template "within" ($p.Of "o.ordered_at")}} {{if $g.Dimension}}AND {{known "orders" "o"}}{{end}}{{end}}) AS e
      {{template "join" $g}}
      GROUP BY 1, 2, 3) AS x
GROUP BY 1, 2, 3
{{end}}
