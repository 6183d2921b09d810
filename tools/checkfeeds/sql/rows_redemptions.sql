-- Redemptions, row by row. Gross is the points of all, net of those that were
-- not cancelled. Rows as rows.sql says.
{{template "common" . -}}
{{.Hit "wrong_signs" "f.points < 0 OR f.value < 0" -}}
{{.Hit "used_too_soon" (print (date "f.used_at") " < " (date "f.redeemed_at")) -}}
{{.Hit "status_counts" (print "f.status IN (" (.List .Voidlike) ")") -}}
{{if .Currency}}{{.Hit "currencies" (print "upper(trim(f.currency)) <> " (arg .Currency))}}{{end -}}
{{.SetAmounts "f.points" (print "CASE WHEN coalesce(f.status, '') NOT IN (" (.List .Void) ") THEN f.points END") -}}
{{template "rows" .}}
