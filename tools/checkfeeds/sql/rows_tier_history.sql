-- Spells in tiers, row by row. Rows as rows.sql says.
{{template "common" . -}}
{{.Hit "backward_spells" "f.effective_to < f.effective_from" -}}
{{$known := ""}}{{range .Tiers}}{{if $known}}{{$known = print $known ", "}}{{end}}{{$known = print $known (arg .)}}{{end -}}
{{if $known}}{{.Hit "unknown_tiers" (print "f.tier NOT IN (" $known ")")}}{{end -}}
{{template "rows" .}}
