-- Members who cancelled in a period. Grain: period, part, cell1, cell2 (as of
-- the moment before).
{{template "head" .}}{{range $j, $p := .Passes}}{{if $j}}
UNION ALL {{end}}SELECT {{template "at" ($p.Of "m.cancelled_at")}} AS period, m.member_id, m.cancelled_at - INTERVAL '1 microsecond' AS t, 1 AS mine{{template "columns" $}}
FROM {{feed "members"}} AS m WHERE {{template "within" ($p.Of "m.cancelled_at").Pass}}{{end}}
{{template "tail" .}}
