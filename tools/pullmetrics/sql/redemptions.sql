-- Rewards claimed. Grain: period, dimension, cell (as of the redemption).
-- Exact: value in the program's currency, members.
{{range $i, $g := .Groupings}}{{if $i}}
UNION ALL
{{end}}SELECT e.period, {{text $g.Dimension}} AS dimension, {{template "cell" $g}} AS cell,
  {{exact "sum(e.value)"}} AS value, {{exact "count(DISTINCT e.member_id)"}} AS members
FROM ({{range $j, $p := $.Passes}}{{if $j}}
      UNION ALL {{end}}SELECT {{template "period" ($p.Of "r.redeemed_at")}} AS period, r.member_id, r.value, r.redeemed_at AS t
      FROM {{feed "redemptions"}} AS r WHERE {{template "within" ($p.Of "r.redeemed_at")}}{{end}}) AS e
{{template "join" $g}}
GROUP BY 1, 2, 3
{{end}}
