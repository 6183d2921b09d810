-- Members' sales in the window by the tier they were in at the time. Grain: tier
-- ('' where unknown). Exact: sales.
-- postgres: enable_nestloop=off
SELECT {{template "cell" .Tier}} AS tier, {{exact "sum(e.net)"}} AS sales
FROM (SELECT o.member_id, o.ordered_at AS t, o.net FROM {{feed "orders"}} AS o
      WHERE {{known "orders" "o"}} AND o.ordered_at >= {{arg .Start}} AND o.ordered_at < {{arg .End}}) AS e
{{template "join" .Tier}}
GROUP BY 1 ORDER BY 1 NULLS LAST
