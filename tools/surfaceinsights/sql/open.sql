-- Everyone open at as_of. One row: members, contactable.
SELECT {{count "*"}} AS members, {{sum "p.contactable"}} AS contactable FROM {{template "people" .}} AS p
