-- Spells of a member in tiers that reach into the next one. One row: count.
SELECT {{count "CASE WHEN h.effective_to > h.next_from THEN 1 END"}} AS n
FROM (SELECT s.effective_to, lead(s.effective_from) OVER (PARTITION BY s.member_id ORDER BY s.effective_from NULLS LAST, s.tier NULLS LAST) AS next_from
      FROM {{feed "tier_history"}} AS s) AS h
