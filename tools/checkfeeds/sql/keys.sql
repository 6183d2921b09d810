-- Keys that should identify a row but stand in several. One row for keys whose
-- rows are alike in what tells two things apart (differs 0), and one for keys
-- whose rows contradict each other (differs 1): keys, excess (rows beyond one
-- a key), ids (distinct values of the key's first column), least and greatest
-- of those.
-- Gathers: keys that are no member's, grouped where a cluster coordinates.
SELECT d.differs, {{count "*"}} AS keys, {{sum "d.n - 1"}} AS excess, {{count (print "DISTINCT d." (index .Key 0))}} AS ids,
  min(CAST(d.{{.Sample}} AS text) COLLATE "C") AS least, max(CAST(d.{{.Sample}} AS text) COLLATE "C") AS greatest
FROM (SELECT {{range .Key}}f.{{.}}, {{end}}{{count "*"}} AS n,
        {{if .Tells}}CASE WHEN {{range $i, $c := .Tells}}{{if $i}} OR {{end}}min(f.{{$c}}) <> max(f.{{$c}}){{end}} THEN 1 ELSE 0 END{{else}}0{{end}} AS differs
      FROM {{every .Feed}} AS f WHERE {{range $i, $k := .Key}}{{if $i}} AND {{end}}f.{{$k}} IS NOT NULL{{end}}
      GROUP BY {{if .Within}}f.{{.Within}}, {{end}}{{range $i, $k := .Key}}{{if $i}}, {{end}}f.{{$k}}{{end}} HAVING count(*) > 1) AS d
GROUP BY d.differs
