-- Monthly points, row by row. Rows as rows.sql says.
{{template "common" . -}}
{{.Hit "wrong_signs" "f.earned < 0 OR f.redeemed < 0 OR f.expired < 0" -}}
{{.Hit "fractional_points" "f.earned <> floor(f.earned) OR f.redeemed <> floor(f.redeemed)" -}}
{{.Hit "unmonthly_dates" (print (date "f.month") " <> " (month "f.month")) -}}
{{template "rows" .}}
