-- Lines of the ledger, row by row. Gross is what redemptions took, net what
-- remains of it after reimbursements. Rows as rows.sql says.
{{template "common" . -}}
{{.Hit "unknown_kinds" "f.kind NOT IN ('earn', 'bonus', 'redeem', 'expire', 'reverse_earn', 'reimburse', 'adjust', 'transfer_in', 'transfer_out')" -}}
{{.Hit "wrong_signs" "(f.kind IN ('earn', 'bonus', 'reimburse', 'transfer_in') AND f.points < 0) OR (f.kind IN ('redeem', 'expire', 'reverse_earn', 'transfer_out') AND f.points > 0)" -}}
{{.Hit "fractional_points" "f.points <> floor(f.points)" -}}
{{.Hit "expired_at_birth" "f.kind IN ('earn', 'bonus') AND f.expires_at < f.occurred_at" -}}
{{.Hit "status_counts" (print "f.status IN (" (.List .Voidlike) ")") -}}
{{.SetPeople "f.kind IN ('earn', 'redeem')" -}}
{{.SetAmounts "CASE WHEN f.kind = 'redeem' THEN -f.points END" "CASE WHEN f.kind IN ('redeem', 'reimburse') THEN -f.points END" -}}
{{template "rows" .}}
