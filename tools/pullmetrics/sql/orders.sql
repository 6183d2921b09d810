-- Orders. Grain: period, part, cell1, cell2 (as of the order). The whole holds
-- orders of members and others, splits those of members only.
-- postgres: max_parallel_workers_per_gather=0
{{template "head" .}}{{range $j, $p := .Passes}}{{if $j}}
UNION ALL {{end}}SELECT {{template "at" ($p.Of "o.ordered_at")}} AS period, o.member_id, o.ordered_at AS t, CASE WHEN {{known "orders" "o"}} THEN 1 ELSE 0 END AS mine{{template "columns" $}}
FROM {{feed "orders"}} AS o
{{if $.Joined "lines"}}LEFT JOIN (SELECT l.member_id, l.order_id, max(CASE WHEN l.kind = 'redeem' THEN 0 ELSE 1 END) AS earned, max(CASE WHEN l.kind = 'redeem' THEN 1 ELSE 0 END) AS redeemed
      FROM {{feed "points"}} AS l WHERE l.order_id IS NOT NULL AND l.kind IN ('earn', 'bonus', 'redeem') AND l.occurred_at >= {{arg $p.Earliest}} - INTERVAL '1 day' AND l.occurred_at < {{arg $.Known}}
      GROUP BY l.member_id, l.order_id) AS k ON k.member_id = o.member_id AND k.order_id = o.order_id{{end}}
WHERE {{template "within" ($p.Of "o.ordered_at").Pass}}{{end}}
{{template "tail" .}}
