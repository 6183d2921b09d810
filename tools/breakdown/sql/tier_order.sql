-- The tiers in order. Grain: tier. rank.
SELECT t.tier, t.rank FROM {{feed "tiers"}} AS t ORDER BY t.rank NULLS LAST
