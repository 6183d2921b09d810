-- What every feed is checked for: nulls in required columns, dates that can't
-- be. It writes nothing; the checks enter the mask.
{{range .Required}}{{$.Null . (print "f." .)}}{{end -}}
{{if .When}}{{.Hit "far_past" (print "f." .When " < TIMESTAMP '1980-01-01 00:00:00'") -}}
{{if .Past}}{{.Hit "future" (print "f." .When " > " (arg .Now))}}{{end}}{{end -}}
