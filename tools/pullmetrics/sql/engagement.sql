-- Messages and challenges. Grain: period, dimension, cell (as of the event).
-- Exact counts: delivered, clicked (messages clicked at least once, a message
-- being a member and a campaign), unsubscribes, challenges_started,
-- challenges_completed, reached (members with any event).
{{range $i, $g := .Groupings}}{{if $i}}
UNION ALL
{{end}}SELECT e.period, {{text $g.Dimension}} AS dimension, {{template "cell" $g}} AS cell,
  {{exact "count(CASE WHEN e.kind = 'delivered' THEN 1 END)"}} AS delivered,
  {{exact "count(DISTINCT (e.member_id, e.campaign_id)) FILTER (WHERE e.kind = 'click')"}} AS clicked,
  {{exact "count(CASE WHEN e.kind = 'unsubscribe' THEN 1 END)"}} AS unsubscribes,
  {{exact "count(CASE WHEN e.kind = 'challenge_start' THEN 1 END)"}} AS challenges_started,
  {{exact "count(CASE WHEN e.kind = 'challenge_complete' THEN 1 END)"}} AS challenges_completed,
  {{exact "count(DISTINCT e.member_id)"}} AS reached
FROM ({{range $j, $p := $.Passes}}{{if $j}}
      UNION ALL {{end}}SELECT {{template "period" ($p.Of "g.occurred_at")}} AS period, g.member_id, g.kind, g.campaign_id, g.occurred_at AS t
      FROM {{feed "engagement"}} AS g WHERE {{template "within" ($p.Of "g.occurred_at")}}{{end}}) AS e
{{template "join" $g}}
GROUP BY 1, 2, 3
{{end}}
