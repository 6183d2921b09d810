-- Members open at the start of a period, with what became of them in it. Grain:
-- period, part, cell1, cell2 (as of the start).
-- postgres: enable_nestloop=off
{{template "start_of" .}}
