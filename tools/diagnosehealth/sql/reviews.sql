-- Members whose tier is reviewed next, by tier. Grain: tier. Counts: due (reviewed
-- within Ahead days after the end), secured (of those: what counts at the review
-- reaches the tier's threshold already), keeping (those, and the ones who reach it
-- by then at the pace of the period before).
-- postgres: enable_nestloop=off
SELECT r.tier, {{count "*"}} AS due,
  {{count "CASE WHEN r.counted >= r.threshold THEN 1 END"}} AS secured,
  {{count (print "CASE WHEN r.counted + " (real "r.lately") " * r.days_to / nullif(r.period_days, 0) >= r.threshold THEN 1 END")}} AS keeping
FROM {{template "reviewed" .}} AS r
GROUP BY 1 ORDER BY 1 NULLS LAST
