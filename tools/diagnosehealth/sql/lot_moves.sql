-- What became of the points of each lot. Grain: issued (month in which the lot
-- was credited), expires (month in whose course what is left of it expires),
-- what, month (in which that happened). Months are days from 2000-01-01 to their
-- first; expires is 99999 for never, month 0 where nothing happened yet. Exact:
-- points. what is 1 issued, 2 redeemed, 3 expired, 4 taken back or moved away, 5
-- open, 6 taken from a lot that did not hold them (not in any of the others), 7
-- taken from nothing (no lot of the member holds them).
--
-- A lot is all that was credited to a member in one month with one expiry. An
-- expiry or a reversal that names its lot takes from it, and where RedeemsNamed
-- so does every line that names one. All others take, in order of time, from the
-- lots in their order: by issue, or by expiry where ByExpiry. What a line took is
-- where its stretch of the running sum of all that was taken meets the lot's
-- stretch of the running sum of what the lots held.
--
-- Blocks: moves (lines by member, lot, what and month), stretches (the running
-- sums, cut where either ends).
-- postgres: enable_nestloop=off
{{define "issue_month"}}CAST({{month "l.occurred_at"}} - DATE '2000-01-01' AS bigint){{end}}
{{define "expiry_month"}}CAST(CASE WHEN l.expires_at IS NULL THEN 99999 ELSE {{month "l.expires_at - INTERVAL '1 microsecond'"}} - DATE '2000-01-01' END AS bigint){{end}}
{{define "lot"}}{{if .ByExpiry}}{{template "expiry_month"}} * 100000 + {{template "issue_month"}}{{else}}{{template "issue_month"}} * 100000 + {{template "expiry_month"}}{{end}}{{end}}
{{define "what"}}CASE WHEN l.kind = 'redeem' THEN 2 WHEN l.kind = 'expire' THEN 3 ELSE 4 END{{end}}
{{define "named"}}(l.kind IN ('expire', 'reverse_earn'){{if .RedeemsNamed}} OR l.kind IN ('redeem', 'adjust', 'transfer_out'){{end}}){{end}}
{{define "moves"}}(SELECT r.member_id, r.lot, r.what, r.month, sum(r.points) AS points
  FROM (SELECT l.member_id, {{template "lot" .}} AS lot, 1 AS what, {{template "issue_month"}} AS month, l.points
        FROM {{feed "points"}} AS l WHERE l.points > 0 AND l.occurred_at < {{arg .End}}
        UNION ALL
        SELECT l.member_id, CAST(NULL AS bigint) AS lot, {{template "what"}} AS what, {{template "issue_month"}} AS month, -l.points AS points
        FROM {{feed "points"}} AS l WHERE l.points < 0 AND l.occurred_at < {{arg .End}}{{if has "points" "lot_id"}} AND (l.lot_id IS NULL OR NOT {{template "named" .}})
        UNION ALL
        SELECT d.member_id, c.lot, d.what, d.month, d.points
        FROM (SELECT l.member_id, l.lot_id, {{template "what"}} AS what, {{template "issue_month"}} AS month, -l.points AS points
              FROM {{feed "points"}} AS l WHERE l.points < 0 AND l.occurred_at < {{arg .End}} AND l.lot_id IS NOT NULL AND {{template "named" .}}) AS d
        LEFT JOIN (SELECT l.member_id, l.entry_id, {{template "lot" .}} AS lot FROM {{feed "points"}} AS l WHERE l.points > 0 AND l.occurred_at < {{arg .End}}) AS c
          ON c.member_id = d.member_id AND c.entry_id = d.lot_id{{end}}) AS r
  GROUP BY r.member_id, r.lot, r.what, r.month){{end}}
{{define "stretches"}}(SELECT s.member_id, s.lot, s.what, s.month, s.points, s.over, s.placed,
    s.last - coalesce(lag(s.last) OVER (PARTITION BY s.member_id, s.placed ORDER BY s.last NULLS LAST, s.ends NULLS LAST), 0) AS stretch,
    min(CASE WHEN s.side = 0 THEN s.ends END) OVER (PARTITION BY s.member_id, s.placed ORDER BY s.last NULLS LAST, s.ends NULLS LAST ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS from_lot,
    min(CASE WHEN s.side = 1 THEN s.ends END) OVER (PARTITION BY s.member_id, s.placed ORDER BY s.last NULLS LAST, s.ends NULLS LAST ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS by_move
  FROM (SELECT h.member_id, h.lot, h.what, h.month, h.points, h.over, h.placed, h.side, h.ends,
          sum(h.holds) OVER (PARTITION BY h.member_id, h.placed, h.side ORDER BY h.ends NULLS LAST) AS last
        FROM (SELECT g.member_id, g.lot, g.what, g.month, g.points,
                CASE WHEN g.lot IS NULL OR g.what = 1 THEN 1 ELSE 0 END AS placed,
                CASE WHEN g.lot IS NULL THEN 1 ELSE 0 END AS side,
                coalesce(g.lot, g.month * 10 + g.what) AS ends,
                CASE WHEN g.lot IS NULL THEN g.points ELSE greatest(g.remains, 0) END AS holds,
                greatest(-g.remains, 0) AS over
              FROM (SELECT v.member_id, v.lot, v.what, v.month, v.points,
                      sum(CASE WHEN v.what = 1 THEN v.points ELSE -v.points END) OVER (PARTITION BY v.member_id, v.lot) AS remains
                    FROM {{template "moves" .}} AS v) AS g) AS h) AS s){{end}}
SELECT CAST({{if .ByExpiry}}f.lot % 100000{{else}}floor(f.lot / 100000){{end}} AS bigint) AS issued, CAST({{if .ByExpiry}}floor(f.lot / 100000){{else}}f.lot % 100000{{end}} AS bigint) AS expires,
  CAST(f.what AS bigint) AS what, CAST(f.month AS bigint) AS month, {{exact "sum(f.points)"}} AS points
FROM (SELECT CASE WHEN p.part = 2 THEN coalesce(t.from_lot, 0) ELSE t.lot END AS lot,
        CASE WHEN p.part = 1 THEN t.what WHEN p.part = 3 THEN 6 WHEN t.from_lot IS NULL THEN 7 WHEN t.by_move IS NULL THEN 5 ELSE t.by_move % 10 END AS what,
        CASE WHEN p.part = 1 THEN t.month WHEN p.part = 3 THEN 0 ELSE coalesce(floor(t.by_move / 10), 0) END AS month,
        CASE WHEN p.part = 1 THEN t.points WHEN p.part = 2 THEN t.stretch ELSE t.over END AS points
      FROM {{template "stretches" .}} AS t
      CROSS JOIN (SELECT 1 AS part UNION ALL SELECT 2 UNION ALL SELECT 3) AS p
      WHERE p.part = 1 AND t.lot IS NOT NULL OR p.part = 2 AND t.placed = 1 AND t.stretch > 0 OR p.part = 3 AND t.what = 1 AND t.over > 0) AS f
GROUP BY 1, 2, 3, 4
ORDER BY 1 NULLS LAST, 2 NULLS LAST, 3 NULLS LAST, 4 NULLS LAST
