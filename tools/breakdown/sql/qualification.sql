-- How tiers are qualified for. Grain: basis, period. tiers with a threshold.
SELECT coalesce(t.qualify_basis, '') AS basis, coalesce(t.period, '') AS period, {{count "*"}} AS n
FROM {{feed "tiers"}} AS t WHERE t.qualify_threshold > 0 GROUP BY 1, 2 ORDER BY 1 NULLS LAST, 2 NULLS LAST
