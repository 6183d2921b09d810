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
FROM ({{range $j, $p := $.Periods}}{{if $j}}
      UNION ALL {{end}}SELECT CAST({{$p.Index}} AS bigint) AS period, l.member_id, l.kind, l.points, l.occurred_at AS t
      FROM {{feed "points"}} AS l WHERE l.occurred_at >= {{arg $p.Start}} AND l.occurred_at < {{arg $p.End}}{{end}}) AS e
{{template "join" $g}}
GROUP BY 1, 2, 3
{{end}}
