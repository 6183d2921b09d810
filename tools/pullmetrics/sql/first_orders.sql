-- Members' first orders, with further ones in the horizon after it, in days of
-- 24 hours. One scan: a member's first order is told beside each of them. Grain:
-- period, part, cell1, cell2 (as of the first order).
{{template "head" .}}{{range $j, $p := .Passes}}{{if $j}}
UNION ALL {{end}}SELECT {{template "at" ($p.Of "f.first_at")}} AS period, f.member_id, f.first_at AS t, 1 AS mine{{template "columns" $}}
FROM {{if $.Joined "later"}}(SELECT g.member_id, g.first_at, count(CASE WHEN g.t < g.first_at + {{arg $.Horizon}} * INTERVAL '1 day' AND g.t < {{arg $.Known}} THEN 1 END) - 1 AS more
      FROM (SELECT o.member_id, o.ordered_at AS t, min(o.ordered_at) OVER (PARTITION BY o.member_id) AS first_at FROM {{feed "orders"}} AS o WHERE {{known "orders" "o"}}) AS g
      GROUP BY g.member_id, g.first_at){{else}}(SELECT o.member_id, min(o.ordered_at) AS first_at FROM {{feed "orders"}} AS o WHERE {{known "orders" "o"}} GROUP BY o.member_id){{end}} AS f
WHERE {{template "within" ($p.Of "f.first_at").Pass}}{{end}}
{{template "tail" .}}
