-- Blocks that queries share.
--
-- join:    for a grouping, joins what members are to rows e(member_id, t) as d.
-- cell:    for a grouping, the text by which to group; '' where unknown.
-- spells:  a member's spells in tiers, each cut where the next starts, so that
--          a member is in one tier at a time; as they are where none has to be.
-- events:  what members did: member_id, t, and whether it counts as active (by
--          the program's definition), as participation, as a redemption. A month
--          of points counts as of its last day, so that nobody lapses on account
--          of the day being unknown.
-- period:  for a pass and the column of a row's time, the index of the period
--          that the row is in.
-- within:  whether it is in one.
-- ends:    the periods: period, ends_at, t (their last moment).
-- held:    members' balances at the end of each period that they had any line
--          before: period, t, member_id, balance. One scan for all periods.
-- reviewed: open members whose tier comes up for review, a multiple of its
--          period after they enrolled, or after they reached the tier where SinceTier:
--          member_id, tier, threshold (the tier's), days_to (the review, up to Ahead days
--          after End), period_days, counted (what counts at the review so far), lately (in
--          the period before End).
{{define "period"}}CAST({{range .Steps}}{{if not ($.Last .)}}CASE WHEN {{$.Column}} >= {{arg .Start}} THEN {{.Index}} ELSE {{else}}{{.Index}}{{end}}{{end}}{{range .Steps}}{{if not ($.Last .)}} END{{end}}{{end}} AS bigint){{end}}
{{define "within"}}({{range $i, $s := .Spans}}{{if $i}} OR {{end}}{{$.Column}} >= {{arg $s.Start}} AND {{$.Column}} < {{arg $s.End}}{{end}}){{end}}
{{define "ends"}}({{range $i, $p := .Periods}}{{if $i}} UNION ALL {{end}}SELECT CAST({{$p.Index}} AS bigint) AS period, {{arg $p.End}} AS ends_at, {{arg $p.End}} - INTERVAL '1 microsecond' AS t{{end}}){{end}}
{{define "held"}}(SELECT b.period, b.t, b.member_id, b.balance
  FROM (SELECT p.period, p.t, s.member_id, CASE p.period{{range .Periods}} WHEN {{.Index}} THEN s.at{{.Index}}{{end}} END AS balance
        FROM (SELECT l.member_id{{range .Periods}}, sum(CASE WHEN l.occurred_at < {{arg .End}} THEN l.points END) AS at{{.Index}}{{end}}
              FROM {{feed "points"}} AS l WHERE l.occurred_at < {{arg .Latest}} GROUP BY l.member_id) AS s
        CROSS JOIN {{template "ends" .}} AS p) AS b
  WHERE b.balance IS NOT NULL){{end}}
{{define "spells"}}(SELECT h.member_id, h.tier, h.effective_from,
  {{if apart}}coalesce(h.effective_to, TIMESTAMP '9999-01-01 00:00:00'){{else}}least(coalesce(h.effective_to, TIMESTAMP '9999-01-01 00:00:00'),
    coalesce(lead(h.effective_from) OVER (PARTITION BY h.member_id ORDER BY h.effective_from NULLS LAST, h.tier NULLS LAST), TIMESTAMP '9999-01-01 00:00:00')){{end}} AS effective_to
  FROM {{feed "tier_history"}} AS h){{end}}
{{define "join"}}
{{- if eq .Dimension ""}}
{{- else if .History}}LEFT JOIN {{template "spells" .}} AS d ON d.member_id = e.member_id AND d.effective_from <= e.t AND d.effective_to > e.t
{{- else}}LEFT JOIN {{feed "members"}} AS d ON d.member_id = e.member_id
{{- end}}{{end}}
{{define "cell"}}
{{- if eq .Dimension ""}}''
{{- else if eq .Dimension "cohort"}}coalesce(substr(CAST({{month "d.enrolled_at"}} AS text), 1, 7), '')
{{- else}}{{cell (print "d." .Dimension)}}
{{- end}}{{end}}
{{define "events"}}
{{- if has "points"}}SELECT l.member_id, l.occurred_at AS t,
    CASE WHEN l.kind IN ('earn', 'bonus') THEN {{if .Counts "earn"}}1{{else}}0{{end}} WHEN l.kind = 'redeem' THEN {{if .Counts "redeem"}}1{{else}}0{{end}} ELSE 0 END AS active,
    CASE WHEN l.kind IN ('earn', 'bonus', 'redeem') THEN 1 ELSE 0 END AS participant,
    CASE WHEN l.kind = 'redeem' THEN 1 ELSE 0 END AS redeemer
  FROM {{feed "points"}} AS l
{{- else if has "points_monthly"}}SELECT l.member_id, l.month + INTERVAL '1 month' - INTERVAL '1 day' AS t,
    CASE WHEN l.earned > 0 AND {{if .Counts "earn"}}1{{else}}0{{end}} = 1 OR l.redeemed > 0 AND {{if .Counts "redeem"}}1{{else}}0{{end}} = 1 THEN 1 ELSE 0 END AS active,
    CASE WHEN l.earned > 0 OR l.redeemed > 0 THEN 1 ELSE 0 END AS participant,
    CASE WHEN l.redeemed > 0 THEN 1 ELSE 0 END AS redeemer
  FROM {{feed "points_monthly"}} AS l
{{- else}}SELECT m.member_id, m.enrolled_at AS t, 0 AS active, 0 AS participant, 0 AS redeemer FROM {{feed "members"}} AS m
{{- end}}
{{- if and (.Counts "order") (has "orders" "member_id")}}
UNION ALL SELECT o.member_id, o.ordered_at AS t, 1 AS active, 0 AS participant, 0 AS redeemer FROM {{feed "orders"}} AS o WHERE {{known "orders" "o"}}
{{- end}}
{{- if and (has "engagement") (or (.Counts "login") (.Counts "challenge"))}}
UNION ALL SELECT g.member_id, g.occurred_at AS t, 1 AS active, 0 AS participant, 0 AS redeemer FROM {{feed "engagement"}} AS g
  WHERE {{if .Counts "login"}}g.kind IN ('login', 'app_open'){{else}}1 = 0{{end}} OR {{if .Counts "challenge"}}g.kind = 'challenge_complete'{{else}}1 = 0{{end}}
{{- end}}{{end}}
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
