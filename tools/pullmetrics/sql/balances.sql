-- Members' balances at the end of a period, and at its start, of those with any
-- line before the end; one scan for all periods. Grain: period, part, cell1,
-- cell2 (as of the end).
{{template "head" .}}SELECT b.period, b.member_id, b.t, 1 AS mine{{template "columns" .}}
FROM (SELECT p.period, p.t, s.member_id, CASE p.period{{range .Periods}} WHEN {{.Index}} THEN s.end{{.Index}}{{end}} END AS balance,
        coalesce(CASE p.period{{range .Periods}} WHEN {{.Index}} THEN s.start{{.Index}}{{end}} END, 0) AS opening{{if .Joined "ever"}},
        CASE p.period{{range .Periods}} WHEN {{.Index}} THEN s.issued{{.Index}}{{end}} END AS issued,
        CASE p.period{{range .Periods}} WHEN {{.Index}} THEN s.redeemed{{.Index}}{{end}} END AS redeemed,
        CASE p.period{{range .Periods}} WHEN {{.Index}} THEN s.expired{{.Index}}{{end}} END AS expired{{end}}
      FROM (SELECT l.member_id{{range .Periods}}, sum(CASE WHEN l.occurred_at < {{arg .End}} THEN l.points END) AS end{{.Index}}, sum(CASE WHEN l.occurred_at < {{arg .Start}} THEN l.points END) AS start{{.Index}}{{if $.Joined "ever"}},
              sum(CASE WHEN l.occurred_at < {{arg .End}} AND l.kind IN ('earn', 'bonus') THEN l.points END) AS issued{{.Index}},
              -sum(CASE WHEN l.occurred_at < {{arg .End}} AND l.kind = 'redeem' THEN l.points END) AS redeemed{{.Index}},
              -sum(CASE WHEN l.occurred_at < {{arg .End}} AND l.kind = 'expire' THEN l.points END) AS expired{{.Index}}{{end}}{{end}}
            FROM {{feed "points"}} AS l WHERE l.occurred_at < {{arg .Latest}} GROUP BY l.member_id) AS s
      CROSS JOIN {{template "spans" .}} AS p) AS b
WHERE b.balance IS NOT NULL
{{template "tail" .}}
