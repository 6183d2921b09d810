-- Members who lapsed within one lapse and had bought (or, without orders,
-- earned points) at least twice in the year up to their last event. Value: net
-- sales (or points earned) of that year.
-- postgres: enable_nestloop=off
SELECT {{template "totals"}}
FROM (SELECT p.contactable, y.value
      FROM {{template "people" .}} AS p
      JOIN (SELECT a.member_id, count(*) AS times, sum(a.amount) AS value
            FROM {{template "amounts" .}} AS a
            JOIN {{template "last" .}} AS v ON v.member_id = a.member_id AND a.t <= v.last_at AND a.t > v.last_at - INTERVAL '365 days'
            WHERE v.last_at < {{arg .Lapsed}} AND v.last_at >= {{arg .LongLapsed}}
            GROUP BY a.member_id) AS y ON y.member_id = p.member_id
      WHERE y.times >= 2) AS s
{{define "amounts"}}
{{- if has "orders" "member_id"}}(SELECT o.member_id, o.ordered_at AS t, o.net AS amount FROM {{template "sales" .}} AS o)
{{- else if has "points"}}(SELECT l.member_id, l.occurred_at AS t, l.points AS amount FROM {{feed "points"}} AS l WHERE l.kind IN ('earn', 'bonus') AND l.occurred_at < {{arg .AsOf}})
{{- else}}(SELECT l.member_id, l.month AS t, l.earned AS amount FROM {{feed "points_monthly"}} AS l WHERE l.earned > 0 AND l.month < {{arg .AsOf}})
{{- end}}{{end}}
