-- Members open at the start of a period, with what became of them in it, where points
-- come by month: there the planner of PostgreSQL does better by itself. Grain:
-- period, part, cell1, cell2 (as of the start).
{{template "start_of" .}}
