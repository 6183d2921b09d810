-- Members open at the start of a period, with what became of them in it. Grain:
-- period, part, cell1, cell2 (as of the start).
-- postgres: enable_nestloop=off
{{template "head" .}}SELECT p.period, m.member_id, p.before AS t, 1 AS mine{{template "columns" .}}
FROM {{feed "members"}} AS m
CROSS JOIN {{template "spans" .}} AS p
{{if .Joined "lapse"}}LEFT JOIN (SELECT q.period, s.member_id,
        CASE q.period{{range .Periods}} WHEN {{.Index}} THEN s.start{{.Index}}{{end}} END AS last_start,
        CASE q.period{{range .Periods}} WHEN {{.Index}} THEN s.end{{.Index}}{{end}} END AS last_end
      FROM (SELECT v.member_id{{range .Periods}}, max(CASE WHEN v.t < {{arg .Start}} THEN v.t END) AS start{{.Index}}, max(CASE WHEN v.t < {{arg .End}} THEN v.t END) AS end{{.Index}}{{end}}
            FROM ({{template "doings" .}}) AS v WHERE v.active = 1 AND v.t < {{arg .Latest}} GROUP BY v.member_id) AS s
      CROSS JOIN {{template "spans" .}} AS q) AS h ON h.member_id = m.member_id AND h.period = p.period{{end}}
{{if .Joined "ranks"}}LEFT JOIN (SELECT q.period, d.member_id, max(z.highest) AS highest, max(z.lowest) AS lowest,
        max(CASE WHEN d.effective_from <= q.before AND d.effective_to > q.before THEN n.rank END) AS rank_start,
        max(CASE WHEN d.effective_from <= q.t AND d.effective_to > q.t THEN n.rank END) AS rank_end
      FROM {{template "spells" .}} AS d
      CROSS JOIN {{template "spans" .}} AS q
      JOIN {{feed "tiers"}} AS n ON n.tier = d.tier
      CROSS JOIN (SELECT max(o.rank) AS highest, min(o.rank) AS lowest FROM {{feed "tiers"}} AS o) AS z
      WHERE d.effective_from < q.ends_at AND d.effective_to > q.before
      GROUP BY q.period, d.member_id) AS r ON r.member_id = m.member_id AND r.period = p.period{{end}}
WHERE m.enrolled_at < p.starts_at AND (m.cancelled_at IS NULL OR m.cancelled_at >= p.starts_at)
{{template "tail" .}}
