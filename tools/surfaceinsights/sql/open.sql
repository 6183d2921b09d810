-- Open members at as_of. One row: members, contactable, value (0).
SELECT {{template "totals"}} FROM (SELECT p.contactable, 0 AS value FROM {{template "people" .}} AS p) AS s
