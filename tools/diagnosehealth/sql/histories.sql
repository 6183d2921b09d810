-- Members by purchase history. Grain: dimension, cell (as of Until), x, recency,
-- age, open, later. Counts: x (days with a purchase after the start), later
-- (such days after Until), open (1 or 0), members. Days, to the nearest
-- multiple of Step: recency (from the start to the last purchase), age (to the
-- last day observed). Exact: spend (net sales up to Until, of all members).
--
-- Blocks, which spends and retention share:
--
-- bought:   member and day with an order: member_id, day (the program's
--           date), bought (1 where an order of it is worth 0 or more; one worth
--           less is a return, which lowers spend but is no purchase), net.
-- member:   for a span, members observed up to its day Until: member_id, open (1
--           unless cancelled by then), start (the day of enrolment), stop (the
--           last day observed), gone (the last day of being a member, up to End).
-- history:  for a span, members' purchases: member_id, t (the moment at which
--           dimensions hold), open, age (days from start to stop), x (days with
--           a purchase after the start, up to stop), recency (days from start to
--           the last of them, 0 for none), later (days with a purchase after
--           stop, up to End), n (purchases that count for spend, the start
--           among them where it is one), spend (their net sales). The start is
--           the enrolment where FromEnrolment, else the first purchase.
-- postgres: enable_nestloop=off
{{define "bought"}}(SELECT o.member_id, {{date "o.ordered_at"}} AS day,
    max(CASE WHEN o.net >= 0 THEN 1 ELSE 0 END) AS bought, sum(o.net) AS net
  FROM {{feed "orders"}} AS o WHERE {{known "orders" "o"}} AND o.ordered_at < {{arg .End}}
  GROUP BY o.member_id, 2){{end}}
{{define "member"}}(SELECT m.member_id, {{date "m.enrolled_at"}} AS start,
    CASE WHEN m.cancelled_at < {{arg .Until}} THEN 0 ELSE 1 END AS open,
    CASE WHEN m.cancelled_at < {{arg .Until}} THEN {{date "m.cancelled_at"}} ELSE {{date (arg .Until)}} - 1 END AS stop,
    CASE WHEN m.cancelled_at < {{arg .End}} THEN {{date "m.cancelled_at"}} ELSE {{date (arg .End)}} - 1 END AS gone
  FROM {{feed "members"}} AS m
  WHERE m.enrolled_at < {{arg .Until}}{{if not .Since.IsZero}} AND m.enrolled_at >= {{arg .Since}}{{end}} AND (m.cancelled_at IS NULL OR m.cancelled_at >= m.enrolled_at)){{end}}
{{define "history"}}
{{- if .FromEnrolment}}(SELECT h.member_id, {{arg .Until}} - INTERVAL '1 microsecond' AS t, h.open, h.stop - h.start AS age,
    h.x, coalesce(h.last_day - h.start, 0) AS recency, h.later, h.x AS n, h.spend
  FROM (SELECT m.member_id, m.open, m.start, m.stop,
          count(CASE WHEN d.bought = 1 AND d.day <= m.stop THEN 1 END) AS x,
          max(CASE WHEN d.bought = 1 AND d.day <= m.stop THEN d.day END) AS last_day,
          count(CASE WHEN d.bought = 1 AND d.day > m.stop AND d.day <= m.gone THEN 1 END) AS later,
          coalesce(sum(CASE WHEN d.day <= m.stop THEN d.net END), 0) AS spend
        FROM {{template "member" .}} AS m
        LEFT JOIN {{template "bought" .}} AS d ON d.member_id = m.member_id AND d.day > m.start
        GROUP BY m.member_id, m.open, m.start, m.stop) AS h)
{{- else}}(SELECT h.member_id, {{arg .Until}} - INTERVAL '1 microsecond' AS t, h.open, h.stop - h.start AS age,
    h.n - 1 AS x, h.last_day - h.start AS recency, h.later, h.n, h.spend
  FROM (SELECT m.member_id, m.open, m.stop, min(CASE WHEN m.bought = 1 THEN m.day END) AS start,
          count(CASE WHEN m.bought = 1 AND m.day <= m.stop THEN 1 END) AS n,
          max(CASE WHEN m.bought = 1 AND m.day <= m.stop THEN m.day END) AS last_day,
          count(CASE WHEN m.bought = 1 AND m.day > m.stop AND m.day <= m.gone THEN 1 END) AS later,
          coalesce(sum(CASE WHEN m.day <= m.stop THEN m.net END), 0) AS spend
        FROM {{if has "members"}}(SELECT m.member_id, m.open, m.stop, m.gone, d.day, d.bought, d.net
              FROM {{template "member" .}} AS m JOIN {{template "bought" .}} AS d ON d.member_id = m.member_id) AS m
        {{- else}}(SELECT d.member_id, 1 AS open, {{date (arg .Until)}} - 1 AS stop, {{date (arg .End)}} - 1 AS gone, d.day, d.bought, d.net
              FROM {{template "bought" .}} AS d) AS m{{end}}
        GROUP BY m.member_id, m.open, m.stop) AS h
  WHERE h.n > 0){{end}}{{end}}
{{range $i, $g := .Groupings}}{{if $i}}
UNION ALL
{{end}}SELECT {{text $g.Dimension}} AS dimension, {{template "cell" $g}} AS cell, CAST(e.x AS bigint) AS x, CAST(e.recency AS bigint) AS recency,
  CAST(e.age AS bigint) AS age, CAST(e.open AS bigint) AS open, CAST(e.later AS bigint) AS later,
  {{count "*"}} AS members, {{exact "sum(e.spend)"}} AS spend
FROM (SELECT h.member_id, h.t, h.x, h.open, h.later, h.spend,
        greatest(CASE WHEN h.x > 0 THEN {{arg $.Step}} ELSE 0 END, {{arg $.Step}} * CAST(floor({{real "h.age"}} / nullif({{arg $.Step}}, 0) + 0.5) AS bigint)) AS age,
        CASE WHEN h.x > 0 THEN greatest({{arg $.Step}}, {{arg $.Step}} * CAST(floor({{real "h.recency"}} / nullif({{arg $.Step}}, 0) + 0.5) AS bigint)) ELSE 0 END AS recency
      FROM {{template "history" $}} AS h{{if $.OpenOnly}} WHERE h.open = 1{{end}}) AS e
{{template "join" $g}}
GROUP BY 1, 2, 3, 4, 5, 6, 7
{{end}}
ORDER BY 1 NULLS LAST, 3 NULLS LAST, 4 NULLS LAST, 5 NULLS LAST, 6 NULLS LAST, 7 NULLS LAST
