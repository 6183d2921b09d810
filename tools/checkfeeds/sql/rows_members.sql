-- Members, row by row. Rows as rows.sql says.
{{template "common" . -}}
{{.Hit "cancelled_before_enrolling" "f.cancelled_at < f.enrolled_at" -}}
{{.Hit "undated_cancellation" "f.status = 'cancelled' AND f.cancelled_at IS NULL" -}}
{{.Hit "unknown_statuses" "f.status NOT IN ('active', 'cancelled', 'blocked', 'merged')" -}}
{{.Hit "open_but_dated" "f.status = 'active' AND f.cancelled_at IS NOT NULL" -}}
{{if .Tiers}}{{.Hit "unknown_tiers" (print "f.tier NOT IN (" (.List .Tiers) ")")}}{{end -}}
{{template "rows" .}}
