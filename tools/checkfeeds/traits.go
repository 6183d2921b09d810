package checkfeeds

// trait is what the checks need to know of a feed beyond its contract.
type trait struct {
	sample string   // the column whose hashed values are shown, "" for none
	tells  []string // columns in which copies of a row agree, and two things under one key don't
	event  bool     // how far the feed goes tells how far the data go
	steady bool     // rows come day by day, so that missing ones show
	human  bool     // its times of day are those of people
	kpis   []string // what is computed from it, the most important first
	stages string   // what else reads it
}

var traits = map[string]trait{
	"members": {sample: "member_id", tells: []string{"enrolled_at"}, steady: true, human: true,
		kpis: []string{"members_open", "enrolments", "churn_explicit", "active_rate"}, stages: "all stages"},
	"tiers":        {tells: []string{"rank"}, stages: "tier mix and migration in diagnose_health"},
	"tier_history": {sample: "member_id", tells: []string{"tier"}, stages: "every figure by tier, and migration in diagnose_health"},
	"orders": {sample: "order_id", tells: []string{"net", "ordered_at"}, event: true, steady: true, human: true,
		kpis: []string{"revenue", "orders", "average_order_value", "repeat_purchase_rate", "active_rate"}, stages: "surface_insights and review_experiments"},
	"points": {sample: "entry_id", tells: []string{"points", "occurred_at"}, event: true, steady: true, human: true,
		kpis: []string{"points_issued", "points_redeemed", "redemption_rate", "outstanding_points"}, stages: "liability and breakage in diagnose_health"},
	"points_monthly": {sample: "member_id", tells: []string{"earned", "redeemed"},
		kpis: []string{"points_issued", "points_redeemed", "redemption_rate", "outstanding_points"}, stages: "liability in diagnose_health"},
	"rewards": {sample: "reward_id", tells: []string{"cost_points"}, stages: "redemption uptake in surface_insights"},
	"redemptions": {sample: "redemption_id", tells: []string{"points", "redeemed_at"}, event: true, steady: true, human: true,
		kpis: []string{"reward_value"}, stages: "the data alarms of diagnose_health"},
	"engagement": {sample: "member_id", event: true, steady: true, human: true,
		kpis: []string{"click_rate", "unsubscribe_rate", "challenge_completion_rate"}, stages: "surface_insights"},
	"surveys":     {sample: "member_id", steady: true, human: true, kpis: []string{"csat", "nps"}},
	"experiments": {tells: []string{"started_at"}, stages: "review_experiments"},
	"assignments": {sample: "unit_id", tells: []string{"arm"}, stages: "review_experiments"},
	"outcomes":    {sample: "unit_id", tells: []string{"value"}, stages: "review_experiments"},
}

// voidlike are statuses that read like ones that don't count, and do as the
// contract doesn't know them.
var voidlike = []string{"canceled", "cancel", "voided", "failed", "declined", "rejected", "refused", "deleted", "aborted", "draft"}
