-- Assignments that spoil an experiment. One row: units in more than one arm.
SELECT {{count "*"}} AS n FROM (SELECT a.experiment_id, a.unit_id FROM {{feed "assignments"}} AS a
  GROUP BY a.experiment_id, a.unit_id HAVING count(DISTINCT a.arm) > 1) AS d
