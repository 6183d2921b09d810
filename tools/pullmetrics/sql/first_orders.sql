-- Members' first orders, with further ones in the horizon after it, in days of
-- 24 hours. Grain: period, part, cell1, cell2 (as of the first order).
--
-- Orders are read once: each beside its member's first. Which first orders are in a
-- period is asked last, of a minimum over them: asked before, planners expect next
-- to none of them.
-- postgres: max_parallel_workers_per_gather=0
{{template "head" .}}{{range $j, $p := .Passes}}{{if $j}}
UNION ALL {{end}}SELECT {{template "at" ($p.Of "f.first_at")}} AS period, f.member_id, f.first_at AS t, 1 AS mine{{template "columns" $}}
FROM {{if $.Joined "later"}}(SELECT g.member_id, min(g.first_at) AS first_at, count(*) - 1 AS more
      FROM (SELECT o.member_id, o.ordered_at, min(o.ordered_at) OVER (PARTITION BY o.member_id) AS first_at
            FROM {{feed "orders"}} AS o WHERE {{known "orders" "o"}} AND o.ordered_at < {{arg $.Known}}) AS g
      WHERE g.ordered_at < g.first_at + {{arg $.Horizon}} * INTERVAL '1 day'
      GROUP BY g.member_id){{else}}(SELECT o.member_id, min(o.ordered_at) AS first_at FROM {{feed "orders"}} AS o WHERE {{known "orders" "o"}} GROUP BY o.member_id){{end}} AS f
WHERE {{template "within" ($p.Of "f.first_at").Pass}}{{end}}
{{template "tail" .}}
