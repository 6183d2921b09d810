-- The values of a dimension that members have or, for tiers, had. Grain: value
-- ('' where unknown); at most 1000.
SELECT v.value FROM ({{if .History}}SELECT DISTINCT {{cell "h.tier"}} AS value FROM {{feed "tier_history"}} AS h
  UNION ALL SELECT '' AS value{{else if eq .Dimension "cohort"}}SELECT DISTINCT coalesce(substr(CAST({{month "m.enrolled_at"}} AS text), 1, 7), '') AS value FROM {{feed "members"}} AS m{{else}}SELECT DISTINCT {{cell (print "m." .Dimension)}} AS value FROM {{feed "members"}} AS m{{end}}) AS v
GROUP BY v.value ORDER BY v.value NULLS LAST LIMIT 1000
