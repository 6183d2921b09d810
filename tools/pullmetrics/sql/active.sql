-- Members with events in a period, among those open at its end. Grain: period,
-- dimension, cell (as of the end of the period). Exact counts: active (any
-- qualifying event), participants (earned or redeemed), redeemers.
{{range $i, $g := .Groupings}}{{if $i}}
UNION ALL
{{end}}SELECT e.period, {{text $g.Dimension}} AS dimension, {{template "cell" $g}} AS cell,
  {{exact "sum(e.active)"}} AS active, {{exact "sum(e.participant)"}} AS participants, {{exact "sum(e.redeemer)"}} AS redeemers
FROM (SELECT x.period, x.member_id, p.t, x.active, x.participant, x.redeemer
      FROM ({{range $j, $p := $.Passes}}{{if $j}}
            UNION ALL {{end}}SELECT w.period, w.member_id, max(w.active) AS active, max(w.participant) AS participant, max(w.redeemer) AS redeemer
            FROM (SELECT {{template "period" ($p.Of "v.t")}} AS period, v.member_id, v.active, v.participant, v.redeemer
                  FROM ({{template "events" $}}) AS v WHERE {{template "within" ($p.Of "v.t")}}) AS w
            GROUP BY w.period, w.member_id{{end}}) AS x
      JOIN {{template "ends" $}} AS p ON p.period = x.period
      JOIN {{feed "members"}} AS o ON o.member_id = x.member_id AND o.enrolled_at < p.ends_at AND (o.cancelled_at IS NULL OR o.cancelled_at >= p.ends_at)) AS e
{{template "join" $g}}
GROUP BY 1, 2, 3
{{end}}
