-- Tiers, row by row. Rows as rows.sql says.
{{template "common" . -}}
{{.Hit "wrong_signs" "f.qualify_threshold < 0" -}}
{{template "rows" .}}
