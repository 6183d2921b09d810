-- Members open at the start of a period, with what became of them in it. Grain:
-- period, part, cell1, cell2 (as of the start).
--
-- What members did and were is joined by member alone, a column a period, and
-- only then told apart by period: a join by period and member is one of which
-- planners expect few rows.
{{template "head" .}}SELECT m.period, m.member_id, m.before AS t, 1 AS mine{{template "columns" .}}
FROM (SELECT n.member_id, n.enrolled_at, n.cancelled_at, n.region, n.channel, n.consent_marketing, p.period, p.before, p.starts_at, p.ends_at, p.line_start, p.line_end{{if .Joined "lapse"}},
        CASE p.period{{range .Periods}} WHEN {{.Index}} THEN h.start{{.Index}}{{end}} END AS last_start,
        CASE p.period{{range .Periods}} WHEN {{.Index}} THEN h.end{{.Index}}{{end}} END AS last_end{{end}}{{if .Joined "ranks"}}, z.highest, z.lowest,
        CASE p.period{{range .Periods}} WHEN {{.Index}} THEN r.start{{.Index}}{{end}} END AS rank_start,
        CASE p.period{{range .Periods}} WHEN {{.Index}} THEN r.end{{.Index}}{{end}} END AS rank_end{{end}}
      FROM {{feed "members"}} AS n
      {{if .Joined "lapse"}}LEFT JOIN (SELECT v.member_id{{range .Periods}}, max(CASE WHEN v.t < {{arg .Start}} THEN v.t END) AS start{{.Index}}, max(CASE WHEN v.t < {{arg .End}} THEN v.t END) AS end{{.Index}}{{end}}
        FROM ({{template "doings" .}}) AS v WHERE v.active = 1 AND v.t < {{arg .Latest}} GROUP BY v.member_id) AS h ON h.member_id = n.member_id{{end}}
      {{if .Joined "ranks"}}LEFT JOIN (SELECT d.member_id{{range .Periods}}, max(CASE WHEN d.effective_from < {{arg .Start}} AND d.effective_to >= {{arg .Start}} THEN k.rank END) AS start{{.Index}}, max(CASE WHEN d.effective_from < {{arg .End}} AND d.effective_to >= {{arg .End}} THEN k.rank END) AS end{{.Index}}{{end}}
        FROM {{template "spells" .}} AS d JOIN {{feed "tiers"}} AS k ON k.tier = d.tier GROUP BY d.member_id) AS r ON r.member_id = n.member_id
      CROSS JOIN (SELECT max(o.rank) AS highest, min(o.rank) AS lowest FROM {{feed "tiers"}} AS o) AS z{{end}}
      CROSS JOIN {{template "spans" .}} AS p) AS m
WHERE m.enrolled_at < m.starts_at AND (m.cancelled_at IS NULL OR m.cancelled_at >= m.starts_at)
{{template "tail" .}}
