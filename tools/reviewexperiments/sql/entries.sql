-- Who was assigned to what, and when. Grain: in_several (1 for units in several
-- arms, whose arm is ''), arm, day (since 1970; -1 where unknown). units, those
-- assigned before the start and after the end (the latter are no units of the
-- experiment), those never exposed, those exposed before their assignment, and
-- those whose days are not over.
SELECT d.in_several, d.arm, d.day, {{count "*"}} AS units,
  {{sum "d.before"}} AS assigned_before, {{sum "d.after"}} AS assigned_after, {{sum "d.unexposed"}} AS unexposed, {{sum "d.hasty"}} AS exposed_before, {{sum "d.unfinished"}} AS unfinished
FROM (SELECT g.in_several, g.arm, CASE WHEN g.starts_at IS NULL THEN -1 ELSE CAST({{date "g.starts_at"}} - DATE '1970-01-01' AS bigint) END AS day,
        {{if .Started.IsZero}}0{{else}}CASE WHEN g.assigned_at < {{arg .Started}} THEN 1 ELSE 0 END{{end}} AS before,
        CASE WHEN g.assigned_at >= {{arg .End}} THEN 1 ELSE 0 END AS after,
        CASE WHEN g.exposed_at IS NULL THEN 1 ELSE 0 END AS unexposed,
        CASE WHEN g.exposed_at < g.assigned_at THEN 1 ELSE 0 END AS hasty,
        {{if .Window}}CASE WHEN g.starts_at + {{arg .Window}} * INTERVAL '1 day' > {{arg .Known}} THEN 1 ELSE 0 END{{else if .Exposure}}CASE WHEN g.starts_at >= {{arg .End}} THEN 1 ELSE 0 END{{else}}0{{end}} AS unfinished
      FROM (SELECT a.unit_id, CASE WHEN min(a.arm) = max(a.arm) THEN 0 ELSE 1 END AS in_several, CASE WHEN min(a.arm) = max(a.arm) THEN min(a.arm) ELSE '' END AS arm,
              {{template "start" .}} AS starts_at, min(a.assigned_at) AS assigned_at, min(a.exposed_at) AS exposed_at
            FROM {{feed "assignments"}} AS a
            WHERE a.experiment_id = {{arg .ID}} AND a.arm IS NOT NULL AND (a.assigned_at IS NULL OR a.assigned_at < {{arg .Known}})
            GROUP BY a.unit_id) AS g) AS d
GROUP BY 1, 2, 3 ORDER BY 1 NULLS LAST, 2 NULLS LAST, 3 NULLS LAST
