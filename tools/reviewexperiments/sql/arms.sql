-- Units by arm, those in one arm only. Grain: arm. units.
SELECT u.arm, {{count "*"}} AS units FROM {{template "units" .}} AS u GROUP BY 1 ORDER BY 1 NULLS LAST
{{define "units"}}(SELECT a.unit_id, min(a.arm) AS arm, min({{if .Started.IsZero}}a.assigned_at{{else}}coalesce(a.assigned_at, {{arg .Started}}){{end}}) AS assigned_at
  FROM {{feed "assignments"}} AS a
  WHERE a.experiment_id = {{arg .ID}} AND a.arm IS NOT NULL AND (a.assigned_at IS NULL OR a.assigned_at < {{arg .End}})
  GROUP BY a.unit_id HAVING min(a.arm) = max(a.arm)){{end}}
