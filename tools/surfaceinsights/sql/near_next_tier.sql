-- Members whose qualifying measure over the tier's period is within reach of
-- the next tier's threshold. Value: what they lack, in the measure's unit.
SELECT {{template "totals"}}
FROM (SELECT p.contactable, n.threshold - q.amount AS value
      FROM {{template "tiered" .}} AS p
      JOIN (SELECT t.tier, lead(t.qualify_threshold) OVER (ORDER BY t.rank NULLS LAST) AS threshold FROM {{feed "tiers"}} AS t) AS n ON n.tier = p.tier
      JOIN (
        {{- if eq .Basis "earned"}}SELECT l.member_id, sum(l.points) AS amount FROM {{feed "points"}} AS l
              WHERE l.kind IN ('earn', 'bonus', 'reverse_earn') AND l.occurred_at >= {{arg .PeriodStart}} AND l.occurred_at < {{arg .AsOf}} GROUP BY l.member_id
        {{- else}}SELECT o.member_id, {{if eq .Basis "orders"}}count(*){{else}}sum(o.net){{end}} AS amount FROM {{template "sales" .}} AS o
              WHERE o.ordered_at >= {{arg .PeriodStart}} GROUP BY o.member_id
        {{- end}}) AS q ON q.member_id = p.member_id
      WHERE q.amount < n.threshold AND q.amount >= n.threshold * CAST({{arg .Near}} AS decimal(18,4))) AS s
