-- Open members by the segments they are in. Grain: mask (a 1 or 0 for each
-- segment, in order). Counts: members, contactable. Exact: the values, summed.
SELECT s.mask, {{count "*"}} AS members, {{sum "s.contactable"}} AS contactable{{range .Values}}, {{exact (print "sum(s." . ")")}} AS {{.}}{{end}}
FROM (SELECT p.contactable, {{range $i, $w := .Wheres}}{{if $i}} || {{end}}CASE WHEN {{$w}} THEN '1' ELSE '0' END{{end}} AS mask{{range .Values}}, p.{{.}}{{end}}
      FROM {{template "profile" .}} AS p) AS s
GROUP BY s.mask ORDER BY s.mask NULLS LAST
