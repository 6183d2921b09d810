-- Members by where they were in their lifecycle at the start of the window, where
-- at its end, and their tier then. Grain: tier, before, now. Count: members.
-- States: new (enrolled within 90 days), active (a qualifying event within half a
-- lapse), slipping (within a lapse), lapsed (none for longer), never (none, and not
-- new), returned (active now, lapsed before), cancelled, and absent (not enrolled
-- yet).
-- postgres: enable_nestloop=off
{{define "stage"}}CASE WHEN e.enrolled_at >= {{arg .At}} THEN 'absent' WHEN e.cancelled_at < {{arg .At}} THEN 'cancelled' WHEN e.{{.Last}} IS NULL AND e.enrolled_at < {{arg .NewSince}} THEN 'never'
        WHEN e.enrolled_at >= {{arg .NewSince}} THEN 'new' WHEN e.{{.Last}} >= {{arg .HalfLine}} THEN 'active' WHEN e.{{.Last}} >= {{arg .Line}} THEN 'slipping' ELSE 'lapsed' END{{end}}
SELECT s.tier, s.before, CASE WHEN s.before = 'lapsed' AND s.now IN ('active', 'slipping') THEN 'returned' ELSE s.now END AS now, {{count "*"}} AS members
FROM (SELECT {{if .HasTier}}{{template "cell" .Tier}}{{else}}''{{end}} AS tier, {{template "stage" .Start}} AS before, {{template "stage" .Now}} AS now
      FROM (SELECT m.member_id, m.enrolled_at, m.cancelled_at, {{arg .AsOf}} - INTERVAL '1 microsecond' AS t, a.last_start, a.last_end
            FROM {{feed "members"}} AS m
            LEFT JOIN (SELECT v.member_id, max(CASE WHEN v.t < {{arg .Start.At}} THEN v.t END) AS last_start, max(v.t) AS last_end
                       FROM ({{template "events" .}}) AS v WHERE v.active = 1 AND v.t < {{arg .AsOf}} GROUP BY v.member_id) AS a ON a.member_id = m.member_id
            WHERE m.enrolled_at < {{arg .AsOf}}) AS e
      {{if .HasTier}}{{template "join" .Tier}}{{end}}) AS s
GROUP BY 1, 2, 3 ORDER BY 1 NULLS LAST, 2 NULLS LAST, 3 NULLS LAST
