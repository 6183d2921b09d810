-- What is known of the members of each segment, in one pass. Grain: segment (0
-- for all open members, else its place in the mask), kind, label, a, b, c. Counts:
-- n (rows). Exact: s, t.
--
-- h  histories of purchases, as diagnose_health fits them (a x, b recency, c age):
--    n members, s their spend.
-- c  customer satisfaction answered in the last 12 months (a 1 for the top two of
--    five, else 0): n answers.
-- e  contacts of the last 90 days (label the channel): s delivered, t clicks.
-- postgres: enable_nestloop=off
SELECT CAST(k.i AS bigint) AS segment, u.kind, u.label, CAST(u.a AS bigint) AS a, CAST(u.b AS bigint) AS b, CAST(u.c AS bigint) AS c,
  {{count "*"}} AS n, {{exact "sum(u.s)"}} AS s, {{exact "sum(u.t)"}} AS t
FROM {{template "masked" .}} AS f
JOIN ({{range $i, $w := .Places}}{{if $i}} UNION ALL {{end}}SELECT {{$w}} AS i{{end}}) AS k ON k.i = 0 OR substr(f.mask, k.i, 1) = '1'
JOIN (SELECT z.member_id, 'z' AS kind, '' AS label, 0 AS a, 0 AS b, 0 AS c, 0 AS s, 0 AS t FROM {{template "people" .}} AS z WHERE 1 = 0
  {{- if .Fitted}}
      UNION ALL
      SELECT h.member_id, 'h' AS kind, '' AS label, h.x AS a,
        CASE WHEN h.x > 0 THEN greatest({{arg .Step}}, {{arg .Step}} * CAST(floor({{real "h.recency"}} / nullif({{arg .Step}}, 0) + 0.5) AS bigint)) ELSE 0 END AS b,
        greatest(CASE WHEN h.x > 0 THEN {{arg .Step}} ELSE 0 END, {{arg .Step}} * CAST(floor({{real "h.age"}} / nullif({{arg .Step}}, 0) + 0.5) AS bigint)) AS c, h.spend AS s, 0 AS t
      FROM {{template "history" .}} AS h WHERE h.open = 1
  {{- end}}
  {{- if has "surveys" "member_id"}}
      UNION ALL
      SELECT v.member_id, 'c' AS kind, '' AS label, CASE WHEN {{if has "surveys" "scale_min" "scale_max"}}v.score - coalesce(v.scale_min, 1) >= 0.75 * (coalesce(v.scale_max, 5) - coalesce(v.scale_min, 1)){{else}}v.score >= 4{{end}} THEN 1 ELSE 0 END AS a, 0 AS b, 0 AS c, 0 AS s, 0 AS t
      FROM {{feed "surveys"}} AS v WHERE {{known "surveys" "v"}} AND v.kind = 'csat' AND v.responded_at >= {{arg .YearAgo}} AND v.responded_at < {{arg .AsOf}}
  {{- end}}
  {{- if has "engagement" "channel"}}
      UNION ALL
      SELECT g.member_id, 'e' AS kind, {{cell "g.channel"}} AS label, 0 AS a, 0 AS b, 0 AS c,
        sum(CASE WHEN g.kind = 'delivered' THEN 1 ELSE 0 END) AS s, sum(CASE WHEN g.kind = 'click' THEN 1 ELSE 0 END) AS t
      FROM {{feed "engagement"}} AS g WHERE g.kind IN ('delivered', 'click') AND g.occurred_at >= {{arg .Engaged}} AND g.occurred_at < {{arg .AsOf}}
      GROUP BY g.member_id, 3
  {{- end}}) AS u ON u.member_id = f.member_id
GROUP BY 1, 2, 3, 4, 5, 6
ORDER BY 1 NULLS LAST, 2 NULLS LAST, 3 NULLS LAST, 4 NULLS LAST, 5 NULLS LAST, 6 NULLS LAST
