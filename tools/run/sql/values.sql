-- The values of a dimension that members have or, for tiers, had. Grain: value
-- ('' where unknown); at most 1000.
{{if .History}}SELECT {{cell "h.tier"}} AS value FROM {{feed "tier_history"}} AS h{{else if eq .Dimension "cohort"}}SELECT coalesce(substr(CAST({{month "m.enrolled_at"}} AS text), 1, 7), '') AS value FROM {{feed "members"}} AS m{{else}}SELECT {{cell (print "m." .Dimension)}} AS value FROM {{feed "members"}} AS m{{end}}
GROUP BY 1 ORDER BY 1 NULLS LAST LIMIT 1000
