-- The aggregates of the stages, written by hand: one query for one purpose,
-- over tables that already hold what counts, without the contract's casts and
-- guards, and in as few passes as one can think of. Each returns the numbers
-- of the stage's query of that name, in the same order; those of pull_metrics,
-- the main ones of them.
--
-- Hints to a planner count here as they do in the tools' queries: a person who
-- waits for minutes would have found them too.
--
-- Windows: $1 start and $2 end of the window, $3 start of the previous one
-- (which ends at $1), $4 and $5 start and end a year ago.

-- name: coverage_members
SELECT count(*), min(enrolled_at), max(enrolled_at) FROM members
-- name: coverage_tier_history
SELECT count(*), min(effective_from), max(effective_from) FROM tier_history
-- name: days_orders
SELECT date_trunc('hour', ordered_at), count(*), min(ordered_at), max(ordered_at) FROM orders GROUP BY 1
-- name: days_points
SELECT date_trunc('hour', occurred_at), count(*), min(occurred_at), max(occurred_at) FROM points GROUP BY 1
-- name: days_redemptions
SELECT date_trunc('hour', redeemed_at), count(*), min(redeemed_at), max(redeemed_at) FROM redemptions GROUP BY 1
-- name: days_engagement
SELECT date_trunc('hour', occurred_at), count(*), min(occurred_at), max(occurred_at) FROM engagement GROUP BY 1
-- name: coverage_surveys
SELECT count(*), min(responded_at), max(responded_at) FROM surveys
-- name: coverage_experiments
SELECT count(*), min(started_at), max(started_at) FROM experiments
-- name: coverage_assignments
SELECT count(*), min(assigned_at), max(assigned_at) FROM assignments
-- name: enrolled
SELECT CASE WHEN enrolled_at >= CAST($1 AS timestamp) THEN 0 WHEN enrolled_at >= CAST($3 AS timestamp) THEN 1 ELSE 2 END, count(*)
FROM members WHERE enrolled_at >= CAST($3 AS timestamp) AND enrolled_at < CAST($2 AS timestamp) OR enrolled_at >= CAST($4 AS timestamp) AND enrolled_at < CAST($5 AS timestamp)
GROUP BY 1
-- name: enrolled_90
-- Members with one active day in the 90 days after enrolment, all, and those who redeemed.
SELECT m.period, count(*) FILTER (WHERE a.active_days = 1), count(*), count(*) FILTER (WHERE a.redeemed = 1)
FROM (SELECT member_id, CASE WHEN enrolled_at >= CAST($1 AS timestamp) THEN 0 WHEN enrolled_at >= CAST($3 AS timestamp) THEN 1 ELSE 2 END AS period
      FROM members WHERE enrolled_at >= CAST($3 AS timestamp) AND enrolled_at < CAST($2 AS timestamp) OR enrolled_at >= CAST($4 AS timestamp) AND enrolled_at < CAST($5 AS timestamp)) AS m
LEFT JOIN (SELECT n.member_id, count(DISTINCT CAST(v.t AS date)) AS active_days, max(v.redeemed) AS redeemed
           FROM members AS n
           JOIN (SELECT member_id, occurred_at AS t, CASE WHEN kind = 'redeem' THEN 1 ELSE 0 END AS redeemed FROM points WHERE kind IN ('earn', 'bonus', 'redeem') AND occurred_at >= CAST($4 AS timestamp)
                 UNION ALL SELECT member_id, ordered_at, 0 FROM orders WHERE member_id IS NOT NULL AND ordered_at >= CAST($4 AS timestamp)) AS v
             ON v.member_id = n.member_id AND v.t >= n.enrolled_at AND v.t < n.enrolled_at + INTERVAL '90 days'
           WHERE n.enrolled_at >= CAST($4 AS timestamp)
           GROUP BY n.member_id) AS a ON a.member_id = m.member_id
GROUP BY m.period
-- name: enrolled_30
-- Members who ordered in the 30 days after enrolment, and all.
SELECT m.period, count(o.member_id), count(*)
FROM (SELECT member_id, CASE WHEN enrolled_at >= CAST($1 AS timestamp) THEN 0 WHEN enrolled_at >= CAST($3 AS timestamp) THEN 1 ELSE 2 END AS period
      FROM members WHERE enrolled_at >= CAST($3 AS timestamp) AND enrolled_at < CAST($2 AS timestamp) OR enrolled_at >= CAST($4 AS timestamp) AND enrolled_at < CAST($5 AS timestamp)) AS m
LEFT JOIN (SELECT DISTINCT n.member_id FROM members AS n
           JOIN orders AS v ON v.member_id = n.member_id AND v.ordered_at >= n.enrolled_at AND v.ordered_at < n.enrolled_at + INTERVAL '30 days'
           WHERE n.enrolled_at >= CAST($4 AS timestamp) AND v.ordered_at >= CAST($4 AS timestamp)) AS o ON o.member_id = m.member_id
GROUP BY m.period
-- name: cancelled
SELECT CASE WHEN cancelled_at >= CAST($1 AS timestamp) THEN 0 WHEN cancelled_at >= CAST($3 AS timestamp) THEN 1 ELSE 2 END, count(*)
FROM members WHERE cancelled_at >= CAST($3 AS timestamp) AND cancelled_at < CAST($2 AS timestamp) OR cancelled_at >= CAST($4 AS timestamp) AND cancelled_at < CAST($5 AS timestamp)
GROUP BY 1
-- name: start
-- Of members open at the start: all, cancelled, lapses, going, returns, lapsed,
-- rises, can rise, falls, can fall. $6 and $7 are the lapse lines of the window's
-- start and end, $8 that of the previous one's start, $9 and $10 those a year ago.
SELECT p.period, count(*), count(*) FILTER (WHERE m.cancelled_at < p.e),
  count(*) FILTER (WHERE p.last_start >= p.line_start AND p.last_end < p.line_end AND (m.cancelled_at IS NULL OR m.cancelled_at >= p.e)),
  count(*) FILTER (WHERE p.last_start >= p.line_start), count(*) FILTER (WHERE p.last_start < p.line_start AND p.last_end >= p.s), count(*) FILTER (WHERE p.last_start < p.line_start),
  count(*) FILTER (WHERE p.rank_end > p.rank_start), count(*) FILTER (WHERE p.rank_start < (SELECT max(rank) FROM tiers)),
  count(*) FILTER (WHERE p.rank_end < p.rank_start), count(*) FILTER (WHERE p.rank_start > (SELECT min(rank) FROM tiers))
FROM members AS m
JOIN (SELECT n.member_id, w.period, w.s, w.e, w.line_start, w.line_end,
        CASE w.period WHEN 0 THEN a.s0 WHEN 1 THEN a.s1 ELSE a.s2 END AS last_start, CASE w.period WHEN 0 THEN a.e0 WHEN 1 THEN a.s0 ELSE a.e2 END AS last_end,
        CASE w.period WHEN 0 THEN h.s0 WHEN 1 THEN h.s1 ELSE h.s2 END AS rank_start, CASE w.period WHEN 0 THEN h.e0 WHEN 1 THEN h.s0 ELSE h.e2 END AS rank_end
      FROM members AS n
      CROSS JOIN (SELECT 0 AS period, CAST($1 AS timestamp) AS s, CAST($2 AS timestamp) AS e, CAST($6 AS timestamp) AS line_start, CAST($7 AS timestamp) AS line_end
                  UNION ALL SELECT 1, CAST($3 AS timestamp), CAST($1 AS timestamp), CAST($8 AS timestamp), CAST($6 AS timestamp)
                  UNION ALL SELECT 2, CAST($4 AS timestamp), CAST($5 AS timestamp), CAST($9 AS timestamp), CAST($10 AS timestamp)) AS w
      LEFT JOIN (SELECT member_id, max(t) FILTER (WHERE t < CAST($1 AS timestamp)) AS s0, max(t) AS e0, max(t) FILTER (WHERE t < CAST($3 AS timestamp)) AS s1,
                   max(t) FILTER (WHERE t < CAST($4 AS timestamp)) AS s2, max(t) FILTER (WHERE t < CAST($5 AS timestamp)) AS e2
                 FROM (SELECT member_id, occurred_at AS t FROM points WHERE kind IN ('earn', 'bonus', 'redeem') AND occurred_at < CAST($2 AS timestamp)
                       UNION ALL SELECT member_id, ordered_at FROM orders WHERE member_id IS NOT NULL AND ordered_at < CAST($2 AS timestamp)) AS v
                 GROUP BY member_id) AS a ON a.member_id = n.member_id
      LEFT JOIN (SELECT r.member_id,
                   max(t.rank) FILTER (WHERE r.effective_from < CAST($1 AS timestamp) AND (r.effective_to IS NULL OR r.effective_to >= CAST($1 AS timestamp))) AS s0,
                   max(t.rank) FILTER (WHERE r.effective_from < CAST($2 AS timestamp) AND (r.effective_to IS NULL OR r.effective_to >= CAST($2 AS timestamp))) AS e0,
                   max(t.rank) FILTER (WHERE r.effective_from < CAST($3 AS timestamp) AND (r.effective_to IS NULL OR r.effective_to >= CAST($3 AS timestamp))) AS s1,
                   max(t.rank) FILTER (WHERE r.effective_from < CAST($4 AS timestamp) AND (r.effective_to IS NULL OR r.effective_to >= CAST($4 AS timestamp))) AS s2,
                   max(t.rank) FILTER (WHERE r.effective_from < CAST($5 AS timestamp) AND (r.effective_to IS NULL OR r.effective_to >= CAST($5 AS timestamp))) AS e2
                 FROM tier_history AS r JOIN tiers AS t ON t.tier = r.tier GROUP BY r.member_id) AS h ON h.member_id = n.member_id) AS p
  ON p.member_id = m.member_id AND m.enrolled_at < p.s AND (m.cancelled_at IS NULL OR m.cancelled_at >= p.s)
GROUP BY p.period
-- name: open_members
-- Of members open at the end: all, contactable, active, participants, who
-- logged in, redeemers.
SELECT p.period, count(*), count(*) FILTER (WHERE m.consent_marketing), count(*) FILTER (WHERE a.active = 1), count(*) FILTER (WHERE a.participant = 1),
  count(*) FILTER (WHERE a.logged_in = 1), count(*) FILTER (WHERE a.redeemer = 1)
FROM members AS m
JOIN (SELECT 0 AS period, CAST($2 AS timestamp) AS e UNION ALL SELECT 1, CAST($1 AS timestamp) UNION ALL SELECT 2, CAST($5 AS timestamp)) AS p
  ON m.enrolled_at < p.e AND (m.cancelled_at IS NULL OR m.cancelled_at >= p.e)
LEFT JOIN (SELECT v.member_id, v.period, max(v.active) AS active, max(v.participant) AS participant, max(v.redeemer) AS redeemer, max(v.logged_in) AS logged_in
      FROM (SELECT member_id, CASE WHEN occurred_at >= CAST($1 AS timestamp) THEN 0 WHEN occurred_at >= CAST($3 AS timestamp) THEN 1 ELSE 2 END AS period,
              1 AS active, 1 AS participant, CASE WHEN kind = 'redeem' THEN 1 ELSE 0 END AS redeemer, 0 AS logged_in
            FROM points WHERE kind IN ('earn', 'bonus', 'redeem')
              AND (occurred_at >= CAST($3 AS timestamp) AND occurred_at < CAST($2 AS timestamp) OR occurred_at >= CAST($4 AS timestamp) AND occurred_at < CAST($5 AS timestamp))
            UNION ALL
            SELECT member_id, CASE WHEN ordered_at >= CAST($1 AS timestamp) THEN 0 WHEN ordered_at >= CAST($3 AS timestamp) THEN 1 ELSE 2 END, 1, 0, 0, 0
            FROM orders WHERE member_id IS NOT NULL
              AND (ordered_at >= CAST($3 AS timestamp) AND ordered_at < CAST($2 AS timestamp) OR ordered_at >= CAST($4 AS timestamp) AND ordered_at < CAST($5 AS timestamp))
            UNION ALL
            SELECT member_id, CASE WHEN occurred_at >= CAST($1 AS timestamp) THEN 0 WHEN occurred_at >= CAST($3 AS timestamp) THEN 1 ELSE 2 END, 0, 0, 0, 1
            FROM engagement WHERE kind IN ('login', 'app_open')
              AND (occurred_at >= CAST($3 AS timestamp) AND occurred_at < CAST($2 AS timestamp) OR occurred_at >= CAST($4 AS timestamp) AND occurred_at < CAST($5 AS timestamp))) AS v
      GROUP BY v.member_id, v.period) AS a ON a.member_id = m.member_id AND a.period = p.period
GROUP BY p.period
-- name: orders
-- Of all: orders and net; of members': orders, net, buyers, repeat buyers, items,
-- discount, gross, refund, margin, and the orders that a line of the ledger earned on.
SELECT x.period, CAST(sum(x.n) AS bigint), CAST(sum(x.net) AS double precision),
  CAST(sum(x.n) FILTER (WHERE x.member_id IS NOT NULL) AS bigint), CAST(sum(x.net) FILTER (WHERE x.member_id IS NOT NULL) AS double precision),
  count(x.member_id), count(x.member_id) FILTER (WHERE x.n >= 2), CAST(sum(x.items) FILTER (WHERE x.member_id IS NOT NULL) AS bigint),
  CAST(sum(x.discount) FILTER (WHERE x.member_id IS NOT NULL) AS double precision), CAST(sum(x.gross) FILTER (WHERE x.member_id IS NOT NULL) AS double precision),
  CAST(sum(x.refund) FILTER (WHERE x.member_id IS NOT NULL) AS double precision), CAST(sum(x.margin) FILTER (WHERE x.member_id IS NOT NULL) AS double precision), CAST(sum(x.earned) AS bigint)
FROM (SELECT o.member_id, CASE WHEN o.ordered_at >= CAST($1 AS timestamp) THEN 0 WHEN o.ordered_at >= CAST($3 AS timestamp) THEN 1 ELSE 2 END AS period, count(*) AS n, sum(o.net) AS net,
        sum(o.items) AS items, sum(o.discount) AS discount, sum(o.gross) AS gross, sum(o.refund) AS refund, sum(o.margin) AS margin, count(k.order_id) AS earned
      FROM orders AS o
      LEFT JOIN (SELECT DISTINCT member_id, order_id FROM points
                 WHERE kind IN ('earn', 'bonus') AND order_id IS NOT NULL AND occurred_at >= CAST($4 AS timestamp) - INTERVAL '1 day' AND occurred_at < CAST($2 AS timestamp)) AS k
        ON k.member_id = o.member_id AND k.order_id = o.order_id
      WHERE o.ordered_at >= CAST($3 AS timestamp) AND o.ordered_at < CAST($2 AS timestamp) OR o.ordered_at >= CAST($4 AS timestamp) AND o.ordered_at < CAST($5 AS timestamp)
      GROUP BY 1, 2) AS x
GROUP BY x.period
-- name: balance
-- Outstanding, holders, opening, ever issued, redeemed and expired.
WITH b AS (
  SELECT member_id,
    sum(points) AS e0, sum(points) FILTER (WHERE occurred_at < CAST($1 AS timestamp)) AS s0, sum(points) FILTER (WHERE kind IN ('earn', 'bonus')) AS i0,
    sum(points) FILTER (WHERE kind = 'redeem') AS r0, sum(points) FILTER (WHERE kind = 'expire') AS x0,
    sum(points) FILTER (WHERE occurred_at < CAST($3 AS timestamp)) AS s1, sum(points) FILTER (WHERE kind IN ('earn', 'bonus') AND occurred_at < CAST($1 AS timestamp)) AS i1,
    sum(points) FILTER (WHERE kind = 'redeem' AND occurred_at < CAST($1 AS timestamp)) AS r1, sum(points) FILTER (WHERE kind = 'expire' AND occurred_at < CAST($1 AS timestamp)) AS x1,
    sum(points) FILTER (WHERE occurred_at < CAST($5 AS timestamp)) AS e2, sum(points) FILTER (WHERE occurred_at < CAST($4 AS timestamp)) AS s2,
    sum(points) FILTER (WHERE kind IN ('earn', 'bonus') AND occurred_at < CAST($5 AS timestamp)) AS i2,
    sum(points) FILTER (WHERE kind = 'redeem' AND occurred_at < CAST($5 AS timestamp)) AS r2, sum(points) FILTER (WHERE kind = 'expire' AND occurred_at < CAST($5 AS timestamp)) AS x2
  FROM points WHERE occurred_at < CAST($2 AS timestamp) GROUP BY member_id)
SELECT 0, CAST(sum(e0) AS bigint), count(*) FILTER (WHERE e0 > 0), CAST(sum(s0) AS bigint), CAST(sum(i0) AS bigint), CAST(-sum(r0) AS bigint), CAST(-sum(x0) AS bigint) FROM b
UNION ALL SELECT 1, CAST(sum(s0) AS bigint), count(*) FILTER (WHERE s0 > 0), CAST(sum(s1) AS bigint), CAST(sum(i1) AS bigint), CAST(-sum(r1) AS bigint), CAST(-sum(x1) AS bigint) FROM b
UNION ALL SELECT 2, CAST(sum(e2) AS bigint), count(*) FILTER (WHERE e2 > 0), CAST(sum(s2) AS bigint), CAST(sum(i2) AS bigint), CAST(-sum(r2) AS bigint), CAST(-sum(x2) AS bigint) FROM b
-- name: lots
-- $1 end of the window, $2, $3 and $4 30, 60 and 90 days later. Points that
-- expire by then, and the members who lose them.
SELECT 0, CAST(sum(b.by30 - b.by0) AS bigint), count(*) FILTER (WHERE b.by30 > b.by0), CAST(sum(b.by60 - b.by0) AS bigint), count(*) FILTER (WHERE b.by60 > b.by0),
  CAST(sum(b.by90 - b.by0) AS bigint), count(*) FILTER (WHERE b.by90 > b.by0)
FROM (SELECT greatest(s.by0 - s.debits, 0) AS by0, greatest(s.by30 - s.debits, 0) AS by30, greatest(s.by60 - s.debits, 0) AS by60, greatest(s.by90 - s.debits, 0) AS by90
      FROM (SELECT member_id, coalesce(-sum(points) FILTER (WHERE points < 0), 0) AS debits,
              coalesce(sum(points) FILTER (WHERE points > 0 AND expires_at < CAST($1 AS timestamp)), 0) AS by0,
              coalesce(sum(points) FILTER (WHERE points > 0 AND expires_at < CAST($2 AS timestamp)), 0) AS by30,
              coalesce(sum(points) FILTER (WHERE points > 0 AND expires_at < CAST($3 AS timestamp)), 0) AS by60,
              coalesce(sum(points) FILTER (WHERE points > 0 AND expires_at < CAST($4 AS timestamp)), 0) AS by90
            FROM points WHERE occurred_at < CAST($1 AS timestamp) GROUP BY member_id) AS s) AS b
-- name: engagement
-- Messages delivered, members with any event, who opened and clicked (once a
-- campaign), unsubscribed; challenges started and completed; referrals.
SELECT e.period, count(*) FILTER (WHERE e.kind = 'delivered'), count(DISTINCT e.member_id), count(DISTINCT (e.member_id, e.campaign_id)) FILTER (WHERE e.kind = 'open'),
  count(DISTINCT (e.member_id, e.campaign_id)) FILTER (WHERE e.kind = 'click'), count(*) FILTER (WHERE e.kind = 'unsubscribe'),
  count(*) FILTER (WHERE e.kind = 'challenge_start'), count(*) FILTER (WHERE e.kind = 'challenge_complete'), count(*) FILTER (WHERE e.kind = 'referral')
FROM (SELECT member_id, kind, campaign_id, CASE WHEN occurred_at >= CAST($1 AS timestamp) THEN 0 WHEN occurred_at >= CAST($3 AS timestamp) THEN 1 ELSE 2 END AS period
      FROM engagement WHERE occurred_at >= CAST($3 AS timestamp) AND occurred_at < CAST($2 AS timestamp) OR occurred_at >= CAST($4 AS timestamp) AND occurred_at < CAST($5 AS timestamp)) AS e
GROUP BY e.period
-- name: surveys
SELECT e.period, count(*) FILTER (WHERE e.kind = 'csat' AND e.score BETWEEN e.low AND e.high), count(*) FILTER (WHERE e.kind = 'csat' AND e.score BETWEEN e.high - 1 AND e.high),
  count(*) FILTER (WHERE e.kind = 'nps'), count(*) FILTER (WHERE e.kind = 'nps' AND e.score >= 9), count(*) FILTER (WHERE e.kind = 'nps' AND e.score <= 6),
  CAST(sum(e.score) FILTER (WHERE e.kind = 'ces') AS bigint), count(e.score) FILTER (WHERE e.kind = 'ces'), count(DISTINCT e.member_id)
FROM (SELECT kind, score, member_id, coalesce(scale_min, 1) AS low, coalesce(scale_max, 5) AS high,
        CASE WHEN responded_at >= CAST($1 AS timestamp) THEN 0 WHEN responded_at >= CAST($3 AS timestamp) THEN 1 ELSE 2 END AS period
      FROM surveys WHERE responded_at >= CAST($3 AS timestamp) AND responded_at < CAST($2 AS timestamp) OR responded_at >= CAST($4 AS timestamp) AND responded_at < CAST($5 AS timestamp)) AS e
GROUP BY e.period
-- name: points
SELECT e.period, CAST(sum(e.points) FILTER (WHERE e.kind IN ('earn', 'bonus')) AS bigint), CAST(-sum(e.points) FILTER (WHERE e.kind = 'redeem') AS bigint),
  CAST(-sum(e.points) FILTER (WHERE e.kind = 'expire') AS bigint), CAST(-sum(e.points) FILTER (WHERE e.kind = 'reverse_earn') AS bigint),
  CAST(sum(e.points) FILTER (WHERE e.kind = 'reimburse') AS bigint), CAST(sum(e.points) FILTER (WHERE e.kind = 'adjust') AS bigint),
  count(DISTINCT e.member_id) FILTER (WHERE e.kind IN ('earn', 'bonus')), count(DISTINCT e.member_id) FILTER (WHERE e.kind = 'redeem'), count(DISTINCT e.member_id) FILTER (WHERE e.kind = 'expire')
FROM (SELECT member_id, kind, points, CASE WHEN occurred_at >= CAST($1 AS timestamp) THEN 0 WHEN occurred_at >= CAST($3 AS timestamp) THEN 1 ELSE 2 END AS period
      FROM points WHERE occurred_at >= CAST($3 AS timestamp) AND occurred_at < CAST($2 AS timestamp) OR occurred_at >= CAST($4 AS timestamp) AND occurred_at < CAST($5 AS timestamp)) AS e
GROUP BY e.period
-- name: redemptions
-- Value, redemptions, points, used, cost, members.
SELECT e.period, CAST(sum(e.value) AS double precision), count(*), CAST(sum(e.points) AS bigint), count(e.used_at), CAST(sum(w.unit_cost) AS double precision), count(DISTINCT e.member_id)
FROM (SELECT member_id, value, points, used_at, reward_id, CASE WHEN redeemed_at >= CAST($1 AS timestamp) THEN 0 WHEN redeemed_at >= CAST($3 AS timestamp) THEN 1 ELSE 2 END AS period
      FROM redemptions WHERE redeemed_at >= CAST($3 AS timestamp) AND redeemed_at < CAST($2 AS timestamp) OR redeemed_at >= CAST($4 AS timestamp) AND redeemed_at < CAST($5 AS timestamp)) AS e
LEFT JOIN rewards AS w ON w.reward_id = e.reward_id
GROUP BY e.period
-- name: first_orders
SELECT CASE WHEN f.t >= CAST($1 AS timestamp) THEN 0 WHEN f.t >= CAST($3 AS timestamp) THEN 1 ELSE 2 END, count(*)
FROM (SELECT min(ordered_at) AS t FROM orders WHERE member_id IS NOT NULL GROUP BY member_id) AS f
WHERE f.t >= CAST($3 AS timestamp) AND f.t < CAST($2 AS timestamp) OR f.t >= CAST($4 AS timestamp) AND f.t < CAST($5 AS timestamp)
GROUP BY 1
-- name: second_orders
-- $6 days after the first order. Members with a further one by then, and all.
SELECT CASE WHEN f.t >= CAST($1 AS timestamp) THEN 0 WHEN f.t >= CAST($3 AS timestamp) THEN 1 ELSE 2 END, count(*) FILTER (WHERE f.second < f.t + CAST($6 AS integer) * INTERVAL '1 day'), count(*)
FROM (SELECT min(x.ordered_at) AS t, min(x.ordered_at) FILTER (WHERE x.n = 2) AS second
      FROM (SELECT member_id, ordered_at, row_number() OVER (PARTITION BY member_id ORDER BY ordered_at) AS n FROM orders WHERE member_id IS NOT NULL) AS x
      WHERE x.n <= 2 GROUP BY x.member_id) AS f
WHERE f.t >= CAST($3 AS timestamp) AND f.t < CAST($2 AS timestamp) OR f.t >= CAST($4 AS timestamp) AND f.t < CAST($5 AS timestamp)
GROUP BY 1
-- name: enrolled_daily
-- By day, as a number since 1970: $1 start and $2 end of the series, here and below.
SELECT CAST(CAST(enrolled_at AS date) - DATE '1970-01-01' AS bigint), count(*) FROM members WHERE enrolled_at >= CAST($1 AS timestamp) AND enrolled_at < CAST($2 AS timestamp) GROUP BY 1
-- name: cancelled_daily
SELECT CAST(CAST(cancelled_at AS date) - DATE '1970-01-01' AS bigint), count(*) FROM members WHERE cancelled_at >= CAST($1 AS timestamp) AND cancelled_at < CAST($2 AS timestamp) GROUP BY 1
-- name: activity_daily
SELECT CAST(CAST(v.t AS date) - DATE '1970-01-01' AS bigint), count(DISTINCT v.member_id), count(DISTINCT v.member_id) FILTER (WHERE v.kind <> 'order'), count(DISTINCT v.member_id) FILTER (WHERE v.kind = 'redeem')
FROM (SELECT member_id, occurred_at AS t, kind FROM points WHERE kind IN ('earn', 'bonus', 'redeem') AND occurred_at >= CAST($1 AS timestamp) AND occurred_at < CAST($2 AS timestamp)
      UNION ALL SELECT member_id, ordered_at, 'order' FROM orders WHERE member_id IS NOT NULL AND ordered_at >= CAST($1 AS timestamp) AND ordered_at < CAST($2 AS timestamp)) AS v
GROUP BY 1
-- name: engagement_daily
SELECT CAST(CAST(occurred_at AS date) - DATE '1970-01-01' AS bigint), count(DISTINCT member_id) FILTER (WHERE kind IN ('login', 'app_open')), count(*) FILTER (WHERE kind = 'delivered'),
  count(*) FILTER (WHERE kind = 'open'), count(*) FILTER (WHERE kind = 'click'), count(*) FILTER (WHERE kind = 'unsubscribe'),
  count(*) FILTER (WHERE kind = 'challenge_start'), count(*) FILTER (WHERE kind = 'challenge_complete'), count(*) FILTER (WHERE kind = 'referral')
FROM engagement WHERE occurred_at >= CAST($1 AS timestamp) AND occurred_at < CAST($2 AS timestamp) GROUP BY 1
-- name: points_daily
SELECT CAST(CAST(occurred_at AS date) - DATE '1970-01-01' AS bigint), CAST(sum(points) FILTER (WHERE kind IN ('earn', 'bonus')) AS bigint), CAST(-sum(points) FILTER (WHERE kind = 'redeem') AS bigint),
  CAST(-sum(points) FILTER (WHERE kind = 'expire') AS bigint), CAST(-sum(points) FILTER (WHERE kind = 'reverse_earn') AS bigint), CAST(sum(points) FILTER (WHERE kind = 'reimburse') AS bigint),
  CAST(sum(points) FILTER (WHERE kind = 'adjust') AS bigint), CAST(sum(points) AS bigint),
  count(DISTINCT member_id) FILTER (WHERE kind IN ('earn', 'bonus')), count(DISTINCT member_id) FILTER (WHERE kind = 'redeem'), count(DISTINCT member_id) FILTER (WHERE kind = 'expire')
FROM points WHERE occurred_at >= CAST($1 AS timestamp) AND occurred_at < CAST($2 AS timestamp) GROUP BY 1
-- name: redemptions_daily
SELECT CAST(CAST(d.redeemed_at AS date) - DATE '1970-01-01' AS bigint), CAST(sum(d.value) AS double precision), count(*), CAST(sum(d.points) AS bigint), CAST(sum(w.unit_cost) AS double precision), count(DISTINCT d.member_id)
FROM redemptions AS d LEFT JOIN rewards AS w ON w.reward_id = d.reward_id
WHERE d.redeemed_at >= CAST($1 AS timestamp) AND d.redeemed_at < CAST($2 AS timestamp) GROUP BY 1
-- name: orders_daily
SELECT CAST(CAST(o.ordered_at AS date) - DATE '1970-01-01' AS bigint), count(*), CAST(sum(o.net) AS double precision),
  count(o.member_id), CAST(sum(o.net) FILTER (WHERE o.member_id IS NOT NULL) AS double precision), count(DISTINCT o.member_id),
  CAST(sum(o.items) FILTER (WHERE o.member_id IS NOT NULL) AS bigint), CAST(sum(o.discount) FILTER (WHERE o.member_id IS NOT NULL) AS double precision),
  CAST(sum(o.gross) FILTER (WHERE o.member_id IS NOT NULL) AS double precision), CAST(sum(o.margin) FILTER (WHERE o.member_id IS NOT NULL) AS double precision)
FROM orders AS o WHERE o.ordered_at >= CAST($1 AS timestamp) AND o.ordered_at < CAST($2 AS timestamp) GROUP BY 1
-- name: surveys_daily
SELECT CAST(CAST(responded_at AS date) - DATE '1970-01-01' AS bigint),
  count(*) FILTER (WHERE kind = 'csat' AND score BETWEEN coalesce(scale_min, 1) AND coalesce(scale_max, 5)), count(*) FILTER (WHERE kind = 'csat' AND score BETWEEN coalesce(scale_max, 5) - 1 AND coalesce(scale_max, 5)),
  count(*) FILTER (WHERE kind = 'nps'), count(*) FILTER (WHERE kind = 'nps' AND score >= 9), count(*) FILTER (WHERE kind = 'nps' AND score <= 6),
  CAST(sum(score) FILTER (WHERE kind = 'ces') AS bigint), count(score) FILTER (WHERE kind = 'ces')
FROM surveys WHERE responded_at >= CAST($1 AS timestamp) AND responded_at < CAST($2 AS timestamp) GROUP BY 1
-- name: first_orders_daily
SELECT CAST(CAST(f.t AS date) - DATE '1970-01-01' AS bigint), count(*) FROM (SELECT min(ordered_at) AS t FROM orders WHERE member_id IS NOT NULL GROUP BY member_id) AS f
WHERE f.t >= CAST($1 AS timestamp) AND f.t < CAST($2 AS timestamp) GROUP BY 1
-- name: mix
-- $1 start and $2 end of the window, $3 a year before the end.
WITH e AS (SELECT 0 AS period, CAST($2 AS timestamp) AS t UNION ALL SELECT 1, CAST($1 AS timestamp) UNION ALL SELECT 2, CAST($3 AS timestamp)),
m AS (SELECT e.period, e.t, m.member_id FROM members AS m JOIN e ON m.enrolled_at < e.t AND (m.cancelled_at IS NULL OR m.cancelled_at >= e.t))
SELECT period, '', '', count(*) FROM m GROUP BY period
UNION ALL
SELECT m.period, 'tier', coalesce(h.tier, ''), count(*) FROM m
LEFT JOIN tier_history AS h ON h.member_id = m.member_id AND h.effective_from < m.t AND (h.effective_to IS NULL OR h.effective_to >= m.t)
GROUP BY m.period, 3
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
-- name: histories
-- $1 up to when, $2 what is later counts up to, $3 days of a bin.
SELECT x, CASE WHEN x > 0 THEN greatest(CAST($3 AS double precision), CAST($3 AS double precision) * floor((last_day - start) / CAST($3 AS double precision) + 0.5)) ELSE 0 END AS recency,
  greatest(CASE WHEN x > 0 THEN CAST($3 AS double precision) ELSE 0 END, CAST($3 AS double precision) * floor((stop - start) / CAST($3 AS double precision) + 0.5)) AS age,
  still, later, count(*), CAST(sum(spend) AS double precision)
FROM (SELECT m.member_id, m.still, m.start, m.stop, count(*) FILTER (WHERE d.bought AND d.day <= m.stop) AS x, max(d.day) FILTER (WHERE d.bought AND d.day <= m.stop) AS last_day,
        count(*) FILTER (WHERE d.bought AND d.day > m.stop AND d.day <= m.gone) AS later, coalesce(sum(d.net) FILTER (WHERE d.day <= m.stop), 0) AS spend
      FROM (SELECT member_id, CAST(enrolled_at AS date) AS start, CASE WHEN cancelled_at < CAST($1 AS timestamp) THEN 0 ELSE 1 END AS still,
              CASE WHEN cancelled_at < CAST($1 AS timestamp) THEN CAST(cancelled_at AS date) ELSE CAST(CAST($1 AS timestamp) AS date) - 1 END AS stop,
              CASE WHEN cancelled_at < CAST($2 AS timestamp) THEN CAST(cancelled_at AS date) ELSE CAST(CAST($2 AS timestamp) AS date) - 1 END AS gone
            FROM members WHERE enrolled_at < CAST($1 AS timestamp)) AS m
      LEFT JOIN (SELECT member_id, CAST(ordered_at AS date) AS day, bool_or(net >= 0) AS bought, sum(net) AS net
            FROM orders WHERE member_id IS NOT NULL AND ordered_at < CAST($2 AS timestamp) GROUP BY 1, 2) AS d ON d.member_id = m.member_id AND d.day > m.start
      GROUP BY 1, 2, 3, 4) AS h
GROUP BY 1, 2, 3, 4, 5
ORDER BY 1, 2, 3, 4, 5
-- name: spends
SELECT n, floor(32 * ln(CAST(spend AS double precision) / n)) AS bin, count(*), CAST(sum(spend) AS double precision)
FROM (SELECT m.member_id, count(*) FILTER (WHERE d.bought AND d.day <= m.stop) AS n, sum(d.net) FILTER (WHERE d.day <= m.stop) AS spend
      FROM (SELECT member_id, CAST(enrolled_at AS date) AS start,
              CASE WHEN cancelled_at < CAST($1 AS timestamp) THEN CAST(cancelled_at AS date) ELSE CAST(CAST($1 AS timestamp) AS date) - 1 END AS stop
            FROM members WHERE enrolled_at < CAST($1 AS timestamp)) AS m
      JOIN (SELECT member_id, CAST(ordered_at AS date) AS day, bool_or(net >= 0) AS bought, sum(net) AS net
            FROM orders WHERE member_id IS NOT NULL AND ordered_at < CAST($1 AS timestamp) GROUP BY 1, 2) AS d ON d.member_id = m.member_id AND d.day > m.start
      GROUP BY 1) AS h
WHERE n > 0 AND spend > 0
GROUP BY 1, 2
ORDER BY 1, 2
-- name: retention
SELECT cohort, stop - start, closed, count(*)
FROM (SELECT 10 * extract(year FROM enrolled_at) + extract(quarter FROM enrolled_at) AS cohort, CAST(enrolled_at AS date) AS start, CASE WHEN cancelled_at < CAST($1 AS timestamp) THEN 1 ELSE 0 END AS closed,
        CASE WHEN cancelled_at < CAST($1 AS timestamp) THEN CAST(cancelled_at AS date) ELSE CAST(CAST($1 AS timestamp) AS date) - 1 END AS stop
      FROM members WHERE enrolled_at < CAST($1 AS timestamp)) AS m
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
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
SELECT count(*), count(*) FILTER (WHERE consent_marketing) FROM members WHERE enrolled_at < CAST($1 AS timestamp) AND (cancelled_at IS NULL OR cancelled_at >= CAST($1 AS timestamp))
-- name: segments
-- postgres: enable_nestloop=off
-- All segments at once, a member a row, by their words in segments.yaml. $1 as_of,
-- $2 days of a lapse, $3 start of the qualifying period, $4 the share from which on
-- a tier or a reward is near, $5 the end of the term of points, $6 a year ago, $7
-- since when engagement counts.
WITH acts AS MATERIALIZED (
  SELECT v.member_id, max(v.t) AS last_at, CAST($1 AS date) - CAST(max(v.t) AS date) AS quiet
  FROM (SELECT member_id, occurred_at AS t FROM points WHERE kind IN ('earn', 'bonus', 'redeem') AND occurred_at < CAST($1 AS timestamp)
        UNION ALL SELECT member_id, ordered_at FROM orders WHERE member_id IS NOT NULL AND ordered_at < CAST($1 AS timestamp)) AS v
  GROUP BY v.member_id),
bought AS MATERIALIZED (
  SELECT o.member_id, count(*) AS ever, sum(o.net) AS spend_ever, CAST($1 AS date) - CAST(max(o.ordered_at) AS date) AS unbought,
    count(*) FILTER (WHERE o.ordered_at >= CAST($6 AS timestamp)) AS year, coalesce(sum(o.net) FILTER (WHERE o.ordered_at >= CAST($6 AS timestamp)), 0) AS spend_year,
    sum(o.gross) FILTER (WHERE o.ordered_at >= CAST($6 AS timestamp)) AS gross, sum(o.discount) FILTER (WHERE o.ordered_at >= CAST($6 AS timestamp)) AS discount,
    sum(o.net) FILTER (WHERE o.ordered_at >= CAST($3 AS timestamp)) AS qualifying,
    count(*) FILTER (WHERE o.ordered_at <= a.last_at AND o.ordered_at > a.last_at - INTERVAL '365 days') AS to_last,
    coalesce(sum(o.net) FILTER (WHERE o.ordered_at <= a.last_at AND o.ordered_at > a.last_at - INTERVAL '365 days'), 0) AS spend_to_last
  FROM orders AS o LEFT JOIN acts AS a ON a.member_id = o.member_id
  WHERE o.member_id IS NOT NULL AND o.ordered_at < CAST($1 AS timestamp) GROUP BY o.member_id),
held AS MATERIALIZED (
  SELECT member_id, sum(points) AS balance, bool_or(kind = 'redeem') AS redeemed, coalesce(-sum(points) FILTER (WHERE points < 0), 0) AS debits,
    coalesce(sum(points) FILTER (WHERE points > 0 AND expires_at < CAST($1 AS timestamp)), 0) AS past,
    coalesce(sum(points) FILTER (WHERE points > 0 AND expires_at < CAST($5 AS timestamp)), 0) AS soon
  FROM points WHERE occurred_at < CAST($1 AS timestamp) GROUP BY member_id),
people AS MATERIALIZED (
  SELECT m.member_id, m.consent_marketing, m.enrolled_at, CAST($1 AS date) - CAST(m.enrolled_at AS date) AS tenure, t.rank, t.lowest, t.own, t.next,
    364 - (CAST($1 AS date) - 1 - CAST(m.enrolled_at AS date)) % 365 AS days_to
  FROM members AS m
  LEFT JOIN tier_history AS h ON h.member_id = m.member_id AND h.effective_from < CAST($1 AS timestamp) AND (h.effective_to IS NULL OR h.effective_to >= CAST($1 AS timestamp))
  LEFT JOIN (SELECT tier, rank, min(rank) OVER () AS lowest, qualify_threshold AS own, lead(qualify_threshold) OVER (ORDER BY rank) AS next FROM tiers) AS t ON t.tier = h.tier
  WHERE m.enrolled_at < CAST($1 AS timestamp) AND (m.cancelled_at IS NULL OR m.cancelled_at >= CAST($1 AS timestamp))),
due AS MATERIALIZED (
  SELECT p.member_id, coalesce(sum(o.net) FILTER (WHERE CAST($1 AS date) - CAST(o.ordered_at AS date) <= 365 - p.days_to), 0)
    + coalesce(sum(o.net) FILTER (WHERE CAST($1 AS date) - CAST(o.ordered_at AS date) <= 365), 0) * p.days_to / 365.0 AS comes_to
  FROM people AS p LEFT JOIN orders AS o ON o.member_id = p.member_id AND o.ordered_at < CAST($1 AS timestamp)
  WHERE p.days_to <= 90 AND p.own > 0 GROUP BY p.member_id, p.days_to),
engaged AS MATERIALIZED (
  SELECT member_id, count(DISTINCT CAST(occurred_at AS date)) AS days FROM engagement
  WHERE kind IN ('click', 'login', 'app_open', 'challenge_start', 'challenge_complete') AND occurred_at >= CAST($7 AS timestamp) AND occurred_at < CAST($1 AS timestamp) GROUP BY member_id),
unhappy AS MATERIALIZED (
  SELECT DISTINCT member_id FROM surveys
  WHERE member_id IS NOT NULL AND responded_at >= CAST($6 AS timestamp) AND responded_at < CAST($1 AS timestamp)
    AND (kind = 'nps' AND score <= 6 OR kind = 'csat' AND score <= coalesce(scale_min, 1) + 0.25 * (coalesce(scale_max, 5) - coalesce(scale_min, 1)))),
shelf AS (SELECT min(cost_points) AS cheapest FROM rewards WHERE (active_from IS NULL OR active_from < CAST($1 AS timestamp)) AND (active_to IS NULL OR active_to >= CAST($1 AS timestamp))),
told AS (
  SELECT p.consent_marketing, b.spend_year, b.spend_to_last, p.next - b.qualifying AS gap, greatest(h.soon - h.debits, 0) - greatest(h.past - h.debits, 0) AS expiring,
    b.spend_ever, h.balance, ARRAY[
    coalesce(b.year, 0) >= 3 AND b.discount > 0.3 * b.gross,
    a.quiet > 2 * CAST($2 AS bigint) OR a.quiet > CAST($2 AS bigint) AND coalesce(b.to_last, 0) < 2,
    u.member_id IS NOT NULL AND p.rank > p.lowest,
    p.rank > p.lowest AND 2 * a.quiet > CAST($2 AS bigint) AND a.quiet <= CAST($2 AS bigint),
    d.comes_to < p.own AND 2 * a.quiet <= CAST($2 AS bigint),
    a.quiet > CAST($2 AS bigint) AND a.quiet <= 2 * CAST($2 AS bigint) AND b.to_last >= 2,
    b.qualifying < p.next AND b.qualifying >= p.next * CAST($4 AS double precision),
    greatest(h.soon - h.debits, 0) > greatest(h.past - h.debits, 0),
    b.ever = 1 AND b.unbought > 30 AND p.tenure <= 120,
    g.days >= 3 AND b.unbought > 60 AND a.quiet <= CAST($2 AS bigint),
    h.balance >= CAST($4 AS double precision) * w.cheapest AND h.balance < w.cheapest,
    h.balance >= 10 * w.cheapest AND a.quiet <= CAST($2 AS bigint),
    NOT coalesce(h.redeemed, false) AND h.balance >= w.cheapest] AS flags
  FROM people AS p
  LEFT JOIN acts AS a ON a.member_id = p.member_id LEFT JOIN bought AS b ON b.member_id = p.member_id LEFT JOIN held AS h ON h.member_id = p.member_id
  LEFT JOIN due AS d ON d.member_id = p.member_id LEFT JOIN engaged AS g ON g.member_id = p.member_id LEFT JOIN unhappy AS u ON u.member_id = p.member_id
  CROSS JOIN shelf AS w)
SELECT array_to_string(ARRAY[CASE WHEN flags[1] THEN '1' ELSE '0' END, CASE WHEN flags[2] THEN '1' ELSE '0' END, CASE WHEN flags[3] THEN '1' ELSE '0' END, CASE WHEN flags[4] THEN '1' ELSE '0' END, CASE WHEN flags[5] THEN '1' ELSE '0' END, CASE WHEN flags[6] THEN '1' ELSE '0' END, CASE WHEN flags[7] THEN '1' ELSE '0' END, CASE WHEN flags[8] THEN '1' ELSE '0' END, CASE WHEN flags[9] THEN '1' ELSE '0' END, CASE WHEN flags[10] THEN '1' ELSE '0' END, CASE WHEN flags[11] THEN '1' ELSE '0' END, CASE WHEN flags[12] THEN '1' ELSE '0' END, CASE WHEN flags[13] THEN '1' ELSE '0' END], ''), count(*), count(*) FILTER (WHERE consent_marketing),
  CAST(coalesce(sum(spend_year), 0) * 10000 AS bigint), CAST(coalesce(sum(spend_to_last), 0) * 10000 AS bigint), CAST(coalesce(sum(gap), 0) * 10000 AS bigint),
  CAST(coalesce(sum(expiring), 0) * 10000 AS bigint), CAST(coalesce(sum(spend_ever), 0) * 10000 AS bigint), CAST(coalesce(sum(balance), 0) * 10000 AS bigint)
FROM told GROUP BY 1 ORDER BY 1
-- name: margins
-- $1 as_of, $2 a year ago.
SELECT CAST(sum(net) FILTER (WHERE margin IS NOT NULL) * 10000 AS bigint), CAST(sum(margin) * 10000 AS bigint)
FROM orders WHERE member_id IS NOT NULL AND ordered_at >= CAST($2 AS timestamp) AND ordered_at < CAST($1 AS timestamp)
-- name: reach
-- Over all rows, test members included. $1 as_of.
SELECT count(*) FILTER (WHERE NOT is_test AND (cancelled_at IS NULL OR cancelled_at >= CAST($1 AS timestamp))),
  count(*) FILTER (WHERE NOT is_test AND (cancelled_at IS NULL OR cancelled_at >= CAST($1 AS timestamp)) AND consent_marketing),
  count(*) FILTER (WHERE NOT is_test AND cancelled_at < CAST($1 AS timestamp)), count(*) FILTER (WHERE is_test)
FROM all_members WHERE enrolled_at < CAST($1 AS timestamp)
-- name: lifecycle
-- $1 start of the window, $2 as_of, $3 days of a lapse.
WITH acts AS MATERIALIZED (
  SELECT v.member_id, max(v.t) FILTER (WHERE v.t < CAST($1 AS timestamp)) AS first_half, max(v.t) AS whole
  FROM (SELECT member_id, occurred_at AS t FROM points WHERE kind IN ('earn', 'bonus', 'redeem') AND occurred_at < CAST($2 AS timestamp)
        UNION ALL SELECT member_id, ordered_at FROM orders WHERE member_id IS NOT NULL AND ordered_at < CAST($2 AS timestamp)) AS v GROUP BY v.member_id),
states AS MATERIALIZED (
  SELECT m.member_id, k.i, CASE WHEN m.enrolled_at >= k.t THEN 'absent' WHEN m.cancelled_at < k.t THEN 'cancelled'
      WHEN k.t - m.enrolled_at <= INTERVAL '90 days' THEN 'new' WHEN q.last_at IS NULL THEN 'never'
      WHEN q.last_at >= k.t - CAST($3 AS bigint) / 2 * INTERVAL '1 day' THEN 'active' WHEN q.last_at >= k.t - CAST($3 AS bigint) * INTERVAL '1 day' THEN 'slipping' ELSE 'lapsed' END AS state
  FROM members AS m CROSS JOIN (SELECT 0 AS i, CAST($1 AS timestamp) AS t UNION ALL SELECT 1, CAST($2 AS timestamp)) AS k
  LEFT JOIN (SELECT member_id, 0 AS i, first_half AS last_at FROM acts UNION ALL SELECT member_id, 1, whole FROM acts) AS q ON q.member_id = m.member_id AND q.i = k.i
  WHERE m.enrolled_at < CAST($2 AS timestamp))
SELECT coalesce(h.tier, ''), a.state, CASE WHEN a.state = 'lapsed' AND b.state IN ('active', 'slipping') THEN 'returned' ELSE b.state END, count(*)
FROM states AS a JOIN states AS b ON b.member_id = a.member_id AND a.i = 0 AND b.i = 1
LEFT JOIN tier_history AS h ON h.member_id = a.member_id AND h.effective_from < CAST($2 AS timestamp) AND (h.effective_to IS NULL OR h.effective_to >= CAST($2 AS timestamp))
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
-- name: entries
-- $1 experiment, $2 end. Units by arm and day of their assignment.
SELECT 0, arm, CAST(CAST(assigned_at AS date) - DATE '1970-01-01' AS bigint), count(*), 0, 0, count(*), 0, 0
FROM assignments WHERE experiment_id = CAST($1 AS text) AND assigned_at < CAST($2 AS timestamp) GROUP BY 1, 2, 3
-- name: moments
-- $1 experiment, $2 end. By arm, tier, region and stage of life, sums of what units did.
SELECT y.arm, y.tier, y.tier, y.region, y.life, count(*), sum(y.net), sum(y.net * y.net), sum(y.pre), sum(y.pre * y.pre), sum(y.net * y.pre),
  sum(y.margin), sum(y.margin * y.margin), sum(y.issued), sum(y.issued * y.issued), sum(y.issued * y.margin)
FROM (SELECT a.arm, coalesce(h.tier, '') AS tier, m.region,
        CASE WHEN m.enrolled_at > a.assigned_at - INTERVAL '30 days' THEN 'new' WHEN o.before > 0 THEN 'buying' ELSE 'quiet' END AS life,
        CAST(coalesce(o.net, 0) AS double precision) AS net, CAST(coalesce(o.pre, 0) AS double precision) AS pre, CAST(coalesce(o.margin, 0) AS double precision) AS margin,
        CAST(coalesce(l.issued, 0) AS double precision) AS issued
      FROM assignments AS a
      JOIN members AS m ON m.member_id = a.unit_id
      LEFT JOIN tier_history AS h ON h.member_id = a.unit_id AND h.effective_from <= a.assigned_at AND coalesce(h.effective_to, TIMESTAMP '9999-01-01 00:00:00') > a.assigned_at
      LEFT JOIN (SELECT b.unit_id, sum(o.net) FILTER (WHERE o.ordered_at >= b.assigned_at) AS net, sum(o.margin) FILTER (WHERE o.ordered_at >= b.assigned_at) AS margin,
                   sum(o.net) FILTER (WHERE o.ordered_at < b.assigned_at) AS pre, count(*) FILTER (WHERE o.ordered_at < b.assigned_at) AS before
                 FROM assignments AS b JOIN orders AS o ON o.member_id = b.unit_id AND o.ordered_at >= b.assigned_at - INTERVAL '60 days' AND o.ordered_at < CAST($2 AS timestamp)
                 WHERE b.experiment_id = CAST($1 AS text) GROUP BY b.unit_id) AS o ON o.unit_id = a.unit_id
      LEFT JOIN (SELECT b.unit_id, sum(p.points) AS issued
                 FROM assignments AS b JOIN points AS p ON p.member_id = b.unit_id AND p.kind IN ('earn', 'bonus') AND p.occurred_at >= b.assigned_at AND p.occurred_at < CAST($2 AS timestamp)
                 WHERE b.experiment_id = CAST($1 AS text) GROUP BY b.unit_id) AS l ON l.unit_id = a.unit_id
      WHERE a.experiment_id = CAST($1 AS text) AND a.assigned_at < CAST($2 AS timestamp)) AS y
GROUP BY 1, 2, 3, 4, 5
-- name: spread
-- $1 experiment, $2 end, $3 one over the width of a bin.
SELECT y.arm, CAST(floor(y.net * CAST($3 AS double precision)) AS bigint), count(*), sum(y.net), sum(y.net * y.net), min(y.net), max(y.net)
FROM (SELECT a.unit_id, a.arm, CAST(coalesce(sum(o.net), 0) AS double precision) AS net
      FROM assignments AS a LEFT JOIN orders AS o ON o.member_id = a.unit_id AND o.ordered_at >= a.assigned_at AND o.ordered_at < CAST($2 AS timestamp)
      WHERE a.experiment_id = CAST($1 AS text) AND a.assigned_at < CAST($2 AS timestamp) GROUP BY a.unit_id, a.arm) AS y
GROUP BY 1, 2
-- name: weeks
-- $1 experiment, $2 end. Spend by week since the assignment, of whole weeks.
SELECT z.arm, z.week, sum(z.net), sum(z.net * z.net)
FROM (SELECT a.unit_id, a.arm, CAST(floor((CAST(o.ordered_at AS date) - CAST(a.assigned_at AS date)) / 7.0) AS bigint) AS week, CAST(sum(o.net) AS double precision) AS net
      FROM assignments AS a JOIN orders AS o ON o.member_id = a.unit_id AND o.ordered_at >= a.assigned_at AND o.ordered_at < CAST($2 AS timestamp)
      WHERE a.experiment_id = CAST($1 AS text) AND floor((CAST(o.ordered_at AS date) - CAST(a.assigned_at AS date)) / 7.0) * 7 + 7 <= CAST(CAST($2 AS timestamp) AS date) - CAST(a.assigned_at AS date)
      GROUP BY 1, 2, 3) AS z
GROUP BY 1, 2
-- name: weeks_buyers
-- $1 experiment, $2 end. The same, of who bought.
SELECT z.arm, z.week, CAST(count(*) AS double precision), CAST(count(*) AS double precision)
FROM (SELECT DISTINCT a.unit_id, a.arm, CAST(floor((CAST(o.ordered_at AS date) - CAST(a.assigned_at AS date)) / 7.0) AS bigint) AS week
      FROM assignments AS a JOIN orders AS o ON o.member_id = a.unit_id AND o.ordered_at >= a.assigned_at AND o.ordered_at < CAST($2 AS timestamp)
      WHERE a.experiment_id = CAST($1 AS text) AND floor((CAST(o.ordered_at AS date) - CAST(a.assigned_at AS date)) / 7.0) * 7 + 7 <= CAST(CAST($2 AS timestamp) AS date) - CAST(a.assigned_at AS date)) AS z
GROUP BY 1, 2
-- name: channels
-- $1 experiment, $2 end. Spend by channel of the order.
SELECT z.arm, z.channel, sum(z.net), sum(z.net * z.net)
FROM (SELECT a.unit_id, a.arm, coalesce(o.channel, '') AS channel, CAST(sum(o.net) AS double precision) AS net
      FROM assignments AS a JOIN orders AS o ON o.member_id = a.unit_id AND o.ordered_at >= a.assigned_at AND o.ordered_at < CAST($2 AS timestamp)
      WHERE a.experiment_id = CAST($1 AS text) GROUP BY 1, 2, 3) AS z
GROUP BY 1, 2
-- name: lot_moves
-- What became of the points of each lot, every credit matched with every debit
-- that overlaps it in the running sums. $1 as_of.
WITH credits AS MATERIALIZED (
  SELECT entry_id, member_id, points, CAST(date_trunc('month', occurred_at) AS date) - DATE '2000-01-01' AS issued,
    CAST(date_trunc('month', expires_at - INTERVAL '1 microsecond') AS date) - DATE '2000-01-01' AS expires
  FROM points WHERE points > 0 AND occurred_at < CAST($1 AS timestamp)),
named AS MATERIALIZED (
  SELECT member_id, lot_id, kind, points, CAST(date_trunc('month', occurred_at) AS date) - DATE '2000-01-01' AS month
  FROM points WHERE points < 0 AND kind IN ('expire', 'reverse_earn') AND lot_id IS NOT NULL AND occurred_at < CAST($1 AS timestamp)),
lines AS MATERIALIZED (
  SELECT member_id, 'earn' AS kind, points, issued AS month, issued, expires FROM credits
  UNION ALL SELECT n.member_id, n.kind, n.points, n.month, c.issued, c.expires FROM named AS n JOIN credits AS c ON c.entry_id = n.lot_id AND c.member_id = n.member_id
  UNION ALL SELECT member_id, kind, points, CAST(date_trunc('month', occurred_at) AS date) - DATE '2000-01-01', NULL, NULL FROM points
    WHERE points < 0 AND (lot_id IS NULL OR kind NOT IN ('expire', 'reverse_earn')) AND occurred_at < CAST($1 AS timestamp)),
lots AS MATERIALIZED (
  SELECT member_id, issued, expires, sum(points) AS holds, sum(sum(points)) OVER (PARTITION BY member_id ORDER BY issued, expires) AS upto
  FROM lines WHERE issued IS NOT NULL GROUP BY member_id, issued, expires),
taken AS MATERIALIZED (
  SELECT member_id, month, CASE WHEN kind = 'redeem' THEN 2 ELSE 4 END AS what, -sum(points) AS takes,
    -sum(sum(points)) OVER (PARTITION BY member_id ORDER BY month, CASE WHEN kind = 'redeem' THEN 2 ELSE 4 END) AS upto
  FROM lines WHERE issued IS NULL GROUP BY member_id, month, 3),
pieces AS MATERIALIZED (
  SELECT l.issued, l.expires, t.what, t.month, sum(least(l.upto, t.upto) - greatest(l.upto - l.holds, t.upto - t.takes)) AS points
  FROM lots AS l JOIN taken AS t ON t.member_id = l.member_id AND t.upto > l.upto - l.holds AND l.upto > t.upto - t.takes
  GROUP BY l.issued, l.expires, t.what, t.month)
SELECT issued, expires, what, CAST(month AS bigint), CAST(sum(points) AS bigint)
FROM (SELECT issued, expires, 1 AS what, issued AS month, points FROM lines WHERE points > 0
      UNION ALL SELECT issued, expires, CASE WHEN kind = 'expire' THEN 3 ELSE 4 END, month, -points FROM lines WHERE points < 0 AND issued IS NOT NULL
      UNION ALL SELECT issued, expires, what, month, points FROM pieces
      UNION ALL SELECT l.issued, l.expires, 5, 0, l.holds FROM lots AS l
      UNION ALL SELECT issued, expires, 5, 0, -points FROM pieces) AS a
GROUP BY 1, 2, 3, 4 HAVING sum(points) <> 0
ORDER BY 1, 2, 3, 4
-- name: sales
-- $1 as_of.
SELECT CAST(date_trunc('month', t) AS date) - DATE '2000-01-01', CAST(sum(cents) * 100 AS bigint), CAST(sum(earned) * 10000 AS bigint)
FROM (SELECT ordered_at AS t, net * 100 AS cents, 0 AS earned FROM orders WHERE member_id IS NOT NULL AND ordered_at < CAST($1 AS timestamp)
      UNION ALL SELECT occurred_at, 0, points FROM points WHERE kind = 'earn' AND occurred_at < CAST($1 AS timestamp)) AS b
GROUP BY 1 ORDER BY 1
-- name: windows
-- $1 as_of, $2 the start of the first window, $3 days of each.
SELECT back, CAST(sum(points) * 10000 AS bigint), CAST(sum(issued) * 10000 AS bigint), CAST(sum(net) * 10000 AS bigint)
FROM (SELECT CAST(floor((CAST($1 AS date) - 1 - CAST(occurred_at AS date)) / CAST($3 AS double precision)) AS bigint) AS back, points, CASE WHEN kind IN ('earn', 'bonus') THEN points ELSE 0 END AS issued, 0 AS net
      FROM points WHERE occurred_at >= CAST($2 AS timestamp) AND occurred_at < CAST($1 AS timestamp)
      UNION ALL SELECT CAST(floor((CAST($1 AS date) - 1 - CAST(ordered_at AS date)) / CAST($3 AS double precision)) AS bigint), 0, 0, net
      FROM orders WHERE member_id IS NOT NULL AND ordered_at >= CAST($2 AS timestamp) AND ordered_at < CAST($1 AS timestamp)) AS b
GROUP BY 1 ORDER BY 1
-- name: tier_moves_months
-- Members by tier at $1 and at each of $2 months before it. $2 is a number.
WITH states AS MATERIALIZED (
  SELECT m.member_id, k.k, CASE WHEN m.cancelled_at < CAST($1 AS timestamp) - k.k * INTERVAL '1 month' THEN 'x' ELSE 't' || coalesce(h.tier, '') END AS state
  FROM members AS m
  JOIN generate_series(0, CAST($2 AS integer)) AS k(k) ON m.enrolled_at < CAST($1 AS timestamp) - k.k * INTERVAL '1 month'
  LEFT JOIN tier_history AS h ON h.member_id = m.member_id AND h.effective_from < CAST($1 AS timestamp) - k.k * INTERVAL '1 month'
    AND coalesce(h.effective_to, TIMESTAMP '9999-01-01 00:00:00') >= CAST($1 AS timestamp) - k.k * INTERVAL '1 month')
SELECT a.k, coalesce(c.state, ''), coalesce(b.state, ''), a.state, count(*)
FROM states AS a
LEFT JOIN states AS b ON b.member_id = a.member_id AND b.k = a.k + 1
LEFT JOIN states AS c ON c.member_id = a.member_id AND c.k = a.k + 2
GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
-- name: tier_moves_window
-- $1 start and $2 end of the window.
WITH states AS MATERIALIZED (
  SELECT m.member_id, k.k, CASE WHEN m.cancelled_at < k.t THEN 'x' ELSE 't' || coalesce(h.tier, '') END AS state
  FROM members AS m
  JOIN (SELECT 0 AS k, CAST($2 AS timestamp) AS t UNION ALL SELECT 1, CAST($1 AS timestamp)) AS k ON m.enrolled_at < k.t
  LEFT JOIN tier_history AS h ON h.member_id = m.member_id AND h.effective_from < k.t AND coalesce(h.effective_to, TIMESTAMP '9999-01-01 00:00:00') >= k.t)
SELECT a.k, '', coalesce(b.state, ''), a.state, count(*)
FROM states AS a LEFT JOIN states AS b ON b.member_id = a.member_id AND b.k = a.k + 1
GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
-- name: tier_sales
SELECT coalesce(h.tier, ''), CAST(sum(o.net) * 10000 AS bigint)
FROM orders AS o LEFT JOIN tier_history AS h ON h.member_id = o.member_id AND h.effective_from <= o.ordered_at AND coalesce(h.effective_to, TIMESTAMP '9999-01-01 00:00:00') > o.ordered_at
WHERE o.member_id IS NOT NULL AND o.ordered_at >= CAST($1 AS timestamp) AND o.ordered_at < CAST($2 AS timestamp) GROUP BY 1 ORDER BY 1
-- name: reviews
-- $1 as_of; periods of 365 days from the enrolment.
SELECT r.tier, count(*), count(*) FILTER (WHERE r.counted >= r.threshold), count(*) FILTER (WHERE r.counted + r.lately * r.days_to / 365.0 >= r.threshold)
FROM (SELECT d.member_id, d.tier, d.threshold, d.days_to,
        coalesce(sum(o.net) FILTER (WHERE CAST($1 AS date) - CAST(o.ordered_at AS date) <= 365 - d.days_to), 0) AS counted,
        coalesce(sum(o.net) FILTER (WHERE CAST($1 AS date) - CAST(o.ordered_at AS date) <= 365), 0) AS lately
      FROM (SELECT m.member_id, h.tier, t.qualify_threshold AS threshold, 364 - (CAST($1 AS date) - 1 - CAST(m.enrolled_at AS date)) % 365 AS days_to
            FROM members AS m
            JOIN tier_history AS h ON h.member_id = m.member_id AND h.effective_from < CAST($1 AS timestamp) AND (h.effective_to IS NULL OR h.effective_to >= CAST($1 AS timestamp))
            JOIN tiers AS t ON t.tier = h.tier AND t.qualify_threshold > 0
            WHERE m.enrolled_at < CAST($1 AS timestamp) AND (m.cancelled_at IS NULL OR m.cancelled_at >= CAST($1 AS timestamp))) AS d
      LEFT JOIN orders AS o ON o.member_id = d.member_id AND o.ordered_at < CAST($1 AS timestamp)
      WHERE d.days_to <= 90
      GROUP BY d.member_id, d.tier, d.threshold, d.days_to) AS r
GROUP BY r.tier ORDER BY r.tier
