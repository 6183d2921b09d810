-- Spells in tiers, row by row. Rows as rows.sql says.
{{template "common" . -}}
{{.Hit "backward_spells" "f.effective_to < f.effective_from" -}}
{{if .Tiers}}{{.Hit "unknown_tiers" (print "f.tier NOT IN (" (.List .Tiers) ")")}}{{end -}}
{{template "rows" .}}
