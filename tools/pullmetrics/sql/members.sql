-- Member counts. Grain: period, dimension, cell (as of the moment that each
-- count is about). Exact counts: open_start, open_end, enrolled, cancelled,
-- cancelled_of_start, kept_of_start (open_start less cancelled_of_start).
-- Without a split one scan counts everything.
{{range $i, $g := .Groupings}}{{if $i}}
UNION ALL
{{end}}{{if eq $g.Dimension ""}}SELECT c.period, '' AS dimension, '' AS cell,
  {{exact "c.open_start"}} AS open_start, {{exact "c.open_end"}} AS open_end, {{exact "c.enrolled"}} AS enrolled,
  {{exact "c.cancelled"}} AS cancelled, {{exact "c.cancelled_of_start"}} AS cancelled_of_start,
  {{exact "c.open_start - c.cancelled_of_start"}} AS kept_of_start
FROM (SELECT p.period,
        CASE p.period{{range $.Periods}} WHEN {{.Index}} THEN s.open_start{{.Index}}{{end}} END AS open_start,
        CASE p.period{{range $.Periods}} WHEN {{.Index}} THEN s.open_end{{.Index}}{{end}} END AS open_end,
        CASE p.period{{range $.Periods}} WHEN {{.Index}} THEN s.enrolled{{.Index}}{{end}} END AS enrolled,
        CASE p.period{{range $.Periods}} WHEN {{.Index}} THEN s.cancelled{{.Index}}{{end}} END AS cancelled,
        CASE p.period{{range $.Periods}} WHEN {{.Index}} THEN s.cancelled_of_start{{.Index}}{{end}} END AS cancelled_of_start
      FROM (SELECT {{range $j, $p := $.Periods}}{{if $j}},
              {{end}}count(CASE WHEN m.enrolled_at < {{arg $p.Start}} AND (m.cancelled_at IS NULL OR m.cancelled_at >= {{arg $p.Start}}) THEN 1 END) AS open_start{{$p.Index}},
              count(CASE WHEN m.enrolled_at < {{arg $p.End}} AND (m.cancelled_at IS NULL OR m.cancelled_at >= {{arg $p.End}}) THEN 1 END) AS open_end{{$p.Index}},
              count(CASE WHEN m.enrolled_at >= {{arg $p.Start}} AND m.enrolled_at < {{arg $p.End}} THEN 1 END) AS enrolled{{$p.Index}},
              count(CASE WHEN m.cancelled_at >= {{arg $p.Start}} AND m.cancelled_at < {{arg $p.End}} THEN 1 END) AS cancelled{{$p.Index}},
              count(CASE WHEN m.enrolled_at < {{arg $p.Start}} AND m.cancelled_at >= {{arg $p.Start}} AND m.cancelled_at < {{arg $p.End}} THEN 1 END) AS cancelled_of_start{{$p.Index}}{{end}}
            FROM {{feed "members"}} AS m) AS s
      CROSS JOIN {{template "ends" $}} AS p) AS c
WHERE c.open_start + c.open_end + c.enrolled + c.cancelled > 0
{{else}}SELECT e.period, {{text $g.Dimension}} AS dimension, {{template "cell" $g}} AS cell,
  {{exact "sum(e.open_start)"}} AS open_start, {{exact "sum(e.open_end)"}} AS open_end, {{exact "sum(e.enrolled)"}} AS enrolled,
  {{exact "sum(e.cancelled)"}} AS cancelled, {{exact "sum(e.cancelled_of_start)"}} AS cancelled_of_start,
  {{exact "sum(e.open_start - e.cancelled_of_start)"}} AS kept_of_start
FROM ({{range $j, $p := $.Periods}}{{if $j}}
      UNION ALL {{end}}SELECT CAST({{$p.Index}} AS bigint) AS period, m.member_id, {{arg $p.Start}} - INTERVAL '1 microsecond' AS t,
        1 AS open_start, 0 AS open_end, 0 AS enrolled, 0 AS cancelled, CASE WHEN m.cancelled_at < {{arg $p.End}} THEN 1 ELSE 0 END AS cancelled_of_start
      FROM {{feed "members"}} AS m WHERE m.enrolled_at < {{arg $p.Start}} AND (m.cancelled_at IS NULL OR m.cancelled_at >= {{arg $p.Start}})
      UNION ALL SELECT CAST({{$p.Index}} AS bigint), m.member_id, {{arg $p.End}} - INTERVAL '1 microsecond', 0, 1, 0, 0, 0
      FROM {{feed "members"}} AS m WHERE m.enrolled_at < {{arg $p.End}} AND (m.cancelled_at IS NULL OR m.cancelled_at >= {{arg $p.End}})
      UNION ALL SELECT CAST({{$p.Index}} AS bigint), m.member_id, m.enrolled_at, 0, 0, 1, 0, 0
      FROM {{feed "members"}} AS m WHERE m.enrolled_at >= {{arg $p.Start}} AND m.enrolled_at < {{arg $p.End}}
      UNION ALL SELECT CAST({{$p.Index}} AS bigint), m.member_id, m.cancelled_at - INTERVAL '1 microsecond', 0, 0, 0, 1, 0
      FROM {{feed "members"}} AS m WHERE m.cancelled_at >= {{arg $p.Start}} AND m.cancelled_at < {{arg $p.End}}{{end}}) AS e
{{template "join" $g}}
GROUP BY 1, 2, 3
{{end}}{{end}}
