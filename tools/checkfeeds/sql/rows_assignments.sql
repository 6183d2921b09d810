-- Assignments, row by row. Rows as rows.sql says.
{{template "common" . -}}
{{.Hit "exposed_too_soon" (print (date "f.exposed_at") " < " (date "f.assigned_at")) -}}
{{$early := "1 = 0"}}{{$known := "" -}}
{{range .Experiments}}{{$id := arg .ID}}{{if $known}}{{$known = print $known ", "}}{{end}}{{$known = print $known $id -}}
{{if not .Start.IsZero}}{{$early = print $early " OR (f.experiment_id = " $id " AND " (date "f.assigned_at") " < " (date (arg .Start)) ")"}}{{end}}{{end -}}
{{.Hit "before_start" $early -}}
{{if $known}}{{.Hit "unknown_experiments" (print "f.experiment_id NOT IN (" $known ")")}}{{end -}}
{{template "rows" .}}
