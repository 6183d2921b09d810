-- Blocks of the segment queries. Every segment query returns one row: members,
-- contactable (those who consented to marketing), value (exact).
--
-- people: open members at as_of: member_id, enrolled_at, contactable.
-- tiered: people with their tier at as_of: member_id, contactable, tier.
-- last:   each member's last qualifying event before as_of: member_id, last_at.
-- sales:  each member's orders before as_of: member_id, ordered_at, net.
{{define "people"}}(SELECT m.member_id, m.enrolled_at, CASE WHEN m.consent_marketing THEN 1 ELSE 0 END AS contactable, {{arg .AsOf}} - INTERVAL '1 microsecond' AS t
  FROM {{feed "members"}} AS m
  WHERE m.enrolled_at < {{arg .AsOf}} AND (m.cancelled_at IS NULL OR m.cancelled_at >= {{arg .AsOf}})){{end}}
{{define "tiered"}}(SELECT e.member_id, e.contactable, {{template "cell" .Tier}} AS tier
  FROM {{template "people" .}} AS e
  {{template "join" .Tier}}){{end}}
{{define "last"}}(SELECT v.member_id, max(v.t) AS last_at FROM ({{template "events" .}}) AS v
  WHERE v.active = 1 AND v.t < {{arg .AsOf}} GROUP BY v.member_id){{end}}
{{define "sales"}}(SELECT o.member_id, o.ordered_at, o.net FROM {{feed "orders"}} AS o WHERE {{known "orders" "o"}} AND o.ordered_at < {{arg .AsOf}}){{end}}
{{define "totals"}}{{count "*"}} AS members, {{sum "s.contactable"}} AS contactable, {{exact "sum(s.value)"}} AS value{{end}}
