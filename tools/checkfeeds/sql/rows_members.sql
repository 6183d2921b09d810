-- Members, row by row. Rows as rows.sql says.
{{template "common" . -}}
{{.Hit "cancelled_before_enrolling" "f.cancelled_at < f.enrolled_at" -}}
{{.Hit "undated_cancellation" "f.status = 'cancelled' AND f.cancelled_at IS NULL" -}}
{{.Hit "unknown_statuses" "f.status NOT IN ('active', 'cancelled', 'blocked', 'merged')" -}}
{{.Hit "open_but_dated" (print "f.status = 'active' AND f.cancelled_at <= " (arg .Now)) -}}
{{$known := ""}}{{range .Tiers}}{{if $known}}{{$known = print $known ", "}}{{end}}{{$known = print $known (arg .)}}{{end -}}
{{if $known}}{{.Hit "unknown_tiers" (print "f.tier NOT IN (" $known ")")}}{{end -}}
{{template "rows" .}}
