-- Who was assigned to what, and when. Grain: in_several (1 for units in several
-- arms, whose arm is ''), arm, day (since 1970; -1 where unknown). units, those
-- assigned before the start, those assigned only after the end (which are no units
-- of the experiment), those never exposed, those exposed before their assignment,
-- and those whose days are not over; of the last and of those after the end nothing
-- else is told.
SELECT d.in_several, d.arm, d.day, {{count "*"}} AS units,
  {{sum "d.before"}} AS assigned_before, {{sum "d.after"}} AS assigned_after, {{sum "CASE WHEN d.after + d.unfinished = 0 THEN d.unexposed END"}} AS unexposed, {{sum "d.hasty"}} AS exposed_before,
  {{sum "CASE WHEN d.after = 0 THEN d.unfinished END"}} AS unfinished
FROM (SELECT g.in_several, g.arm, CASE WHEN g.starts_at IS NULL THEN -1 ELSE CAST({{date "g.starts_at"}} - DATE '1970-01-01' AS bigint) END AS day,
        {{if .Started.IsZero}}0{{else}}CASE WHEN g.assigned_at < {{arg .Started}} THEN 1 ELSE 0 END{{end}} AS before,
        CASE WHEN g.arm IS NULL THEN 1 ELSE 0 END AS after,
        CASE WHEN g.exposed_at IS NULL THEN 1 ELSE 0 END AS unexposed,
        CASE WHEN g.exposed_at < g.assigned_at THEN 1 ELSE 0 END AS hasty,
        {{if .Window}}CASE WHEN g.starts_at + {{arg .Window}} * INTERVAL '1 day' > {{arg .Known}} THEN 1 ELSE 0 END{{else if .Exposure}}CASE WHEN g.starts_at >= {{arg .End}} THEN 1 ELSE 0 END{{else}}0{{end}} AS unfinished
      FROM (SELECT b.unit_id, CASE WHEN b.first_arm = b.last_arm THEN 0 ELSE 1 END AS in_several, CASE WHEN b.first_arm = b.last_arm THEN b.first_arm WHEN b.first_arm IS NOT NULL THEN '' END AS arm, b.starts_at, b.assigned_at, b.exposed_at
            FROM (SELECT a.unit_id, min(CASE WHEN a.assigned_at IS NULL OR a.assigned_at < {{arg .End}} THEN a.arm END) AS first_arm, max(CASE WHEN a.assigned_at IS NULL OR a.assigned_at < {{arg .End}} THEN a.arm END) AS last_arm,
                    {{template "start" .}} AS starts_at, min(a.assigned_at) AS assigned_at, min(a.exposed_at) AS exposed_at
                  FROM {{feed "assignments"}} AS a
                  WHERE a.experiment_id = {{arg .ID}} AND a.arm IS NOT NULL AND (a.assigned_at IS NULL OR a.assigned_at < {{arg .Known}})
                  GROUP BY a.unit_id) AS b) AS g) AS d
GROUP BY 1, 2, 3 ORDER BY 1 NULLS LAST, 2 NULLS LAST, 3 NULLS LAST
