-- Activity of open members around a window. Grain: dimension, cell (as of the
-- end). Exact counts: ever (open at the end, active at some time), lapsed (of
-- those: last event before the lapse line), never (open at the end, enrolled
-- before the line, no event at all), going (open and not lapsed at the start),
-- newly (of going: lapsed at the end, still open), gone (lapsed at the start,
-- still open then), back (of gone: an event in the window).
{{range $i, $g := .Groupings}}{{if $i}}
UNION ALL
{{end}}SELECT {{text $g.Dimension}} AS dimension, {{template "cell" $g}} AS cell,
  {{exact "count(CASE WHEN e.open_end = 1 AND e.last_end IS NOT NULL THEN 1 END)"}} AS ever,
  {{exact (print "count(CASE WHEN e.open_end = 1 AND e.last_end < " (arg $.LineEnd) " THEN 1 END)")}} AS lapsed,
  {{exact (print "count(CASE WHEN e.open_end = 1 AND e.last_end IS NULL AND e.enrolled_at < " (arg $.LineEnd) " THEN 1 END)")}} AS never,
  {{exact (print "count(CASE WHEN e.open_start = 1 AND e.last_start >= " (arg $.LineStart) " THEN 1 END)")}} AS going,
  {{exact (print "count(CASE WHEN e.open_start = 1 AND e.open_end = 1 AND e.last_start >= " (arg $.LineStart) " AND e.last_end < " (arg $.LineEnd) " THEN 1 END)")}} AS newly,
  {{exact (print "count(CASE WHEN e.open_start = 1 AND e.last_start < " (arg $.LineStart) " THEN 1 END)")}} AS gone,
  {{exact (print "count(CASE WHEN e.open_start = 1 AND e.last_start < " (arg $.LineStart) " AND e.last_end >= " (arg $.Start) " THEN 1 END)")}} AS back
FROM (SELECT m.member_id, m.enrolled_at, {{arg $.End}} - INTERVAL '1 microsecond' AS t,
        CASE WHEN m.cancelled_at IS NULL OR m.cancelled_at >= {{arg $.End}} THEN 1 ELSE 0 END AS open_end,
        CASE WHEN m.enrolled_at < {{arg $.Start}} AND (m.cancelled_at IS NULL OR m.cancelled_at >= {{arg $.Start}}) THEN 1 ELSE 0 END AS open_start,
        a.last_start, a.last_end
      FROM {{feed "members"}} AS m
      LEFT JOIN (SELECT v.member_id, max(CASE WHEN v.t < {{arg $.Start}} THEN v.t END) AS last_start, max(v.t) AS last_end
                 FROM ({{template "events" $}}) AS v WHERE v.active = 1 AND v.t < {{arg $.End}} GROUP BY v.member_id) AS a ON a.member_id = m.member_id
      WHERE m.enrolled_at < {{arg $.End}}) AS e
{{template "join" $g}}
GROUP BY 1, 2
{{end}}
