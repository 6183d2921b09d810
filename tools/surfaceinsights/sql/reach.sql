-- Who is left out at as_of. One row, counts: open (members), contactable (of
-- those), closed (cancelled by then), test (marked as such; they count nowhere
-- else).
SELECT {{count "CASE WHEN r.test = 0 AND r.closed = 0 THEN 1 END"}} AS open, {{count "CASE WHEN r.test = 0 AND r.closed = 0 AND r.consent = 1 THEN 1 END"}} AS contactable,
  {{count "CASE WHEN r.test = 0 AND r.closed = 1 THEN 1 END"}} AS closed, {{count "CASE WHEN r.test = 1 THEN 1 END"}} AS test
FROM (SELECT m.member_id, {{if has "members" "is_test"}}CASE WHEN m.is_test THEN 1 ELSE 0 END{{else}}0{{end}} AS test, CASE WHEN m.cancelled_at < {{arg .AsOf}} THEN 1 ELSE 0 END AS closed,
        {{if has "members" "consent_marketing"}}CASE WHEN m.consent_marketing THEN 1 ELSE 0 END{{else}}0{{end}} AS consent
      FROM {{every "members"}} AS m WHERE m.enrolled_at < {{arg .AsOf}}) AS r
