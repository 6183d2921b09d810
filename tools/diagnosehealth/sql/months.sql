-- Monthly movements in the window. One row, exact: issued, redeemed, expired,
-- adjusted.
SELECT {{exact "sum(l.earned)"}} AS issued, {{exact "sum(l.redeemed)"}} AS redeemed, {{exact "sum(l.expired)"}} AS expired, {{exact "sum(l.adjusted)"}} AS adjusted
FROM {{feed "points_monthly"}} AS l WHERE l.month >= {{arg .Start}} AND l.month < {{arg .End}}
