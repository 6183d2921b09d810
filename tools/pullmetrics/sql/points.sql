-- Ledger movements. Grain: period, dimension, cell (as of the entry). Exact,
-- as positive numbers: issued, redeemed, expired; and the members behind each:
-- earners, redeemers, expirers.
{{range $i, $g := .Groupings}}{{if $i}}
UNION ALL
{{end}}SELECT e.period, {{text $g.Dimension}} AS dimension, {{template "cell" $g}} AS cell,
  {{exact "sum(CASE WHEN e.kind IN ('earn', 'bonus') THEN e.points END)"}} AS issued,
  {{exact "-sum(CASE WHEN e.kind = 'redeem' THEN e.points END)"}} AS redeemed,
  {{exact "-sum(CASE WHEN e.kind = 'expire' THEN e.points END)"}} AS expired,
  {{exact "count(DISTINCT CASE WHEN e.kind IN ('earn', 'bonus') THEN e.member_id END)"}} AS earners,
  {{exact "count(DISTINCT CASE WHEN e.kind = 'redeem' THEN e.member_id END)"}} AS redeemers,
  {{exact "count(DISTINCT CASE WHEN e.kind = 'expire' THEN e.member_id END)"}} AS expirers
FROM ({{range $j, $p := $.Passes}}{{if $j}}
      UNION ALL {{end}}SELECT {{template "period" ($p.Of "l.occurred_at")}} AS period, l.member_id, l.kind, l.points, l.occurred_at AS t
      FROM {{feed "points"}} AS l WHERE {{template "within" ($p.Of "l.occurred_at")}}{{end}}) AS e
{{template "join" $g}}
GROUP BY 1, 2, 3
{{end}}
