-- The names of the tiers. One row each.
SELECT t.tier FROM {{every "tiers"}} AS t WHERE t.tier IS NOT NULL GROUP BY t.tier ORDER BY t.tier NULLS LAST LIMIT 1000
