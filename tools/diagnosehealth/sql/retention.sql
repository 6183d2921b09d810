-- How long members have been, by when they enrolled. Grain: cohort (year, or
-- year and quarter), days, closed. Counts: days (from enrolment to cancelling,
-- or to the last day before as_of), closed (1 where they cancelled), members.
SELECT c.cohort, CAST(c.days AS bigint) AS days, CAST(c.closed AS bigint) AS closed, {{count "*"}} AS members
FROM (SELECT {{if .ByYear}}substr(CAST(m.start AS text), 1, 4){{else}}substr(CAST(m.start AS text), 1, 4) || CASE WHEN substr(CAST(m.start AS text), 6, 2) <= '03' THEN '-Q1' WHEN substr(CAST(m.start AS text), 6, 2) <= '06' THEN '-Q2' WHEN substr(CAST(m.start AS text), 6, 2) <= '09' THEN '-Q3' ELSE '-Q4' END{{end}} AS cohort,
        m.stop - m.start AS days, 1 - m.open AS closed
      FROM {{template "member" .}} AS m) AS c
GROUP BY 1, 2, 3
ORDER BY 1 NULLS LAST, 2 NULLS LAST, 3 NULLS LAST
