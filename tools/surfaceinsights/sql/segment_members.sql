-- The open members of one segment who may be contacted, for an export that the
-- operator allows. Grain: member. Texts: id, then the columns asked for.
-- postgres: enable_nestloop=off
SELECT CAST(p.member_id AS text) AS id{{range .Extra}}, {{cell (print "m." .)}} AS {{.}}{{end}}
FROM {{template "profile" .}} AS p
JOIN {{feed "members"}} AS m ON m.member_id = p.member_id
WHERE ({{index .Wheres 0}}){{if .Contactable}} AND p.contactable = 1{{end}}
ORDER BY 1 NULLS LAST
