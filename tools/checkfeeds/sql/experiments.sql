-- The experiments of the feed. One row each: id, start (null if unknown).
SELECT x.experiment_id, min(x.started_at) AS started_at FROM {{every "experiments"}} AS x WHERE x.experiment_id IS NOT NULL
GROUP BY x.experiment_id ORDER BY x.experiment_id NULLS LAST LIMIT 1000
