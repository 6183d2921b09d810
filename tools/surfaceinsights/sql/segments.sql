-- Open members by the segments they are in. Grain: mask (a 1 or 0 for each
-- segment, in order). Counts: members, contactable. Exact: the values, summed.
--
-- Block masked: open members with their mask: member_id, contactable, mask, and
-- the values.
{{define "masked"}}(SELECT p.member_id, p.contactable, {{range $i, $w := .Wheres}}{{if $i}} || {{end}}CASE WHEN {{$w}} THEN '1' ELSE '0' END{{end}} AS mask{{range .Values}}, p.{{.}}{{end}}
  FROM {{template "profile" .}} AS p){{end}}
SELECT s.mask, {{count "*"}} AS members, {{sum "s.contactable"}} AS contactable{{range .Values}}, {{exact (print "sum(s." . ")")}} AS {{.}}{{end}}
FROM {{template "masked" .}} AS s
GROUP BY s.mask ORDER BY s.mask NULLS LAST
