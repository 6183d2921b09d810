-- What members' lots still hold at the end of the window, debits taken from the
-- lots that expire first: of the lots that expire by a day T, what is left is
-- max(0, lots by T - debits). Grain: period, part, cell1, cell2 (as of the end).
{{template "head" .}}SELECT p.period, b.member_id, p.t, 1 AS mine{{template "columns" .}}
FROM (SELECT l.member_id,
        coalesce(-sum(CASE WHEN l.points < 0 THEN l.points END), 0) AS debits{{range .Within}},
        coalesce(sum(CASE WHEN l.points > 0 AND l.expires_at < {{arg .By}} THEN l.points END), 0) AS by{{.Days}}{{end}}
      FROM {{feed "points"}} AS l WHERE l.occurred_at < {{arg .Latest}} GROUP BY l.member_id) AS b
CROSS JOIN {{template "spans" .}} AS p
{{template "tail" .}}
