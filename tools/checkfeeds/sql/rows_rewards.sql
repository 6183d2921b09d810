-- Rewards, row by row. Rows as rows.sql says.
{{template "common" . -}}
{{.Hit "wrong_signs" "f.cost_points < 0 OR f.unit_cost < 0" -}}
{{.Hit "backward_spells" "f.active_to < f.active_from" -}}
{{template "rows" .}}
