-- Members by the tiers they were in at the ends of successive periods. Grain:
-- period (index of the later end; 0 is the latest, larger ones are earlier),
-- before, origin, target (at the end before the one before, at the one before,
-- and at the end). Count: members. States: t and the tier ('t' where it is
-- unknown), x for cancelled, '' for not a member yet.
-- postgres: enable_nestloop=off
SELECT s.period, coalesce(s.before, '') AS before, coalesce(s.origin, '') AS origin, s.target, {{count "*"}} AS members
FROM (SELECT x.period, x.state AS target,
        lag(x.state, 1) OVER (PARTITION BY x.member_id ORDER BY x.period DESC NULLS LAST) AS origin,
        lag(x.state, 2) OVER (PARTITION BY x.member_id ORDER BY x.period DESC NULLS LAST) AS before
      FROM (SELECT e.period, e.member_id, CASE WHEN e.gone = 1 THEN 'x' ELSE 't' || {{template "cell" .Tier}} END AS state
            FROM (SELECT p.period, p.t, m.member_id, CASE WHEN m.cancelled_at < p.ends_at THEN 1 ELSE 0 END AS gone
                  FROM {{feed "members"}} AS m CROSS JOIN {{template "ends" .}} AS p WHERE m.enrolled_at < p.ends_at) AS e
            {{template "join" .Tier}}) AS x) AS s
GROUP BY 1, 2, 3, 4
ORDER BY 1 NULLS LAST, 2 NULLS LAST, 3 NULLS LAST, 4 NULLS LAST
