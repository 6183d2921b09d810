-- A feed with no checks of its own, row by row. Rows as rows.sql says.
{{template "common" .}}{{template "rows" .}}
