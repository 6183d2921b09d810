-- Blocks that the queries of the sources share. A source's query is its rows
-- between "head" and "tail":
--
--   rows       period, member_id, t (when the row counts), mine (1 where it is
--              a member's), and the columns that the measures name
--   level one  one row a period, member and cells: the sums c0, c1, ... of each
--              condition, and as floats f0, f1, ... those of which products are
--              made; rows of sources with one row a member are taken as
--              they are
--   level two  the same, once for each part of the split (0 is the whole);
--              where there is no split, left out
--   result     period, part, cell1, cell2 and the outputs, summed over members
--
-- A series by day needs no sums by member: there rows are summed by day at once
-- (Flat), and its second figure of a measure is the rows behind it.
--
-- So a feed is read once for all measures, windows and splits, and every step
-- but the last is keyed by member.
--
-- columns:  the columns of the rows.
-- at:       the period of a row, or its day or week in a series.
-- dims:     what members are, beside level one: dt (spells in tiers), dm.
-- cell_of:  the cell of a row in a dimension.
-- spans:    the periods: period, starts_at, ends_at, t (their last moment),
--           before (the last moment before them), line_start and line_end (who
--           had no event since then has lapsed).
-- doings:   events that say that a member did something: member_id, t, active,
--           earned, redeemed, ordered, logged_in.
-- acts:     by member, whether there was any such event, in a column a period.
{{define "columns"}}{{range .Columns}}, {{.SQL}} AS {{.Name}}{{end}}{{end}}
{{define "at"}}{{if eq .Step 0}}{{template "period" .Pass}}{{else if eq .Step 1}}CAST({{date .Column}} - DATE '1970-01-01' AS bigint){{else}}CAST(floor(({{date .Column}} - DATE '1970-01-01' - {{.Anchor}}) / {{.Step}}.0) AS bigint){{end}}{{end}}
{{define "dims"}}{{if .History}}
LEFT JOIN {{template "spells" .}} AS dt ON dt.member_id = e.member_id AND dt.effective_from <= e.t AND dt.effective_to > e.t{{end}}{{if .Traits}}
LEFT JOIN {{feed "members"}} AS dm ON dm.member_id = e.member_id{{end}}{{end}}
{{define "cell_of"}}{{if eq .Column "cohort"}}coalesce(substr(CAST({{month "dm.enrolled_at"}} AS text), 1, 7), ''){{else}}{{cell .Column}}{{end}}{{end}}
{{define "head"}}{{if .Flat}}SELECT e.period, CAST(0 AS bigint) AS part, '' AS cell1, '' AS cell2{{range .Outputs}},
  {{exact .SQL}} AS {{.Name}}{{end}}
FROM ({{else}}SELECT x.period, {{if .Split}}x.part, x.cell1, x.cell2{{else}}CAST(0 AS bigint) AS part, '' AS cell1, '' AS cell2{{end}}{{range .Outputs}},
  {{if .Real}}{{real .SQL}}{{else}}{{exact .SQL}}{{end}} AS {{.Name}}{{end}}
FROM ({{if .Split}}SELECT y.period, y.member_id, g.part,
        {{template "part_cell" .First}} AS cell1, {{template "part_cell" .Second}} AS cell2,
        {{if .Merges}}max(y.mine) AS mine{{range .Sums}}, sum(y.{{.Name}}) AS {{.Name}}{{if .Real}}, {{real (printf "sum(y.%s)" .Name)}} AS {{.Float}}{{end}}{{end}}{{else}}y.mine{{range .Sums}}, y.{{.Name}}{{if .Real}}, y.{{.Float}}{{end}}{{end}}{{end}}
      FROM ({{end}}SELECT e.period, e.member_id{{range $i, $d := .Split}}, {{template "cell_of" $d}} AS d{{$i}}{{end}},
        {{if .Person}}e.mine{{else}}max(e.mine) AS mine{{end}}{{range .Sums}}, {{if $.Person}}{{.SQL}}{{else}}sum({{.SQL}}){{end}} AS {{.Name}}{{if .Real}}, {{if $.Person}}{{real .SQL}}{{else}}{{real (printf "sum(%s)" .SQL)}}{{end}} AS {{.Float}}{{end}}{{end}}
      FROM ({{end}}{{end}}
{{define "part_cell"}}{{if .}}CASE g.part{{range .}} WHEN {{.Part}} THEN y.d{{.Index}}{{end}} ELSE '' END{{else}}''{{end}}{{end}}
{{define "tail"}}) AS e{{template "dims" .}}{{if .Flat}}{{if .Filters}}
WHERE e.mine = 1{{range .Filters}} AND {{template "cell_of" (index $.Split .Index)}} IN ({{range $i, $v := .Values}}{{if $i}}, {{end}}{{arg $v}}{{end}}){{end}}{{end}}
GROUP BY e.period{{else}}{{if .Person}}{{fence}}{{else}}
      GROUP BY 1, 2{{range $i, $d := .Split}}, {{$.Ordinal $i}}{{end}}{{end}}{{if .Split}}) AS y
      CROSS JOIN ({{range $i, $p := .Parts}}{{if $i}} UNION ALL {{end}}SELECT CAST({{$p}} AS bigint) AS part{{end}}) AS g
      WHERE {{if .Filters}}y.mine = 1{{range .Filters}} AND y.d{{.Index}} IN ({{range $i, $v := .Values}}{{if $i}}, {{end}}{{arg $v}}{{end}}){{end}}{{else}}(g.part = 0 OR y.mine = 1){{end}}{{if .Merges}}
      GROUP BY 1, 2, 3, 4, 5{{end}}{{end}}) AS x
GROUP BY x.period{{if .Split}}, x.part, x.cell1, x.cell2{{end}}{{end}}{{end}}
{{define "spans"}}({{range $i, $p := .Periods}}{{if $i}} UNION ALL {{end}}SELECT CAST({{$p.Index}} AS bigint) AS period, {{arg $p.Start}} AS starts_at, {{arg $p.End}} AS ends_at,
  {{arg $p.End}} - INTERVAL '1 microsecond' AS t, {{arg $p.Start}} - INTERVAL '1 microsecond' AS before, {{arg ($.Line $p.Start)}} AS line_start, {{arg ($.Line $p.End)}} AS line_end{{end}}){{end}}
{{define "doings"}}{{range $i, $feed := .Doings}}{{if $i}}
    UNION ALL {{end}}{{if eq $feed "points"}}SELECT l.member_id, l.occurred_at AS t,
      CASE WHEN l.kind = 'redeem' THEN {{if $.Counts "redeem"}}1{{else}}0{{end}} ELSE {{if $.Counts "earn"}}1{{else}}0{{end}} END AS active,
      CASE WHEN l.kind = 'redeem' THEN 0 ELSE 1 END AS earned, CASE WHEN l.kind = 'redeem' THEN 1 ELSE 0 END AS redeemed, 0 AS ordered, 0 AS logged_in
    FROM {{feed "points"}} AS l WHERE l.kind IN ('earn', 'bonus', 'redeem')
{{- else if eq $feed "points_monthly"}}SELECT l.member_id, l.month + INTERVAL '1 month' - INTERVAL '1 day' AS t,
      CASE WHEN l.earned > 0 AND {{if $.Counts "earn"}}1{{else}}0{{end}} = 1 OR l.redeemed > 0 AND {{if $.Counts "redeem"}}1{{else}}0{{end}} = 1 THEN 1 ELSE 0 END AS active,
      CASE WHEN l.earned > 0 THEN 1 ELSE 0 END AS earned, CASE WHEN l.redeemed > 0 THEN 1 ELSE 0 END AS redeemed, 0 AS ordered, 0 AS logged_in
    FROM {{feed "points_monthly"}} AS l
{{- else if eq $feed "orders"}}SELECT o.member_id, o.ordered_at AS t, {{if $.Counts "order"}}1{{else}}0{{end}} AS active, 0 AS earned, 0 AS redeemed, 1 AS ordered, 0 AS logged_in
    FROM {{feed "orders"}} AS o WHERE {{known "orders" "o"}}
{{- else}}SELECT g.member_id, g.occurred_at AS t,
      CASE WHEN g.kind = 'challenge_complete' THEN {{if $.Counts "challenge"}}1{{else}}0{{end}} ELSE {{if $.Counts "login"}}1{{else}}0{{end}} END AS active,
      0 AS earned, 0 AS redeemed, 0 AS ordered, CASE WHEN g.kind = 'challenge_complete' THEN 0 ELSE 1 END AS logged_in
    FROM {{feed "engagement"}} AS g WHERE g.kind IN ('login', 'app_open', 'challenge_complete')
{{- end}}{{end}}{{end}}
{{define "acts"}}(SELECT z.member_id{{range $flag := .Flags}}{{range $.Periods}}, max(CASE WHEN z.period = {{.Index}} THEN z.{{$flag}} END) AS {{$flag}}{{.Index}}{{end}}{{end}}
  FROM (SELECT w.period, w.member_id{{range .Flags}}, max(w.{{.}}) AS {{.}}{{end}}
    FROM ({{range $j, $p := .Passes}}{{if $j}}
      UNION ALL {{end}}SELECT {{template "period" ($p.Of "v.t").Pass}} AS period, v.member_id{{range $.Flags}}, v.{{.}}{{end}}
      FROM ({{template "doings" $}}) AS v WHERE {{template "within" ($p.Of "v.t").Pass}}{{end}}) AS w
    GROUP BY w.period, w.member_id) AS z
  GROUP BY z.member_id){{end}}
