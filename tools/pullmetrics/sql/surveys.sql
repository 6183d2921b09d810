-- Answers to surveys; without a scale, CSAT is 1 to 5. Grain: period, part,
-- cell1, cell2 (as of the answer). The whole holds answers of members and
-- others, splits those of members only.
{{template "head" .}}{{range $j, $p := .Passes}}{{if $j}}
UNION ALL {{end}}SELECT v.period, v.member_id, v.t, v.mine{{template "columns" $}}
FROM (SELECT {{template "at" ($p.Of "s.responded_at")}} AS period, s.member_id, s.responded_at AS t, CASE WHEN {{known "surveys" "s"}} THEN 1 ELSE 0 END AS mine,
        s.kind, s.score, coalesce(s.scale_min, 1) AS low, coalesce(s.scale_max, 5) AS high, s.touchpoint
      FROM {{feed "surveys"}} AS s WHERE {{template "within" ($p.Of "s.responded_at").Pass}}) AS v{{end}}
{{template "tail" .}}
