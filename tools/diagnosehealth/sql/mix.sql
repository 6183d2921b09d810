-- Open members. Grain: period, dimension, cell (as of the end of the period).
-- Exact count: members.
{{range $i, $g := .Groupings}}{{if $i}}
UNION ALL
{{end}}SELECT e.period, {{text $g.Dimension}} AS dimension, {{template "cell" $g}} AS cell, {{exact "count(*)"}} AS members
FROM ({{range $j, $p := $.Periods}}{{if $j}}
      UNION ALL {{end}}SELECT CAST({{$p.Index}} AS bigint) AS period, m.member_id, {{arg $p.End}} - INTERVAL '1 microsecond' AS t
      FROM {{feed "members"}} AS m WHERE m.enrolled_at < {{arg $p.End}} AND (m.cancelled_at IS NULL OR m.cancelled_at >= {{arg $p.End}}){{end}}) AS e
{{template "join" $g}}
GROUP BY 1, 2, 3
{{end}}
