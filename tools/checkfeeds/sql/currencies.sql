-- All rows by currency, as upper-case codes of three letters; what is
-- none becomes '?', a row without one ''. One row a currency: n.
SELECT d.currency, {{count "*"}} AS n
FROM (SELECT CASE WHEN f.currency IS NULL OR trim(f.currency) = '' THEN '' WHEN length(trim(f.currency)) = 3 THEN upper(trim(f.currency)) ELSE '?' END AS currency
      FROM {{every .Feed}} AS f) AS d
GROUP BY d.currency
ORDER BY n DESC NULLS LAST, d.currency NULLS LAST
