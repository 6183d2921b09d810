-- The aggregates of the stages, written by hand: one query for one purpose,
-- over tables that already hold what counts, without the contract's casts and
-- guards, and in as few passes as one can think of. Each returns the numbers
-- of the stage's query of that name, in the same order.
--
-- Windows: $1 start and $2 end of the window, $3 start of the previous one
-- (which ends at $1), $4 and $5 start and end a year ago.

-- name: coverage_members
SELECT count(*), min(enrolled_at), max(enrolled_at), count(*) FILTER (WHERE enrolled_at > CAST($1 AS timestamp)) FROM members
-- name: coverage_tier_history
SELECT count(*), min(effective_from), max(effective_from), count(*) FILTER (WHERE effective_from > CAST($1 AS timestamp)) FROM tier_history
-- name: coverage_orders
SELECT count(*), min(ordered_at), max(ordered_at), count(*) FILTER (WHERE ordered_at > CAST($1 AS timestamp)) FROM orders
-- name: coverage_points
SELECT count(*), min(occurred_at), max(occurred_at), count(*) FILTER (WHERE occurred_at > CAST($1 AS timestamp)) FROM points
-- name: coverage_redemptions
SELECT count(*), min(redeemed_at), max(redeemed_at), count(*) FILTER (WHERE redeemed_at > CAST($1 AS timestamp)) FROM redemptions
-- name: coverage_engagement
SELECT count(*), min(occurred_at), max(occurred_at), count(*) FILTER (WHERE occurred_at > CAST($1 AS timestamp)) FROM engagement
-- name: coverage_surveys
SELECT count(*), min(responded_at), max(responded_at), count(*) FILTER (WHERE responded_at > CAST($1 AS timestamp)) FROM surveys
-- name: coverage_experiments
SELECT count(*), min(started_at), max(started_at), count(*) FILTER (WHERE started_at > CAST($1 AS timestamp)) FROM experiments
-- name: coverage_assignments
SELECT count(*), min(assigned_at), max(assigned_at), count(*) FILTER (WHERE assigned_at > CAST($1 AS timestamp)) FROM assignments
-- name: members
SELECT
  count(*) FILTER (WHERE enrolled_at < CAST($1 AS timestamp) AND (cancelled_at IS NULL OR cancelled_at >= CAST($1 AS timestamp))),
  count(*) FILTER (WHERE enrolled_at < CAST($2 AS timestamp) AND (cancelled_at IS NULL OR cancelled_at >= CAST($2 AS timestamp))),
  count(*) FILTER (WHERE enrolled_at >= CAST($1 AS timestamp) AND enrolled_at < CAST($2 AS timestamp)),
  count(*) FILTER (WHERE cancelled_at >= CAST($1 AS timestamp) AND cancelled_at < CAST($2 AS timestamp)),
  count(*) FILTER (WHERE enrolled_at < CAST($1 AS timestamp) AND cancelled_at >= CAST($1 AS timestamp) AND cancelled_at < CAST($2 AS timestamp)),
  count(*) FILTER (WHERE enrolled_at < CAST($1 AS timestamp) AND (cancelled_at IS NULL OR cancelled_at >= CAST($2 AS timestamp))),
  count(*) FILTER (WHERE enrolled_at < CAST($3 AS timestamp) AND (cancelled_at IS NULL OR cancelled_at >= CAST($3 AS timestamp))),
  count(*) FILTER (WHERE enrolled_at < CAST($1 AS timestamp) AND (cancelled_at IS NULL OR cancelled_at >= CAST($1 AS timestamp))),
  count(*) FILTER (WHERE enrolled_at >= CAST($3 AS timestamp) AND enrolled_at < CAST($1 AS timestamp)),
  count(*) FILTER (WHERE cancelled_at >= CAST($3 AS timestamp) AND cancelled_at < CAST($1 AS timestamp)),
  count(*) FILTER (WHERE enrolled_at < CAST($3 AS timestamp) AND cancelled_at >= CAST($3 AS timestamp) AND cancelled_at < CAST($1 AS timestamp)),
  count(*) FILTER (WHERE enrolled_at < CAST($3 AS timestamp) AND (cancelled_at IS NULL OR cancelled_at >= CAST($1 AS timestamp))),
  count(*) FILTER (WHERE enrolled_at < CAST($4 AS timestamp) AND (cancelled_at IS NULL OR cancelled_at >= CAST($4 AS timestamp))),
  count(*) FILTER (WHERE enrolled_at < CAST($5 AS timestamp) AND (cancelled_at IS NULL OR cancelled_at >= CAST($5 AS timestamp))),
  count(*) FILTER (WHERE enrolled_at >= CAST($4 AS timestamp) AND enrolled_at < CAST($5 AS timestamp)),
  count(*) FILTER (WHERE cancelled_at >= CAST($4 AS timestamp) AND cancelled_at < CAST($5 AS timestamp)),
  count(*) FILTER (WHERE enrolled_at < CAST($4 AS timestamp) AND cancelled_at >= CAST($4 AS timestamp) AND cancelled_at < CAST($5 AS timestamp)),
  count(*) FILTER (WHERE enrolled_at < CAST($4 AS timestamp) AND (cancelled_at IS NULL OR cancelled_at >= CAST($5 AS timestamp)))
FROM members
-- name: active
SELECT v.period, count(CASE WHEN v.active = 1 THEN 1 END), count(CASE WHEN v.participant = 1 THEN 1 END), count(CASE WHEN v.redeemer = 1 THEN 1 END)
FROM (SELECT e.member_id, e.period, max(e.active) AS active, max(e.participant) AS participant, max(e.redeemer) AS redeemer
      FROM (SELECT member_id, CASE WHEN occurred_at >= CAST($1 AS timestamp) THEN 0 WHEN occurred_at >= CAST($3 AS timestamp) THEN 1 ELSE 2 END AS period,
              1 AS active, 1 AS participant, CASE WHEN kind = 'redeem' THEN 1 ELSE 0 END AS redeemer
            FROM points WHERE kind IN ('earn', 'bonus', 'redeem')
              AND (occurred_at >= CAST($3 AS timestamp) AND occurred_at < CAST($2 AS timestamp) OR occurred_at >= CAST($4 AS timestamp) AND occurred_at < CAST($5 AS timestamp))
            UNION ALL
            SELECT member_id, CASE WHEN ordered_at >= CAST($1 AS timestamp) THEN 0 WHEN ordered_at >= CAST($3 AS timestamp) THEN 1 ELSE 2 END, 1, 0, 0
            FROM orders WHERE member_id IS NOT NULL
              AND (ordered_at >= CAST($3 AS timestamp) AND ordered_at < CAST($2 AS timestamp) OR ordered_at >= CAST($4 AS timestamp) AND ordered_at < CAST($5 AS timestamp))) AS e
      GROUP BY e.member_id, e.period) AS v
JOIN members AS m ON m.member_id = v.member_id
WHERE m.enrolled_at < CASE v.period WHEN 0 THEN CAST($2 AS timestamp) WHEN 1 THEN CAST($1 AS timestamp) ELSE CAST($5 AS timestamp) END
  AND (m.cancelled_at IS NULL OR m.cancelled_at >= CASE v.period WHEN 0 THEN CAST($2 AS timestamp) WHEN 1 THEN CAST($1 AS timestamp) ELSE CAST($5 AS timestamp) END)
GROUP BY v.period
-- name: orders
SELECT x.period, CAST(sum(x.n) AS bigint), CAST(sum(x.net) AS double precision),
  CAST(sum(x.n) FILTER (WHERE x.member_id IS NOT NULL) AS bigint), CAST(sum(x.net) FILTER (WHERE x.member_id IS NOT NULL) AS double precision),
  count(x.member_id), count(x.member_id) FILTER (WHERE x.n >= 2)
FROM (SELECT member_id, CASE WHEN ordered_at >= CAST($1 AS timestamp) THEN 0 WHEN ordered_at >= CAST($3 AS timestamp) THEN 1 ELSE 2 END AS period, count(*) AS n, sum(net) AS net
      FROM orders WHERE ordered_at >= CAST($3 AS timestamp) AND ordered_at < CAST($2 AS timestamp) OR ordered_at >= CAST($4 AS timestamp) AND ordered_at < CAST($5 AS timestamp)
      GROUP BY 1, 2) AS x
GROUP BY x.period
-- name: balance
-- $1 start and $2 end of the window, $3 end a year ago.
SELECT CAST(sum(b.now) AS bigint), count(*) FILTER (WHERE b.now > 0), CAST(sum(b.before) AS bigint), count(*) FILTER (WHERE b.before > 0),
  CAST(sum(b.year) AS bigint), count(*) FILTER (WHERE b.year > 0)
FROM (SELECT member_id, sum(points) AS now, sum(points) FILTER (WHERE occurred_at < CAST($1 AS timestamp)) AS before, sum(points) FILTER (WHERE occurred_at < CAST($3 AS timestamp)) AS year
      FROM points WHERE occurred_at < CAST($2 AS timestamp) GROUP BY member_id) AS b
-- name: engagement
SELECT e.period, count(*) FILTER (WHERE e.kind = 'delivered'), count(DISTINCT (e.member_id, e.campaign_id)) FILTER (WHERE e.kind = 'click'),
  count(*) FILTER (WHERE e.kind = 'unsubscribe'), count(*) FILTER (WHERE e.kind = 'challenge_start'), count(*) FILTER (WHERE e.kind = 'challenge_complete'),
  count(DISTINCT e.member_id)
FROM (SELECT member_id, kind, campaign_id, CASE WHEN occurred_at >= CAST($1 AS timestamp) THEN 0 WHEN occurred_at >= CAST($3 AS timestamp) THEN 1 ELSE 2 END AS period
      FROM engagement WHERE occurred_at >= CAST($3 AS timestamp) AND occurred_at < CAST($2 AS timestamp) OR occurred_at >= CAST($4 AS timestamp) AND occurred_at < CAST($5 AS timestamp)) AS e
GROUP BY e.period
-- name: surveys
SELECT e.period, count(*) FILTER (WHERE e.kind = 'csat' AND e.score BETWEEN e.low AND e.high), count(*) FILTER (WHERE e.kind = 'csat' AND e.score BETWEEN e.high - 1 AND e.high),
  count(*) FILTER (WHERE e.kind = 'nps'), count(*) FILTER (WHERE e.kind = 'nps' AND e.score >= 9), count(*) FILTER (WHERE e.kind = 'nps' AND e.score <= 6),
  count(*) FILTER (WHERE e.kind = 'nps' AND e.score >= 9) - count(*) FILTER (WHERE e.kind = 'nps' AND e.score <= 6)
FROM (SELECT kind, score, coalesce(scale_min, 1) AS low, coalesce(scale_max, 5) AS high,
        CASE WHEN responded_at >= CAST($1 AS timestamp) THEN 0 WHEN responded_at >= CAST($3 AS timestamp) THEN 1 ELSE 2 END AS period
      FROM surveys WHERE responded_at >= CAST($3 AS timestamp) AND responded_at < CAST($2 AS timestamp) OR responded_at >= CAST($4 AS timestamp) AND responded_at < CAST($5 AS timestamp)) AS e
GROUP BY e.period
-- name: points
SELECT e.period, CAST(sum(e.points) FILTER (WHERE e.kind IN ('earn', 'bonus')) AS bigint), CAST(-sum(e.points) FILTER (WHERE e.kind = 'redeem') AS bigint),
  CAST(-sum(e.points) FILTER (WHERE e.kind = 'expire') AS bigint),
  count(DISTINCT e.member_id) FILTER (WHERE e.kind IN ('earn', 'bonus')), count(DISTINCT e.member_id) FILTER (WHERE e.kind = 'redeem'), count(DISTINCT e.member_id) FILTER (WHERE e.kind = 'expire')
FROM (SELECT member_id, kind, points, CASE WHEN occurred_at >= CAST($1 AS timestamp) THEN 0 WHEN occurred_at >= CAST($3 AS timestamp) THEN 1 ELSE 2 END AS period
      FROM points WHERE occurred_at >= CAST($3 AS timestamp) AND occurred_at < CAST($2 AS timestamp) OR occurred_at >= CAST($4 AS timestamp) AND occurred_at < CAST($5 AS timestamp)) AS e
GROUP BY e.period
-- name: redemptions
SELECT e.period, CAST(sum(e.value) AS double precision), count(DISTINCT e.member_id)
FROM (SELECT member_id, value, CASE WHEN redeemed_at >= CAST($1 AS timestamp) THEN 0 WHEN redeemed_at >= CAST($3 AS timestamp) THEN 1 ELSE 2 END AS period
      FROM redemptions WHERE redeemed_at >= CAST($3 AS timestamp) AND redeemed_at < CAST($2 AS timestamp) OR redeemed_at >= CAST($4 AS timestamp) AND redeemed_at < CAST($5 AS timestamp)) AS e
GROUP BY e.period
-- name: mix
-- $1 start and $2 end of the window.
SELECT t.period, '', '', CAST(sum(t.n) AS bigint) FROM (
  SELECT 0 AS period, count(*) AS n FROM members WHERE enrolled_at < CAST($2 AS timestamp) AND (cancelled_at IS NULL OR cancelled_at >= CAST($2 AS timestamp))
  UNION ALL SELECT 1, count(*) FROM members WHERE enrolled_at < CAST($1 AS timestamp) AND (cancelled_at IS NULL OR cancelled_at >= CAST($1 AS timestamp))) AS t GROUP BY t.period
UNION ALL
SELECT 0, 'tier', coalesce(h.tier, ''), count(*) FROM members AS m
LEFT JOIN tier_history AS h ON h.member_id = m.member_id AND h.effective_from < CAST($2 AS timestamp) AND (h.effective_to IS NULL OR h.effective_to >= CAST($2 AS timestamp))
WHERE m.enrolled_at < CAST($2 AS timestamp) AND (m.cancelled_at IS NULL OR m.cancelled_at >= CAST($2 AS timestamp)) GROUP BY 3
UNION ALL
SELECT 1, 'tier', coalesce(h.tier, ''), count(*) FROM members AS m
LEFT JOIN tier_history AS h ON h.member_id = m.member_id AND h.effective_from < CAST($1 AS timestamp) AND (h.effective_to IS NULL OR h.effective_to >= CAST($1 AS timestamp))
WHERE m.enrolled_at < CAST($1 AS timestamp) AND (m.cancelled_at IS NULL OR m.cancelled_at >= CAST($1 AS timestamp)) GROUP BY 3
-- name: balances_by_tier
-- Grain: period, tier; the totals are their sums.
SELECT 0 AS period, coalesce(h.tier, '') AS tier, CAST(sum(b.now) AS bigint), CAST(coalesce(sum(b.now) FILTER (WHERE b.now < 0), 0) AS bigint), count(*) FILTER (WHERE b.now > 0)
FROM (SELECT member_id, sum(points) AS now FROM points WHERE occurred_at < CAST($2 AS timestamp) GROUP BY member_id) AS b
LEFT JOIN tier_history AS h ON h.member_id = b.member_id AND h.effective_from < CAST($2 AS timestamp) AND (h.effective_to IS NULL OR h.effective_to >= CAST($2 AS timestamp))
GROUP BY 2
UNION ALL
SELECT 1, coalesce(h.tier, ''), CAST(sum(b.now) AS bigint), CAST(coalesce(sum(b.now) FILTER (WHERE b.now < 0), 0) AS bigint), count(*) FILTER (WHERE b.now > 0)
FROM (SELECT member_id, sum(points) AS now FROM points WHERE occurred_at < CAST($1 AS timestamp) GROUP BY member_id) AS b
LEFT JOIN tier_history AS h ON h.member_id = b.member_id AND h.effective_from < CAST($1 AS timestamp) AND (h.effective_to IS NULL OR h.effective_to >= CAST($1 AS timestamp))
GROUP BY 2
-- name: balances
SELECT CAST(sum(b.now) AS bigint), CAST(coalesce(sum(b.now) FILTER (WHERE b.now < 0), 0) AS bigint), count(*) FILTER (WHERE b.now > 0),
  CAST(sum(b.before) AS bigint), CAST(coalesce(sum(b.before) FILTER (WHERE b.before < 0), 0) AS bigint), count(*) FILTER (WHERE b.before > 0)
FROM (SELECT member_id, sum(points) AS now, sum(points) FILTER (WHERE occurred_at < CAST($1 AS timestamp)) AS before
      FROM points WHERE occurred_at < CAST($2 AS timestamp) GROUP BY member_id) AS b
-- name: lapse
-- $1 start and $2 end of the window, $3 and $4 the lapse lines of each.
SELECT count(*) FILTER (WHERE e.open_end AND e.last_end IS NOT NULL), count(*) FILTER (WHERE e.open_end AND e.last_end < CAST($4 AS timestamp)),
  count(*) FILTER (WHERE e.open_end AND e.last_end IS NULL AND e.enrolled_at < CAST($4 AS timestamp)),
  count(*) FILTER (WHERE e.open_start AND e.last_start >= CAST($3 AS timestamp)),
  count(*) FILTER (WHERE e.open_start AND e.open_end AND e.last_start >= CAST($3 AS timestamp) AND e.last_end < CAST($4 AS timestamp)),
  count(*) FILTER (WHERE e.open_start AND e.last_start < CAST($3 AS timestamp)),
  count(*) FILTER (WHERE e.open_start AND e.last_start < CAST($3 AS timestamp) AND e.last_end >= CAST($1 AS timestamp))
FROM (SELECT m.enrolled_at, m.cancelled_at IS NULL OR m.cancelled_at >= CAST($2 AS timestamp) AS open_end,
        m.enrolled_at < CAST($1 AS timestamp) AND (m.cancelled_at IS NULL OR m.cancelled_at >= CAST($1 AS timestamp)) AS open_start, a.last_start, a.last_end
      FROM members AS m
      LEFT JOIN (SELECT v.member_id, max(v.t) FILTER (WHERE v.t < CAST($1 AS timestamp)) AS last_start, max(v.t) AS last_end
                 FROM (SELECT member_id, occurred_at AS t FROM points WHERE kind IN ('earn', 'bonus', 'redeem') AND occurred_at < CAST($2 AS timestamp)
                       UNION ALL SELECT member_id, ordered_at FROM orders WHERE member_id IS NOT NULL AND ordered_at < CAST($2 AS timestamp)) AS v
                 GROUP BY v.member_id) AS a ON a.member_id = m.member_id
      WHERE m.enrolled_at < CAST($2 AS timestamp)) AS e
-- name: movements
SELECT kind, CAST(coalesce(sum(points) FILTER (WHERE occurred_at < CAST($1 AS timestamp)), 0) AS bigint), CAST(coalesce(sum(points) FILTER (WHERE occurred_at >= CAST($1 AS timestamp)), 0) AS bigint)
FROM points WHERE occurred_at < CAST($2 AS timestamp) GROUP BY kind
-- name: expiring
-- $1 as_of, $2, $3 and $4 30, 60 and 90 days later.
SELECT CAST(sum(b.left0) AS bigint), CAST(sum(b.left30 - b.left0) AS bigint), CAST(sum(b.left60 - b.left0) AS bigint), CAST(sum(b.left90 - b.left0) AS bigint),
  count(*) FILTER (WHERE b.left30 > b.left0), CAST(sum(b.everything - b.dated) AS bigint)
FROM (SELECT greatest(s.by0 - s.debits, 0) AS left0, greatest(s.by30 - s.debits, 0) AS left30, greatest(s.by60 - s.debits, 0) AS left60,
        greatest(s.by90 - s.debits, 0) AS left90, greatest(s.dated - s.debits, 0) AS dated, greatest(s.everything - s.debits, 0) AS everything
      FROM (SELECT member_id, coalesce(-sum(points) FILTER (WHERE points < 0), 0) AS debits,
              coalesce(sum(points) FILTER (WHERE points > 0 AND expires_at < CAST($1 AS timestamp)), 0) AS by0,
              coalesce(sum(points) FILTER (WHERE points > 0 AND expires_at < CAST($2 AS timestamp)), 0) AS by30,
              coalesce(sum(points) FILTER (WHERE points > 0 AND expires_at < CAST($3 AS timestamp)), 0) AS by60,
              coalesce(sum(points) FILTER (WHERE points > 0 AND expires_at < CAST($4 AS timestamp)), 0) AS by90,
              coalesce(sum(points) FILTER (WHERE points > 0 AND expires_at IS NOT NULL), 0) AS dated,
              coalesce(sum(points) FILTER (WHERE points > 0), 0) AS everything
            FROM points WHERE occurred_at < CAST($1 AS timestamp) GROUP BY member_id) AS s) AS b
-- name: claims
-- Over all rows, test members and void ones included.
SELECT (SELECT CAST(-sum(points) AS bigint) FROM all_points WHERE kind = 'redeem' AND occurred_at >= CAST($1 AS timestamp) AND occurred_at < CAST($2 AS timestamp)),
  (SELECT CAST(sum(points) AS bigint) FROM all_redemptions WHERE redeemed_at >= CAST($1 AS timestamp) AND redeemed_at < CAST($2 AS timestamp))
-- name: breakage
SELECT CAST(sum(l.points) AS bigint), count(*), CAST(-sum(x.expired) AS bigint)
FROM points AS l
LEFT JOIN (SELECT member_id, lot_id, sum(points) AS expired FROM points WHERE kind = 'expire' AND occurred_at < CAST($1 AS timestamp) GROUP BY member_id, lot_id) AS x
  ON x.member_id = l.member_id AND x.lot_id = l.entry_id
WHERE l.kind IN ('earn', 'bonus') AND l.expires_at < CAST($1 AS timestamp)
-- name: open
SELECT count(*), count(*) FILTER (WHERE consent_marketing), 0 FROM members WHERE enrolled_at < CAST($1 AS timestamp) AND (cancelled_at IS NULL OR cancelled_at >= CAST($1 AS timestamp))
-- name: slipping
-- $1 as_of, $2 lapse line, $3 half a lapse, $4 a year ago.
SELECT count(*), count(*) FILTER (WHERE m.consent_marketing), CAST(coalesce(sum(y.value), 0) AS double precision)
FROM members AS m
JOIN tier_history AS h ON h.member_id = m.member_id AND h.effective_from < CAST($1 AS timestamp) AND (h.effective_to IS NULL OR h.effective_to >= CAST($1 AS timestamp))
JOIN tiers AS t ON t.tier = h.tier AND t.rank > (SELECT min(rank) FROM tiers)
JOIN (SELECT v.member_id, max(v.t) AS last_at
      FROM (SELECT member_id, occurred_at AS t FROM points WHERE kind IN ('earn', 'bonus', 'redeem') AND occurred_at < CAST($1 AS timestamp)
            UNION ALL SELECT member_id, ordered_at FROM orders WHERE member_id IS NOT NULL AND ordered_at < CAST($1 AS timestamp)) AS v
      GROUP BY v.member_id) AS l ON l.member_id = m.member_id AND l.last_at >= CAST($2 AS timestamp) AND l.last_at < CAST($3 AS timestamp)
LEFT JOIN (SELECT member_id, sum(net) AS value FROM orders WHERE member_id IS NOT NULL AND ordered_at >= CAST($4 AS timestamp) AND ordered_at < CAST($1 AS timestamp) GROUP BY member_id) AS y
  ON y.member_id = m.member_id
WHERE m.enrolled_at < CAST($1 AS timestamp) AND (m.cancelled_at IS NULL OR m.cancelled_at >= CAST($1 AS timestamp))
-- name: win_back
-- $1 as_of, $2 lapse line, $3 two lapses ago.
SELECT count(*), count(*) FILTER (WHERE m.consent_marketing), CAST(coalesce(sum(y.value), 0) AS double precision)
FROM members AS m
JOIN (SELECT o.member_id, count(*) AS times, sum(o.net) AS value
      FROM orders AS o
      JOIN (SELECT v.member_id, max(v.t) AS last_at
            FROM (SELECT member_id, occurred_at AS t FROM points WHERE kind IN ('earn', 'bonus', 'redeem') AND occurred_at < CAST($1 AS timestamp)
                  UNION ALL SELECT member_id, ordered_at FROM orders WHERE member_id IS NOT NULL AND ordered_at < CAST($1 AS timestamp)) AS v
            GROUP BY v.member_id HAVING max(v.t) < CAST($2 AS timestamp) AND max(v.t) >= CAST($3 AS timestamp)) AS l
        ON l.member_id = o.member_id AND o.ordered_at <= l.last_at AND o.ordered_at > l.last_at - INTERVAL '365 days'
      WHERE o.ordered_at < CAST($1 AS timestamp)
      GROUP BY o.member_id) AS y ON y.member_id = m.member_id
WHERE y.times >= 2 AND m.enrolled_at < CAST($1 AS timestamp) AND (m.cancelled_at IS NULL OR m.cancelled_at >= CAST($1 AS timestamp))
-- name: points_expiring
-- $1 as_of, $2 the end of the term.
SELECT count(*), count(*) FILTER (WHERE m.consent_marketing), CAST(coalesce(sum(greatest(b.soon - b.debits, 0) - greatest(b.past - b.debits, 0)), 0) AS bigint)
FROM members AS m
JOIN (SELECT member_id, coalesce(-sum(points) FILTER (WHERE points < 0), 0) AS debits,
        coalesce(sum(points) FILTER (WHERE points > 0 AND expires_at < CAST($1 AS timestamp)), 0) AS past,
        coalesce(sum(points) FILTER (WHERE points > 0 AND expires_at < CAST($2 AS timestamp)), 0) AS soon
      FROM points WHERE occurred_at < CAST($1 AS timestamp) GROUP BY member_id) AS b ON b.member_id = m.member_id
WHERE greatest(b.soon - b.debits, 0) > greatest(b.past - b.debits, 0)
  AND m.enrolled_at < CAST($1 AS timestamp) AND (m.cancelled_at IS NULL OR m.cancelled_at >= CAST($1 AS timestamp))
-- name: near_next_tier
-- $1 as_of, $2 start of the qualifying period, $3 the share from which on a tier is near.
SELECT count(*), count(*) FILTER (WHERE m.consent_marketing), CAST(coalesce(sum(n.threshold - q.amount), 0) AS double precision)
FROM members AS m
JOIN tier_history AS h ON h.member_id = m.member_id AND h.effective_from < CAST($1 AS timestamp) AND (h.effective_to IS NULL OR h.effective_to >= CAST($1 AS timestamp))
JOIN (SELECT tier, lead(qualify_threshold) OVER (ORDER BY rank) AS threshold FROM tiers) AS n ON n.tier = h.tier
JOIN (SELECT member_id, sum(net) AS amount FROM orders WHERE member_id IS NOT NULL AND ordered_at >= CAST($2 AS timestamp) AND ordered_at < CAST($1 AS timestamp) GROUP BY member_id) AS q
  ON q.member_id = m.member_id AND q.amount < n.threshold AND q.amount >= n.threshold * CAST($3 AS double precision)
WHERE m.enrolled_at < CAST($1 AS timestamp) AND (m.cancelled_at IS NULL OR m.cancelled_at >= CAST($1 AS timestamp))
-- name: first_redemption
SELECT count(*), count(*) FILTER (WHERE m.consent_marketing), CAST(coalesce(sum(b.balance), 0) AS bigint)
FROM members AS m
JOIN (SELECT member_id, sum(points) AS balance FROM points WHERE occurred_at < CAST($1 AS timestamp) GROUP BY member_id
      HAVING count(*) FILTER (WHERE kind = 'redeem') = 0) AS b ON b.member_id = m.member_id
WHERE b.balance >= (SELECT min(cost_points) FROM rewards WHERE (active_from IS NULL OR active_from < CAST($1 AS timestamp)) AND (active_to IS NULL OR active_to >= CAST($1 AS timestamp)))
  AND m.enrolled_at < CAST($1 AS timestamp) AND (m.cancelled_at IS NULL OR m.cancelled_at >= CAST($1 AS timestamp))
-- name: one_and_done
-- $1 as_of, $2 newcomers' enrolment from, $3 quiet since.
SELECT count(*), count(*) FILTER (WHERE m.consent_marketing), CAST(coalesce(sum(o.net), 0) AS double precision)
FROM members AS m
JOIN (SELECT member_id, sum(net) AS net FROM orders WHERE member_id IS NOT NULL AND ordered_at < CAST($1 AS timestamp) GROUP BY member_id
      HAVING count(*) = 1 AND max(ordered_at) < CAST($3 AS timestamp)) AS o ON o.member_id = m.member_id
WHERE m.enrolled_at >= CAST($2 AS timestamp) AND m.enrolled_at < CAST($1 AS timestamp) AND (m.cancelled_at IS NULL OR m.cancelled_at >= CAST($1 AS timestamp))
-- name: arms
-- $1 experiment, $2 end.
SELECT arm, count(*) FROM assignments WHERE experiment_id = CAST($1 AS text) AND assigned_at < CAST($2 AS timestamp) GROUP BY arm
-- name: crossed
SELECT count(*) FROM (SELECT unit_id FROM assignments WHERE experiment_id = CAST($1 AS text) AND assigned_at < CAST($2 AS timestamp) GROUP BY unit_id HAVING count(DISTINCT arm) > 1) AS d
-- name: experiment_orders
SELECT y.arm, count(*), sum(y.net), sum(y.net * y.net), CAST(sum(y.orders) AS double precision), CAST(sum(y.orders * y.orders) AS double precision), count(*) FILTER (WHERE y.orders > 0)
FROM (SELECT a.unit_id, a.arm, CAST(coalesce(sum(o.net), 0) AS double precision) AS net, count(o.order_id) AS orders
      FROM assignments AS a LEFT JOIN orders AS o ON o.member_id = a.unit_id AND o.ordered_at >= a.assigned_at AND o.ordered_at < CAST($2 AS timestamp)
      WHERE a.experiment_id = CAST($1 AS text) AND a.assigned_at < CAST($2 AS timestamp)
      GROUP BY a.unit_id, a.arm) AS y
GROUP BY y.arm
-- name: experiment_points
SELECT y.arm, count(*), sum(y.earned), sum(y.earned * y.earned), sum(y.redeemed), sum(y.redeemed * y.redeemed), count(*) FILTER (WHERE y.redeemed > 0)
FROM (SELECT a.unit_id, a.arm, CAST(coalesce(sum(l.points) FILTER (WHERE l.kind IN ('earn', 'bonus')), 0) AS double precision) AS earned,
        CAST(coalesce(-sum(l.points) FILTER (WHERE l.kind = 'redeem'), 0) AS double precision) AS redeemed
      FROM assignments AS a LEFT JOIN points AS l ON l.member_id = a.unit_id AND l.occurred_at >= a.assigned_at AND l.occurred_at < CAST($2 AS timestamp)
      WHERE a.experiment_id = CAST($1 AS text) AND a.assigned_at < CAST($2 AS timestamp)
      GROUP BY a.unit_id, a.arm) AS y
GROUP BY y.arm
