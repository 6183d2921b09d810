-- Block reviewed: open members whose tier comes up for review, a multiple of its
-- period after they enrolled, or after they reached the tier where SinceTier:
-- member_id, tier, threshold (the tier's), days_to (the review, up to Ahead days
-- after End), period_days, counted (what counts at the review so far), lately (in
-- the period before End).
{{define "reviewed"}}(SELECT d.tier, d.member_id, d.threshold, d.days_to, d.period_days,
    coalesce(sum(CASE WHEN d.as_of - q.day <= d.period_days - d.days_to THEN q.amount END), 0) AS counted,
    coalesce(sum(CASE WHEN d.as_of - q.day <= d.period_days THEN q.amount END), 0) AS lately
  FROM (SELECT b.member_id, b.tier, t.qualify_threshold AS threshold, {{date (arg .End)}} AS as_of, CAST({{arg .PeriodDays}} AS bigint) AS period_days,
          CAST({{arg .PeriodDays}} * (1 + CAST(floor(({{date (arg .End)}} - 1 - b.base) / nullif({{real (arg .PeriodDays)}}, 0)) AS bigint)) - ({{date (arg .End)}} - b.base) AS bigint) AS days_to
        FROM (SELECT e.member_id, {{template "cell" .Tier}} AS tier, {{if .SinceTier}}{{date "d.effective_from"}}{{else}}{{date "e.enrolled_at"}}{{end}} AS base
              FROM (SELECT m.member_id, m.enrolled_at, {{arg .End}} - INTERVAL '1 microsecond' AS t FROM {{feed "members"}} AS m
                    WHERE m.enrolled_at < {{arg .End}} AND (m.cancelled_at IS NULL OR m.cancelled_at >= {{arg .End}})) AS e
              {{template "join" .Tier}}) AS b
        JOIN {{feed "tiers"}} AS t ON t.tier = b.tier AND t.qualify_threshold > 0) AS d
  LEFT JOIN (
    {{- if eq .Basis "earned"}}SELECT l.member_id, {{date "l.occurred_at"}} AS day, l.points AS amount FROM {{feed "points"}} AS l
          WHERE l.kind IN ('earn', 'bonus', 'reverse_earn') AND l.occurred_at < {{arg .End}}
    {{- else}}SELECT o.member_id, {{date "o.ordered_at"}} AS day, {{if eq .Basis "orders"}}1{{else}}o.net{{end}} AS amount FROM {{feed "orders"}} AS o
          WHERE {{known "orders" "o"}} AND o.ordered_at < {{arg .End}}
    {{- end}}) AS q ON q.member_id = d.member_id
  WHERE d.days_to >= 0 AND d.days_to <= {{arg .Ahead}}
  GROUP BY d.tier, d.member_id, d.threshold, d.days_to, d.period_days, d.as_of){{end}}
