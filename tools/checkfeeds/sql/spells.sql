-- Spells of members in tiers against the member's next one, by what is wrong:
-- bit 0 overlap (reaches into the next spell, or has no end although another
-- follows), bit 1 gap (the next starts more than a day after the end). One row
-- a mask: n, first_at and last_at (starts), least and greatest (members). Copies
-- of a spell count as one.
SELECT d.mask, {{count "*"}} AS n, min(d.t) AS first_at, max(d.t) AS last_at,
  min(CASE WHEN d.mask <> 0 THEN CAST(d.member_id AS text) END COLLATE "C") AS least,
  max(CASE WHEN d.mask <> 0 THEN CAST(d.member_id AS text) END COLLATE "C") AS greatest
FROM (SELECT h.member_id, h.effective_from AS t,
        CASE WHEN h.effective_to > h.next_from OR (h.effective_to IS NULL AND h.next_from IS NOT NULL) THEN 1 ELSE 0 END
        + CASE WHEN h.effective_to + INTERVAL '26 hours' < h.next_from THEN 2 ELSE 0 END AS mask
      FROM (SELECT s.member_id, s.effective_from, s.effective_to,
              lead(s.effective_from) OVER (PARTITION BY s.member_id ORDER BY s.effective_from NULLS LAST, s.tier NULLS LAST) AS next_from
            FROM (SELECT f.member_id, f.tier, f.effective_from, f.effective_to FROM {{feed "tier_history"}} AS f WHERE f.effective_from IS NOT NULL
                  GROUP BY f.member_id, f.tier, f.effective_from, f.effective_to) AS s) AS h) AS d
GROUP BY d.mask
