-- Rows with a null in a required column. One row: count.
SELECT {{count "*"}} AS n FROM {{every .Feed}} AS f WHERE {{range $i, $c := .Required}}{{if $i}} OR {{end}}f.{{$c}} IS NULL{{end}}
