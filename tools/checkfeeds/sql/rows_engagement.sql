-- Contacts and acts, row by row. Rows as rows.sql says.
{{template "common" . -}}
{{.Hit "unknown_kinds" "f.kind NOT IN ('delivered', 'open', 'click', 'unsubscribe', 'login', 'app_open', 'challenge_start', 'challenge_complete', 'referral')" -}}
{{.SetPeople "f.kind <> 'delivered'" -}}
{{template "rows" .}}
