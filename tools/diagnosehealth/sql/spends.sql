-- Members by what they spent a purchase. Grain: n (purchases), bin (of the mean
-- spend, by 32nds of its natural logarithm). Counts: n, members. Exact: spend
-- (net sales of all of them). Members who spent nothing are left out.
-- postgres: enable_nestloop=off
SELECT CAST(h.n AS bigint) AS n, CAST(floor(32 * ln({{real "h.spend"}} / nullif({{real "h.n"}}, 0))) AS bigint) AS bin,
  {{count "*"}} AS members, {{exact "sum(h.spend)"}} AS spend
FROM {{template "history" .}} AS h WHERE h.n > 0 AND h.spend > 0
GROUP BY 1, 2
ORDER BY 1 NULLS LAST, 2 NULLS LAST
