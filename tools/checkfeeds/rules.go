package checkfeeds

import "strings"

// The severities.
const (
	// Error: sums or counts over the feed are wrong as they stand.
	Error = "error"
	// Warning: some members, days or breakdowns are wrong, or data are likely
	// to be missing or late.
	Warning = "warning"
	// Info: odd, or worth knowing, but no figure suffers.
	Info = "info"
)

// rule is what a finding means, whatever its count.
type rule struct {
	severity  string
	says      string // what is counted, as in "Rows dated in the future"
	endangers string // "" for what the feed's trait says
	next      string
}

// rules are by check, or by feed and check where a feed differs.
var rules = map[string]rule{
	"nulls": {Error, "Rows without a value in a required column", "",
		"Mend the source, or leave these rows out in the feed's sql. They count partly or not at all"},
	"far_past": {Warning, "Rows dated before 1980, as placeholders are", "",
		"Make placeholder dates null or mend them in the feed's sql"},
	"future": {Warning, "Rows dated in the future", "nothing before their day has come; then every figure of the feed",
		"Look for a wrong year, or a time_zone of the feed that is not its own"},

	"members/future": {Warning, "Members enrolled in the future", "", "Look for a wrong year, or a time_zone of the feed that is not its own"},
	"cancelled_before_enrolling": {Error, "Members who cancelled before they enrolled", "members_open, churn_explicit, retention_rate",
		"Look whether enrolled_at and cancelled_at are swapped, or enrolled_at is of a later rejoining"},
	"undated_cancellation": {Warning, "Members with the status cancelled, but no cancelled_at", "churn_explicit, retention_rate: they count as enrolled, but never as open or as cancelling",
		"Map the date of cancellation"},
	"open_but_dated": {Warning, "Members with the status active and a cancelled_at in the past all the same", "members_open, churn_explicit: they count as cancelled on that day",
		"Say in the feed's sql which of the two holds"},
	"unknown_statuses": {Warning, "Members with a status that the contract does not know (active, cancelled, blocked, merged)", "members_open, churn_explicit: they count as open until their cancelled_at",
		"Translate the status in the feed's sql"},
	"unknown_tiers": {Warning, "Rows with a tier that the tiers feed does not list", "tier mix, migration and every breakdown by tier",
		"Add the tier to the tiers feed, or correct its spelling in the feed's sql"},
	"monthly_dates": {Warning, "All members enrolled on the first of a month, so only months are known", "enrolments and churn_explicit of windows that cut a month",
		"Declare grain: month for the feed"},

	"backward_spells":   {Warning, "Rows that end before they start", "", "Look whether the two dates are swapped"},
	"overlapping_tiers": {Warning, "Spells that reach into the member's next one, or have no end although another follows", "figures by tier: a spell is cut where the next one starts", "End each spell where the next one starts"},
	"tier_gaps":         {Warning, "Spells that end more than a day before the member's next one starts, with no tier in between", "figures by tier, migration: the member keeps the old tier in between", "Add the missing spells, or end each spell where the next one starts"},

	"negative_orders": {Info, "Orders with a negative net", "nothing, if they are returns", "Make sure that they are returns, and that refunds aren't taken off a second time"},
	"negative_sales": {Warning, "", "revenue, average_order_value: a sale with the wrong sign lowers revenue by twice its amount",
		"See whether they are returns; if they are sales, turn the sign of net and gross in the feed's sql"},
	"net_above_gross": {Warning, "Orders with a net above their gross", "revenue, average_order_value", "Look whether net and gross are swapped, or net holds tax or shipping"},
	"no_currency":     {Error, "", "every amount of money: nothing says what it is in, or that all are in one", "Fill in program.currency in loyalty.yaml"},
	"currencies":      {Error, "", "", "Convert the amounts in the feed's sql, or leave those rows out"},
	"status_counts":   {Warning, "Rows with a status that reads as if they should not count; the contract does not know it, so they do", "", "Translate the status to cancelled in the feed's sql"},

	"orders/wrong_signs":         {Warning, "Orders with a negative discount or refund, which should stand as positive amounts", "revenue net of refunds, discount figures", "Turn the sign in the feed's sql"},
	"points/wrong_signs":         {Error, "Lines with the wrong sign for their kind (credits are positive, debits negative)", "", "Turn the sign in the feed's sql"},
	"points_monthly/wrong_signs": {Error, "Rows with a negative earned, redeemed or expired, which all stand as positive amounts", "", "Turn the sign in the feed's sql"},
	"redemptions/wrong_signs":    {Error, "Redemptions with negative points or a negative value, which both stand as positive amounts", "", "Turn the sign in the feed's sql"},
	"rewards/wrong_signs":        {Warning, "Rewards that cost less than nothing", "", "Mend cost_points and unit_cost"},
	"tiers/wrong_signs":          {Warning, "Tiers with a threshold below zero", "segments near a tier in surface_insights", "Mend qualify_threshold"},

	"points/unknown_kinds":     {Error, "Lines with a kind that the contract does not know", "points_issued, points_redeemed; the roll-forward shows them as unexplained", "Translate the kind in the feed's sql"},
	"engagement/unknown_kinds": {Warning, "Rows with a kind that the contract does not know, which count nowhere", "", "Translate the kind in the feed's sql, or leave the rows out"},
	"surveys/unknown_kinds":    {Warning, "Answers with a kind that the contract does not know, which count nowhere", "", "Translate the kind in the feed's sql, or leave the rows out"},
	"fractional_points":        {Info, "Lines with fractions of points", "nothing: sums are exact to four decimals", "Nothing, if the program gives fractions"},
	"expired_at_birth":         {Warning, "Lots that expire before they are earned", "points_expired, liability and breakage in diagnose_health", "Look whether expires_at holds another date"},
	"negative_balances":        {Warning, "Members with a negative balance: more was taken than the ledger ever gave them, so lines or opening balances are missing", "outstanding_points, liability in diagnose_health", "Load the ledger from its start, or add opening balances as lines of kind adjust"},
	"points_monthly/negative_balances": {Warning, "Members with a negative balance: they redeemed more than they earned in the data, so balances from before its first month are missing",
		"outstanding_points, liability in diagnose_health", "Add the balances from before the first month, or read outstanding points as a lower bound"},
	"unmonthly_dates": {Warning, "Rows not dated on the first of a month", "windows of whole months", "Truncate month in the feed's sql"},

	"used_too_soon":     {Warning, "Redemptions used on a day before they were claimed", "", "Look whether used_at and redeemed_at are swapped"},
	"off_scale":         {Warning, "Answers off their scale, which count nowhere", "", "Map scale_min and scale_max"},
	"answered_too_soon": {Warning, "Answers given before the invitation", "survey response figures", "Look at the time zones of the two columns"},

	"exposed_too_soon":    {Warning, "Units exposed on a day before they were assigned", "", "Look whether assigned_at was written late: an assignment after exposure is no random one"},
	"before_start":        {Warning, "Units assigned on a day before their experiment started", "", "Correct started_at: outcomes before it are taken for the pre-period"},
	"unknown_experiments": {Warning, "Assignments to an experiment that is described nowhere", "", "Describe it in the experiments feed or under experiments in loyalty.yaml"},
	"two_arms":            {Warning, "Units in more than one arm of an experiment", "", "Find out why: the review leaves such units out or calls the experiment broken"},

	"orphans":            {Warning, "Rows that belong to no member of the members feed", "breakdowns by what members are, where these rows are unknown", "Load the missing members, or see whether ids are written alike in both feeds"},
	"before_enrollment":  {Warning, "Rows of a day before their member enrolled", "cohort figures, balances, repeat_purchase_rate", "See whether enrolled_at is of a later rejoining, or the feed's time_zone is wrong"},
	"after_cancellation": {Warning, "Rows of a day after their member cancelled", "churn_explicit, balances, active_rate", "See whether the member rejoined, or cancelled_at holds a planned date"},

	"duplicate_keys":              {Error, "", "", "Load each row once, or take one row a key in the feed's sql. Every row is summed"},
	"members/duplicate_keys":      {Warning, "", "nothing that counts members: one row a member is counted", "Load each member once"},
	"tier_history/duplicate_keys": {Warning, "", "no figure by tier: a spell is cut where the next one starts, so that a copy has no length", "Load each spell once"},
	"tier_history/colliding_ids": {Warning, "", "every figure by tier, and migration in diagnose_health, for these members: which of the two tiers counts is arbitrary",
		"Say in the feed's sql which of the two tiers holds from that moment on"},
	"colliding_ids": {Error, "", "", "Give each thing an id of its own in the feed's sql, for instance with the shop's or source's name before it"},
	"members/colliding_ids": {Error, "", "members_open, enrolments, and every figure by member: one row is counted, the one enrolled first, with the events of all",
		"Give each member an id of their own in all feeds, or merge the rows"},
	"points_monthly/colliding_ids": {Warning, "", "everything counted by member: redeemers, active_rate, segments. Sums over the program hold",
		"Give each member an id of their own, or take one row a month in the feed's sql"},
	"keys_within_members": {Info, "Keys were compared within each member only, as the rows are too many to compare across: one id under two members would go unseen", "nothing that is known of", "Keep the key unique in the source"},

	"empty": {Warning, "", "", "Load the source, or take the feed off the mapping"},
	"stale": {Warning, "", "", "Load the missing days, or read windows that end before them"},
	"ahead": {Warning, "", "windows that reach so far: these days are not complete. Default windows end before them", "See whether their dates are wrong, the feed's clock runs ahead, or its last load broke off"},
	"far_ahead": {Error, "", "windows that reach so far, and those that the rows belong to if their dates are wrong. Default windows end before them",
		"See whether their dates are wrong or the feed's clock runs ahead; set the feed's time_zone, or mend the dates in its sql"},
	"late_ledger": {Warning, "", "outstanding_points and liability, if balances were carried in from before", "Add opening balances as lines of kind adjust"},
	"day_gaps":    {Warning, "", "", "Load the missing days, or make sure that nothing happened on them"},
	"drops":       {Warning, "", "", "See whether the load of these days broke off or a source is missing, before the figures are read as business"},

	"shifted_hours":  {Warning, "", "windows and days at their edges", "Set the feed's time_zone in loyalty.yaml, or convert its times in the sql"},
	"night_activity": {Warning, "", "windows and days at their edges", "See whether the times are in another zone: set the feed's time_zone, or the program's"},
	"shifted_dates":  {Warning, "", "windows and days: every row counts on the day before", "Map the plain date, or set the feed's time_zone"},
	"dst_step":       {Warning, "", "days at their edges in one half of the year", "Set the feed's time_zone to the one in which its clock is kept, or the program's"},
	"dates_only":     {Info, "", "nothing: no figure goes by the hour", "Nothing; the order of events within a day is unknown"},

	"unlike_ledger": {Warning, "", "points_redeemed, redemption_rate, reward_value: they tell different stories of these months", "Find the redemptions that are in one of the two only"},
}

// ruleOf returns what a finding of the check in the feed means.
func ruleOf(feed, id string) rule {
	r, ok := rules[feed+"/"+id]
	if !ok {
		r = rules[id]
	}
	if r.endangers == "" {
		t := traits[feed]
		parts := []string{}
		if len(t.kpis) > 0 {
			parts = append(parts, strings.Join(t.kpis, ", "))
		}
		if t.stages != "" {
			parts = append(parts, t.stages)
		}
		r.endangers = strings.Join(parts, "; ")
	}
	return r
}
