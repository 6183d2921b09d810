-- Answers to surveys, row by row. Rows as rows.sql says.
{{template "common" . -}}
{{.Hit "unknown_kinds" "f.kind NOT IN ('csat', 'nps', 'ces')" -}}
{{.Hit "off_scale" "(f.kind = 'nps' AND (f.score < 0 OR f.score > 10)) OR (f.kind = 'csat' AND (f.score < coalesce(f.scale_min, 1) OR f.score > coalesce(f.scale_max, 5)))" -}}
{{.Hit "answered_too_soon" "f.responded_at < f.invited_at" -}}
{{template "rows" .}}
