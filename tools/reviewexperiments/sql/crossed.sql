-- Units of the experiment in more than one arm. One row.
SELECT {{count "*"}} AS n FROM (SELECT a.unit_id FROM {{feed "assignments"}} AS a
  WHERE a.experiment_id = {{arg .ID}} AND a.arm IS NOT NULL AND (a.assigned_at IS NULL OR a.assigned_at < {{arg .End}})
  GROUP BY a.unit_id HAVING min(a.arm) <> max(a.arm)) AS d
