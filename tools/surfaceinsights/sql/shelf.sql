-- What the cheapest reward on offer at as_of costs. One row, exact: points.
SELECT {{exact "min(r.cost_points)"}} AS points FROM {{feed "rewards"}} AS r
WHERE (r.active_from IS NULL OR r.active_from < {{arg .AsOf}}) AND (r.active_to IS NULL OR r.active_to >= {{arg .AsOf}})
