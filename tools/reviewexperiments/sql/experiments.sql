-- The experiments of the feed. Grain: experiment.
SELECT x.experiment_id, x.name, x.started_at, x.ended_at, coalesce(x.hypothesis, '') AS hypothesis, coalesce(x.control_arm, '') AS control_arm,
  coalesce(x.planned_shares, '') AS planned_shares, coalesce(x.primary_metric, '') AS primary_metric, coalesce(x.guardrails, '') AS guardrails, coalesce(x.owner, '') AS owner
FROM {{feed "experiments"}} AS x ORDER BY x.started_at NULLS LAST, x.experiment_id NULLS LAST
