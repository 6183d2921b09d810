-- Rewards claimed. Grain: period, part, cell1, cell2 (as of the redemption).
{{template "head" .}}{{range $j, $p := .Passes}}{{if $j}}
UNION ALL {{end}}SELECT {{template "at" ($p.Of "d.redeemed_at")}} AS period, d.member_id, d.redeemed_at AS t, 1 AS mine{{template "columns" $}}
FROM {{feed "redemptions"}} AS d {{if $.Joined "rewards"}}LEFT JOIN {{feed "rewards"}} AS w ON w.reward_id = d.reward_id{{end}}
WHERE {{template "within" ($p.Of "d.redeemed_at").Pass}}{{end}}
{{template "tail" .}}
