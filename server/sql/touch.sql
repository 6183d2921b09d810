-- How many values each column of a feed has, which computes every one of them.
-- One row: a count a column.
SELECT {{range $i, $c := .Columns}}{{if $i}}, {{end}}{{count (print "f." $c)}}{{end}} FROM {{every .Feed}} AS f
