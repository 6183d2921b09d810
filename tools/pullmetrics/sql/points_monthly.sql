-- Monthly movements, in the shape of points.sql, for programs without a
-- ledger; and value: the reward value, with the members behind it.
{{range $i, $g := .Groupings}}{{if $i}}
UNION ALL
{{end}}SELECT e.period, {{text $g.Dimension}} AS dimension, {{template "cell" $g}} AS cell,
  {{exact "sum(e.earned)"}} AS issued,
  {{exact "sum(e.redeemed)"}} AS redeemed,
  {{exact "sum(e.expired)"}} AS expired,
  {{exact "count(DISTINCT CASE WHEN e.earned > 0 THEN e.member_id END)"}} AS earners,
  {{exact "count(DISTINCT CASE WHEN e.redeemed > 0 THEN e.member_id END)"}} AS redeemers,
  {{exact "count(DISTINCT CASE WHEN e.expired > 0 THEN e.member_id END)"}} AS expirers,
  {{exact "sum(e.reward_value)"}} AS value,
  {{exact "count(DISTINCT CASE WHEN e.reward_value > 0 THEN e.member_id END)"}} AS members
FROM ({{range $j, $p := $.Passes}}{{if $j}}
      UNION ALL {{end}}SELECT {{template "period" ($p.Of "l.month")}} AS period, l.member_id, l.earned, l.redeemed, l.expired, l.reward_value, l.month AS t
      FROM {{feed "points_monthly"}} AS l WHERE {{template "within" ($p.Of "l.month")}}{{end}}) AS e
{{template "join" $g}}
GROUP BY 1, 2, 3
{{end}}
