-- Members who enrolled in a period, with what they did in the horizon after it,
-- in days of 24 hours. Grain: period, part, cell1, cell2 (as of the enrolment).
{{template "head" .}}{{range $j, $p := .Passes}}{{if $j}}
UNION ALL {{end}}SELECT {{template "at" ($p.Of "m.enrolled_at")}} AS period, m.member_id, m.enrolled_at AS t, 1 AS mine{{template "columns" $}}
FROM {{feed "members"}} AS m
{{if $.Joined "acts"}}LEFT JOIN (SELECT v.member_id, count(DISTINCT {{date "v.t"}}) AS active_days
      FROM ({{template "doings" $}}) AS v JOIN {{feed "members"}} AS n ON n.member_id = v.member_id AND v.t >= n.enrolled_at AND v.t < n.enrolled_at + {{arg $.Horizon}} * INTERVAL '1 day'
      WHERE v.active = 1 AND v.t >= {{arg $p.Earliest}} AND v.t < {{arg $.Known}} GROUP BY v.member_id) AS a ON a.member_id = m.member_id{{end}}
{{if $.Joined "sales"}}LEFT JOIN (SELECT o.member_id, count(*) AS orders
      FROM {{feed "orders"}} AS o JOIN {{feed "members"}} AS n ON n.member_id = o.member_id AND o.ordered_at >= n.enrolled_at AND o.ordered_at < n.enrolled_at + {{arg $.Horizon}} * INTERVAL '1 day'
      WHERE {{known "orders" "o"}} AND o.ordered_at >= {{arg $p.Earliest}} AND o.ordered_at < {{arg $.Known}} GROUP BY o.member_id) AS s ON s.member_id = m.member_id{{end}}
{{if $.Joined "lines"}}LEFT JOIN (SELECT k.member_id, max(CASE WHEN k.kind = 'redeem' THEN 1 ELSE 0 END) AS redeemed
      FROM {{feed "points"}} AS k JOIN {{feed "members"}} AS n ON n.member_id = k.member_id AND k.occurred_at >= n.enrolled_at AND k.occurred_at < n.enrolled_at + {{arg $.Horizon}} * INTERVAL '1 day'
      WHERE k.kind = 'redeem' AND k.occurred_at >= {{arg $p.Earliest}} AND k.occurred_at < {{arg $.Known}} GROUP BY k.member_id) AS l ON l.member_id = m.member_id{{end}}
WHERE {{template "within" ($p.Of "m.enrolled_at").Pass}}{{end}}
{{template "tail" .}}
