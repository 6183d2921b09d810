-- Ledger lines by kind and where members belong at the end of the window, for
-- all of their lines. Grain: dimension, cell, kind. Exact: opening (before the
-- window), inside (in the window). Count: members (with lines of the kind).
-- postgres: enable_nestloop=off
{{range $i, $g := .Groupings}}{{if $i}}
UNION ALL
{{end}}SELECT {{text $g.Dimension}} AS dimension, {{template "cell" $g}} AS cell, e.kind,
  {{exact "sum(e.opening)"}} AS opening, {{exact "sum(e.inside)"}} AS inside, {{count "*"}} AS members
FROM (SELECT l.member_id, coalesce(l.kind, '') AS kind, {{arg $.End}} - INTERVAL '1 microsecond' AS t,
        sum(CASE WHEN l.occurred_at < {{arg $.Start}} THEN l.points END) AS opening,
        sum(CASE WHEN l.occurred_at >= {{arg $.Start}} THEN l.points END) AS inside
      FROM {{feed "points"}} AS l WHERE l.occurred_at < {{arg $.End}} GROUP BY l.member_id, 2) AS e
{{template "join" $g}}
GROUP BY 1, 2, 3
{{end}}
ORDER BY 1 NULLS LAST, 2 NULLS LAST, 3 NULLS LAST
