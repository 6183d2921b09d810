-- Orders, row by row. Rows as rows.sql says.
{{template "common" . -}}
{{.Hit "negative_orders" "f.net < 0" -}}
{{.Hit "negative_sales" "f.net < 0 AND f.gross < 0" -}}
{{.Hit "net_above_gross" "f.net > f.gross" -}}
{{.Hit "wrong_signs" "f.discount < 0 OR f.refund < 0" -}}
{{.Hit "status_counts" (print "f.status IN (" (.List .Voidlike) ")") -}}
{{if .Currency}}{{.Hit "currencies" (print "upper(trim(f.currency)) <> " (arg .Currency))}}{{end -}}
{{template "rows" .}}
