-- Experiments, row by row. Rows as rows.sql says.
{{template "common" . -}}
{{.Hit "backward_spells" "f.ended_at < f.started_at" -}}
{{template "rows" .}}
