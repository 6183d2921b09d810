-- Contacts with members, and their acts. Grain: period, part, cell1, cell2 (as
-- of the event).
{{template "head" .}}{{range $j, $p := .Passes}}{{if $j}}
UNION ALL {{end}}SELECT v.period, v.member_id, v.t, 1 AS mine{{template "columns" $}}
FROM (SELECT {{template "at" ($p.Of "g.occurred_at")}} AS period, g.member_id, g.occurred_at AS t, g.kind, g.channel, g.campaign_id{{if $.Joined "first"}},
        row_number() OVER (PARTITION BY g.member_id, g.campaign_id, g.kind, {{template "at" ($p.Of "g.occurred_at")}} ORDER BY g.occurred_at NULLS LAST) AS nth{{end}}
      FROM {{feed "engagement"}} AS g WHERE {{template "within" ($p.Of "g.occurred_at").Pass}}) AS v{{end}}
{{template "tail" .}}
