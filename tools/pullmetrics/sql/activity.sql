-- Events that may make a member active. Grain: period, part, cell1, cell2 (as
-- of the event).
{{template "head" .}}{{range $j, $p := .Passes}}{{if $j}}
UNION ALL {{end}}SELECT v.period, v.member_id, v.t, 1 AS mine{{template "columns" $}}
FROM (SELECT {{template "at" ($p.Of "w.t")}} AS period, w.member_id, w.t, w.active, w.redeemed AS redeemer, CASE WHEN w.earned + w.redeemed > 0 THEN 1 ELSE 0 END AS participant
      FROM ({{template "doings" $}}) AS w WHERE {{template "within" ($p.Of "w.t").Pass}}) AS v{{end}}
{{template "tail" .}}
