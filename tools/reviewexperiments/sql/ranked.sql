-- The values in the bins in which the wanted quantiles lie. Grain: arm, value.
-- units with it.
-- postgres: enable_nestloop=off
SELECT b.arm, {{real "b.v0"}} AS value, {{count "*"}} AS units
FROM (SELECT k.arm, k.v0, CAST(least(greatest(floor(k.v0 * {{arg .PerWidth}}), -{{.Bins}}), {{.Bins}}) AS bigint) AS bin
      FROM ({{template "values" .}}) AS k) AS b
WHERE {{range $i, $w := .Wanted}}{{if $i}} OR {{end}}b.arm = {{arg $w.Arm}} AND b.bin = {{arg $w.Bin}}{{end}}
GROUP BY 1, 2 ORDER BY 1 NULLS LAST, 2 NULLS LAST
