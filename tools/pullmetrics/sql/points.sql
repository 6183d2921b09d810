-- Lines of the ledger, or members' months where there is none. Grain: period,
-- part, cell1, cell2 (as of the line).
{{template "head" .}}{{range $j, $p := .Passes}}{{if $j}}
UNION ALL {{end}}{{if eq $.Feed "points_monthly"}}SELECT {{template "at" ($p.Of "l.month")}} AS period, l.member_id, l.month AS t, 1 AS mine{{template "columns" $}}
FROM {{feed "points_monthly"}} AS l WHERE {{template "within" ($p.Of "l.month").Pass}}{{else}}SELECT {{template "at" ($p.Of "l.occurred_at")}} AS period, l.member_id, l.occurred_at AS t, 1 AS mine{{template "columns" $}}
FROM {{feed "points"}} AS l WHERE {{template "within" ($p.Of "l.occurred_at").Pass}}{{end}}{{end}}
{{template "tail" .}}
