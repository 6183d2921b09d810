-- Members whose tier is no tier of the program. One row: count.
SELECT {{count "*"}} AS n FROM {{feed "members"}} AS m LEFT JOIN {{feed "tiers"}} AS t ON t.tier = m.tier
WHERE m.tier IS NOT NULL AND t.tier IS NULL
