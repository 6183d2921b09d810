-- Open members by the segments they are in. Grain: mask (a 1 or 0 for each
-- segment, in order). Counts: members, contactable. Exact: the values, summed.
--
-- Block masked: open members with their mask: member_id, contactable, mask, and
-- the values.
-- last:    each member's last qualifying event before as_of: member_id, last_at.
-- amounts: what members bought or, without orders, earned: member_id, t, amount.
-- people:  open members at as_of.
-- profile: what is known of each, the columns of members.yaml that are asked for,
--          every part keyed by member_id.
-- postgres: enable_nestloop=off
{{define "last"}}(SELECT v.member_id, max(v.t) AS last_at FROM ({{template "events" .}}) AS v
  WHERE v.active = 1 AND v.t < {{arg .AsOf}} GROUP BY v.member_id){{end}}
{{define "amounts"}}
{{- if has "orders" "member_id"}}(SELECT o.member_id, o.ordered_at AS t, o.net AS amount FROM {{feed "orders"}} AS o WHERE {{known "orders" "o"}} AND o.ordered_at < {{arg .AsOf}})
{{- else if has "points"}}(SELECT l.member_id, l.occurred_at AS t, l.points AS amount FROM {{feed "points"}} AS l WHERE l.kind IN ('earn', 'bonus') AND l.occurred_at < {{arg .AsOf}})
{{- else if has "points_monthly"}}(SELECT l.member_id, l.month AS t, l.earned AS amount FROM {{feed "points_monthly"}} AS l WHERE l.earned > 0 AND l.month < {{arg .AsOf}})
{{- else}}(SELECT m.member_id, m.enrolled_at AS t, 0 AS amount FROM {{feed "members"}} AS m WHERE 1 = 0)
{{- end}}{{end}}
{{define "people"}}(SELECT m.member_id, m.enrolled_at, {{if has "members" "consent_marketing"}}CASE WHEN m.consent_marketing THEN 1 ELSE 0 END{{else}}0{{end}} AS contactable, {{arg .AsOf}} - INTERVAL '1 microsecond' AS t,
    {{date (arg .AsOf)}} - {{date "m.enrolled_at"}} AS tenure_days, {{real (arg .LapseDays)}} AS lapse_days
    {{- if has "members" "region"}}, m.region{{end}}{{if has "members" "channel"}}, m.channel{{end}}
  FROM {{feed "members"}} AS m
  WHERE m.enrolled_at < {{arg .AsOf}} AND (m.cancelled_at IS NULL OR m.cancelled_at >= {{arg .AsOf}})){{end}}
{{define "profile"}}(SELECT e.member_id, e.contactable{{range .Columns}}, {{.SQL}} AS {{.Name}}{{end}}
  FROM {{template "people" .}} AS e
  {{- if .Joins "tiers"}}
  LEFT JOIN (SELECT e.member_id, t.rank, t.lowest, t.next_threshold
        FROM {{template "people" .}} AS e {{template "join" .Tier}}
        JOIN (SELECT t.tier, t.rank, min(t.rank) OVER () AS lowest{{if has "tiers" "qualify_threshold"}}, lead(t.qualify_threshold) OVER (ORDER BY t.rank NULLS LAST) AS next_threshold{{else}}, NULL AS next_threshold{{end}}
              FROM {{feed "tiers"}} AS t) AS t ON t.tier = {{template "cell" .Tier}}) AS n ON n.member_id = e.member_id
  {{- end}}
  {{- if .Joins "qualified"}}
  LEFT JOIN (
        {{- if eq .Basis "earned"}}SELECT l.member_id, sum(l.points) AS amount FROM {{feed "points"}} AS l
              WHERE l.kind IN ('earn', 'bonus', 'reverse_earn') AND l.occurred_at >= {{arg .PeriodStart}} AND l.occurred_at < {{arg .AsOf}} GROUP BY l.member_id
        {{- else}}SELECT o.member_id, {{if eq .Basis "orders"}}count(*){{else}}sum(o.net){{end}} AS amount FROM {{feed "orders"}} AS o
              WHERE {{known "orders" "o"}} AND o.ordered_at >= {{arg .PeriodStart}} AND o.ordered_at < {{arg .AsOf}} GROUP BY o.member_id
        {{- end}}) AS q ON q.member_id = e.member_id
  {{- end}}
  {{- if .Joins "reviewed"}}
  LEFT JOIN {{template "reviewed" .}} AS r ON r.member_id = e.member_id
  {{- end}}
  {{- if .Joins "acts"}}
  LEFT JOIN (SELECT v.member_id, {{date (arg .AsOf)}} - {{date "v.last_at"}} AS quiet_days FROM {{template "last" .}} AS v) AS a ON a.member_id = e.member_id
  {{- end}}
  {{- if .Joins "to_last"}}
  LEFT JOIN (SELECT a.member_id, count(*) AS times, sum(a.amount) AS amount
        FROM {{template "amounts" .}} AS a
        JOIN {{template "last" .}} AS v ON v.member_id = a.member_id AND a.t <= v.last_at AND a.t > v.last_at - INTERVAL '365 days'
        GROUP BY a.member_id) AS y ON y.member_id = e.member_id
  {{- end}}
  {{- if .Joins "year"}}
  LEFT JOIN (SELECT a.member_id, sum(a.amount) AS amount FROM {{template "amounts" .}} AS a WHERE a.t >= {{arg .YearAgo}} GROUP BY a.member_id) AS u ON u.member_id = e.member_id
  {{- end}}
  {{- if .Joins "buys"}}
  LEFT JOIN (SELECT o.member_id, count(*) AS orders_ever, sum(o.net) AS spend_ever, {{date (arg .AsOf)}} - {{date "max(o.ordered_at)"}} AS unbought_days,
          count(CASE WHEN o.ordered_at >= {{arg .YearAgo}} THEN 1 END) AS orders_year
          {{- if has "orders" "gross" "discount"}}, sum(CASE WHEN o.ordered_at >= {{arg .YearAgo}} THEN o.gross END) AS gross_year, sum(CASE WHEN o.ordered_at >= {{arg .YearAgo}} THEN o.discount END) AS discount_year{{end}}
        FROM {{feed "orders"}} AS o WHERE {{known "orders" "o"}} AND o.ordered_at < {{arg .AsOf}} GROUP BY o.member_id) AS o ON o.member_id = e.member_id
  {{- end}}
  {{- if .Joins "ledger"}}
  LEFT JOIN (SELECT b.member_id, b.balance, b.redeemed, greatest(b.soon - b.debits, 0) - greatest(b.past - b.debits, 0) AS expiring
        FROM (SELECT l.member_id, sum(l.points) AS balance, max(CASE WHEN l.kind = 'redeem' THEN 1 ELSE 0 END) AS redeemed,
                coalesce(-sum(CASE WHEN l.points < 0 THEN l.points END), 0) AS debits,
                {{if has "points" "expires_at"}}coalesce(sum(CASE WHEN l.points > 0 AND l.expires_at < {{arg .AsOf}} THEN l.points END), 0){{else}}0{{end}} AS past,
                {{if has "points" "expires_at"}}coalesce(sum(CASE WHEN l.points > 0 AND l.expires_at < {{arg .Expiring}} THEN l.points END), 0){{else}}0{{end}} AS soon
              FROM {{feed "points"}} AS l WHERE l.occurred_at < {{arg .AsOf}} GROUP BY l.member_id) AS b) AS l ON l.member_id = e.member_id
  {{- end}}
  {{- if .Joins "shelf"}}
  CROSS JOIN (SELECT min(r.cost_points) AS cheapest FROM {{feed "rewards"}} AS r
        WHERE (r.active_from IS NULL OR r.active_from < {{arg .AsOf}}) AND (r.active_to IS NULL OR r.active_to >= {{arg .AsOf}})) AS w
  {{- end}}
  {{- if .Joins "engaged"}}
  LEFT JOIN (SELECT v.member_id, count(*) AS days
        FROM (SELECT g.member_id, {{date "g.occurred_at"}} AS day FROM {{feed "engagement"}} AS g
              WHERE g.kind IN ('click', 'login', 'app_open', 'challenge_start', 'challenge_complete') AND g.occurred_at >= {{arg .Engaged}} AND g.occurred_at < {{arg .AsOf}}
              GROUP BY g.member_id, 2) AS v GROUP BY v.member_id) AS g ON g.member_id = e.member_id
  {{- end}}
  {{- if .Joins "answers"}}
  LEFT JOIN (SELECT v.member_id, max(CASE WHEN v.kind = 'nps' AND v.score <= 6 THEN 1
          WHEN v.kind = 'csat' AND {{if has "surveys" "scale_min" "scale_max"}}v.score - coalesce(v.scale_min, 1) <= 0.25 * (coalesce(v.scale_max, 5) - coalesce(v.scale_min, 1)){{else}}v.score <= 2{{end}} THEN 1 ELSE 0 END) AS detractor
        FROM {{feed "surveys"}} AS v WHERE {{known "surveys" "v"}} AND v.responded_at >= {{arg .YearAgo}} AND v.responded_at < {{arg .AsOf}} GROUP BY v.member_id) AS s ON s.member_id = e.member_id
  {{- end}}){{end}}
{{define "masked"}}(SELECT p.member_id, p.contactable, {{range $i, $w := .Wheres}}{{if $i}} || {{end}}CASE WHEN {{$w}} THEN '1' ELSE '0' END{{end}} AS mask{{range .Values}}, p.{{.}}{{end}}
  FROM {{template "profile" .}} AS p){{end}}
SELECT s.mask, {{count "*"}} AS members, {{sum "s.contactable"}} AS contactable{{range .Values}}, {{exact (print "sum(s." . ")")}} AS {{.}}{{end}}
FROM {{template "masked" .}} AS s
GROUP BY s.mask ORDER BY s.mask NULLS LAST
