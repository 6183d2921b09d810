-- Members open at the end of a period, with what they did in it. Grain: period,
-- part, cell1, cell2 (as of the end).
--
-- What members did is joined by member alone, a column a period, and only then
-- told apart by period: a join by period and member is one of which planners
-- expect few rows, and compare all with all.
{{template "head" .}}SELECT m.period, m.member_id, m.t, 1 AS mine{{template "columns" .}}
FROM (SELECT n.member_id, n.region, n.channel, n.consent_marketing, p.period, p.t{{if .Joined "acts"}}{{range $flag := .Flags}},
        CASE p.period{{range $.Periods}} WHEN {{.Index}} THEN a.{{$flag}}{{.Index}}{{end}} END AS {{$flag}}{{end}}{{end}}
      FROM {{feed "members"}} AS n
      {{if .Joined "acts"}}LEFT JOIN {{template "acts" .}} AS a ON a.member_id = n.member_id
      {{end}}CROSS JOIN {{template "spans" .}} AS p
      WHERE n.enrolled_at < p.ends_at AND (n.cancelled_at IS NULL OR n.cancelled_at >= p.ends_at)) AS m
{{template "tail" .}}
