-- What became of the points issued whose expiry has passed. One row, exact:
-- issued (earn and bonus lines that expired before as_of), lots (their
-- number), expired (the expire lines of those lots).
SELECT {{exact "sum(i.points)"}} AS issued, {{exact "count(*)"}} AS lots, {{exact "sum(i.expired)"}} AS expired
FROM (SELECT l.points, x.expired
      FROM {{feed "points"}} AS l
      LEFT JOIN (SELECT e.member_id, e.lot_id, -sum(e.points) AS expired FROM {{feed "points"}} AS e
                 WHERE e.kind = 'expire' AND e.occurred_at < {{arg .End}} GROUP BY e.member_id, e.lot_id) AS x
        ON x.member_id = l.member_id AND x.lot_id = l.entry_id
      WHERE l.kind IN ('earn', 'bonus') AND l.expires_at < {{arg .End}}) AS i
