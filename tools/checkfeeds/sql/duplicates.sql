-- Keys that should identify a row but stand in several. One row: keys, rows
-- in excess, ids (distinct values of the key's first column among them).
-- Gathers: keys that are no member's, grouped where a cluster coordinates.
SELECT {{count "*"}} AS keys, {{sum "d.n - 1"}} AS excess, {{count (print "DISTINCT d." (index .Key 0))}} AS ids
FROM (SELECT {{range .Key}}f.{{.}}, {{end}}{{count "*"}} AS n FROM {{every .Feed}} AS f
      GROUP BY {{range $i, $k := .Key}}{{if $i}}, {{end}}f.{{$k}}{{end}} HAVING count(*) > 1) AS d
