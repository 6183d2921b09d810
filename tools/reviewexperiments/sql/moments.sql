-- What units did, reduced to sums over units. Grain: arm, stratum, and up to
-- three traits of before the start ('' where there is none). n, then the sums of
-- the variables and of their products that are asked for.
--
-- Blocks that other queries share:
--
-- units:  the experiment's units that are in one arm: unit_id, arm, stratum,
--         starts_at (from when on their outcomes count), ends_at. Where there is
--         a window, only those whose window is over.
-- traits: joins what units were when they started to units u.
-- rows:   the rows of a source that are of units, from before their start to
--         after their end: unit_id, arm, starts_at, ends_at, t, and the columns
--         that are asked for.
-- sums:   the same, summed by unit.
-- postgres: enable_nestloop=off
SELECT k.arm, k.stratum, k.d0, k.d1, k.d2, {{count "*"}} AS n{{range .Outputs}},
  {{real .SQL}} AS {{.Name}}{{end}}
FROM (SELECT u.arm, {{.Stratum}} AS stratum{{range $i, $d := .Dims}}, {{$d}} AS d{{$i}}{{end}}{{range .Vars}},
        CAST({{.SQL}} AS double precision) AS {{.Name}}{{end}}
      FROM {{template "units" .}} AS u{{template "traits" .}}{{range .Sources}}
      LEFT JOIN {{template "sums" .}} AS {{.Alias}} ON {{.Alias}}.unit_id = u.unit_id{{end}}) AS k
GROUP BY 1, 2, 3, 4, 5 ORDER BY 1 NULLS LAST, 2 NULLS LAST, 3 NULLS LAST, 4 NULLS LAST, 5 NULLS LAST
{{define "start"}}{{if .Exposure}}min(a.exposed_at){{else if .Started.IsZero}}min(a.assigned_at){{else}}min(coalesce(a.assigned_at, {{arg .Started}})){{end}}{{end}}
{{define "units"}}(SELECT g.unit_id, g.arm, g.stratum, g.starts_at, {{if .Window}}g.starts_at + {{arg .Window}} * INTERVAL '1 day'{{else}}{{arg .End}}{{end}} AS ends_at
  FROM (SELECT a.unit_id, min(a.arm) AS arm, coalesce(min(a.stratum), '') AS stratum, {{template "start" .}} AS starts_at
        FROM {{feed "assignments"}} AS a
        WHERE a.experiment_id = {{arg .ID}} AND a.arm IS NOT NULL AND (a.assigned_at IS NULL OR a.assigned_at < {{arg .End}})
        GROUP BY a.unit_id HAVING min(a.arm) = max(a.arm)) AS g{{if .Window}}
  WHERE g.starts_at + {{arg .Window}} * INTERVAL '1 day' <= {{arg .Known}}{{else if .Exposure}}
  WHERE g.starts_at < {{arg .End}}{{else if .Dated}}
  WHERE g.starts_at IS NOT NULL{{end}}){{end}}
{{define "traits"}}{{if .Tier}}
  LEFT JOIN {{template "spells" .}} AS dt ON dt.member_id = u.unit_id AND dt.effective_from <= u.starts_at AND dt.effective_to > u.starts_at{{end}}{{if .Traits}}
  LEFT JOIN {{feed "members"}} AS dm ON dm.member_id = u.unit_id{{end}}{{end}}
{{define "asked"}}{{range .Columns}}, {{.SQL}} AS {{.Name}}{{end}}{{end}}
{{define "of_unit"}}u.unit_id, u.arm, u.starts_at, u.ends_at{{end}}
{{define "near"}}{{.At}} >= {{arg .From}} AND {{.At}} < {{arg .Until}}{{end}}
{{define "rows"}}
{{- if eq .Name "orders"}}SELECT {{template "of_unit"}}, o.ordered_at AS t{{template "asked" .}}
      FROM {{template "units" .}} AS u
      JOIN {{feed "orders"}} AS o ON o.member_id = u.unit_id{{if index .Joins "lines"}}
      LEFT JOIN (SELECT l.member_id, l.order_id, max(CASE WHEN l.kind = 'redeem' THEN 0 ELSE 1 END) AS earned, max(CASE WHEN l.kind = 'redeem' THEN 1 ELSE 0 END) AS redeemed
                 FROM {{feed "points"}} AS l WHERE l.order_id IS NOT NULL AND l.kind IN ('earn', 'bonus', 'redeem') GROUP BY l.member_id, l.order_id) AS k ON k.member_id = o.member_id AND k.order_id = o.order_id{{end}}
      WHERE {{known "orders" "o"}} AND {{template "near" (.On "o.ordered_at")}}
{{- else if eq .Name "points"}}SELECT {{template "of_unit"}}, l.occurred_at AS t{{template "asked" .}}
      FROM {{template "units" .}} AS u
      JOIN {{feed "points"}} AS l ON l.member_id = u.unit_id
      WHERE {{template "near" (.On "l.occurred_at")}}
{{- else if eq .Name "redemptions"}}SELECT {{template "of_unit"}}, d.redeemed_at AS t{{template "asked" .}}
      FROM {{template "units" .}} AS u
      JOIN {{feed "redemptions"}} AS d ON d.member_id = u.unit_id{{if index .Joins "rewards"}}
      LEFT JOIN {{feed "rewards"}} AS w ON w.reward_id = d.reward_id{{end}}
      WHERE {{template "near" (.On "d.redeemed_at")}}
{{- else if eq .Name "engagement"}}SELECT v.unit_id, v.arm, v.starts_at, v.ends_at, v.t{{template "asked" .}}
      FROM (SELECT {{template "of_unit"}}, g.occurred_at AS t, g.kind, g.channel, g.campaign_id{{if index .Joins "first"}},
              row_number() OVER (PARTITION BY u.unit_id, g.campaign_id, g.kind, CASE WHEN g.occurred_at < u.starts_at THEN 0 ELSE 1 END ORDER BY g.occurred_at NULLS LAST) AS nth{{end}}
            FROM {{template "units" .}} AS u
            JOIN {{feed "engagement"}} AS g ON g.member_id = u.unit_id
            WHERE {{template "near" (.On "g.occurred_at")}}) AS v
{{- else if eq .Name "activity"}}SELECT v.unit_id, v.arm, v.starts_at, v.ends_at, v.t{{template "asked" .}}
      FROM (SELECT {{template "of_unit"}}, e.t, e.active, e.participant, e.redeemer
            FROM {{template "units" .}} AS u
            JOIN ({{template "events" .}}) AS e ON e.member_id = u.unit_id
            WHERE {{template "near" (.On "e.t")}}) AS v
{{- else if eq .Name "surveys"}}SELECT v.unit_id, v.arm, v.starts_at, v.ends_at, v.t{{template "asked" .}}
      FROM (SELECT {{template "of_unit"}}, s.responded_at AS t, s.kind, s.score, coalesce(s.scale_min, 1) AS low, coalesce(s.scale_max, 5) AS high, s.touchpoint
            FROM {{template "units" .}} AS u
            JOIN {{feed "surveys"}} AS s ON s.member_id = u.unit_id
            WHERE {{known "surveys" "s"}} AND {{template "near" (.On "s.responded_at")}}) AS v
{{- else}}SELECT {{template "of_unit"}}, m.cancelled_at AS t{{template "asked" .}}
      FROM {{template "units" .}} AS u
      JOIN {{feed "members"}} AS m ON m.member_id = u.unit_id
      WHERE {{template "near" (.On "m.cancelled_at")}}
{{- end}}{{end}}
{{define "sums"}}(SELECT r.unit_id{{range .Sums}}, {{.SQL}} AS {{.Name}}{{end}}
    FROM ({{template "rows" .}}) AS r
    GROUP BY r.unit_id){{end}}
{{define "values"}}SELECT u.unit_id, u.arm{{range .Vars}},
    CAST({{.SQL}} AS double precision) AS {{.Name}}{{end}}
  FROM {{template "units" .}} AS u{{range .Sources}}
  LEFT JOIN {{template "sums" .}} AS {{.Alias}} ON {{.Alias}}.unit_id = u.unit_id{{end}}{{end}}
