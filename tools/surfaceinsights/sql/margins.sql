-- What members' sales of the last 12 months left over. One row, exact: net, margin
-- (both of orders whose margin is known).
SELECT {{exact "sum(CASE WHEN o.margin IS NOT NULL THEN o.net END)"}} AS net, {{exact "sum(o.margin)"}} AS margin
FROM {{feed "orders"}} AS o WHERE {{known "orders" "o"}} AND o.ordered_at >= {{arg .YearAgo}} AND o.ordered_at < {{arg .AsOf}}
