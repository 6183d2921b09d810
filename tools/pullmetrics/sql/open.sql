-- Members open at the end of a period, with what they did in it. Grain: period,
-- part, cell1, cell2 (as of the end).
-- postgres: enable_nestloop=off
{{template "head" .}}SELECT p.period, m.member_id, p.t, 1 AS mine{{template "columns" .}}
FROM {{feed "members"}} AS m
CROSS JOIN {{template "spans" .}} AS p
{{if .Joined "acts"}}LEFT JOIN {{template "acts" .}} AS a ON a.member_id = m.member_id AND a.period = p.period{{end}}
WHERE m.enrolled_at < p.ends_at AND (m.cancelled_at IS NULL OR m.cancelled_at >= p.ends_at)
{{template "tail" .}}
