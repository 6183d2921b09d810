-- Newcomers with one order and none since. Value: the net of that order.
-- postgres: enable_nestloop=off
SELECT {{template "totals"}}
FROM (SELECT p.contactable, o.net AS value
      FROM {{template "people" .}} AS p
      JOIN (SELECT x.member_id, count(*) AS orders, sum(x.net) AS net, max(x.ordered_at) AS last_at FROM {{template "sales" .}} AS x GROUP BY x.member_id) AS o ON o.member_id = p.member_id
      WHERE o.orders = 1 AND o.last_at < {{arg .Recent}} AND p.enrolled_at >= {{arg .Newcomer}}) AS s
