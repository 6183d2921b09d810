-- Members with events in a period, among those open at its end. Grain: period,
-- dimension, cell (as of the end of the period). Exact counts: active (any
-- qualifying event), participants (earned or redeemed), redeemers.
{{range $i, $g := .Groupings}}{{if $i}}
UNION ALL
{{end}}SELECT e.period, {{text $g.Dimension}} AS dimension, {{template "cell" $g}} AS cell,
  {{exact "sum(e.active)"}} AS active, {{exact "sum(e.participant)"}} AS participants, {{exact "sum(e.redeemer)"}} AS redeemers
FROM ({{range $j, $p := $.Periods}}{{if $j}}
      UNION ALL {{end}}SELECT CAST({{$p.Index}} AS bigint) AS period, v.member_id, {{arg $p.End}} - INTERVAL '1 microsecond' AS t,
        max(v.active) AS active, max(v.participant) AS participant, max(v.redeemer) AS redeemer
      FROM ({{template "events" $}}) AS v
      JOIN {{feed "members"}} AS o ON o.member_id = v.member_id AND o.enrolled_at < {{arg $p.End}} AND (o.cancelled_at IS NULL OR o.cancelled_at >= {{arg $p.End}})
      WHERE v.t >= {{arg $p.Start}} AND v.t < {{arg $p.End}}
      GROUP BY v.member_id{{end}}) AS e
{{template "join" $g}}
GROUP BY 1, 2, 3
{{end}}
