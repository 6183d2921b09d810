package warehouse

import "slices"

// Kind is what a contract column means, and so the one type in which queries
// see it whatever the source has.
type Kind int

// The kinds of column.
const (
	// ID identifies something. Any type will do; queries only compare it.
	ID Kind = iota
	// Text is a name from the data: a tier, a region, an arm.
	Text
	// Word is one of the contract's own words, such as a kind or a status; its
	// case doesn't matter, and queries see it in lower case.
	Word
	// Time is an instant, seen by queries as a timestamp in UTC.
	Time
	// Exact4 is money or points, seen as decimal(18,4) so that sums are exact.
	Exact4
	// Float is a measurement such as a score.
	Float
	// Flag is a boolean.
	Flag
)

func (k Kind) String() string {
	return [...]string{"an id (any type)", "text", "text", "a date or timestamp", "a number", "a number", "a boolean"}[k]
}

// Column is one column of a feed's contract.
type Column struct {
	Name     string
	Kind     Kind
	Required bool
	Words    []string // of a Word: those that the contract knows, in lower case
}

// Feed is the contract of one feed.
type Feed struct {
	Name    string
	Means   string   // one line: what a row is
	Key     []string // columns that should identify a row
	When    string   // the column that dates a row, "" if none
	Columns []Column
	// Void lists the values of the status column whose rows never count.
	Void []string
	// Open says that further columns (dimensions) may be read from the feed.
	Open bool
}

// Column returns the contract column with the name.
func (f Feed) Column(name string) (Column, bool) {
	i := slices.IndexFunc(f.Columns, func(c Column) bool { return c.Name == name })
	if i < 0 {
		return Column{}, false
	}
	return f.Columns[i], true
}

func need(kind Kind, names ...string) []Column   { return columns(kind, true, names) }
func option(kind Kind, names ...string) []Column { return columns(kind, false, names) }

// kinds returns the required column kind, of the words.
func kinds(words ...string) []Column {
	return []Column{{Name: "kind", Kind: Word, Required: true, Words: words}}
}

func columns(kind Kind, required bool, names []string) []Column {
	out := make([]Column, len(names))
	for i, name := range names {
		out[i] = Column{Name: name, Kind: kind, Required: required}
	}
	return out
}

// Feeds returns the feed contract in the order in which people should read
// it. The slice is new at every call.
func Feeds() []Feed {
	return []Feed{
		{
			Name: "members", Means: "a member of the program", Key: []string{"member_id"}, When: "enrolled_at", Open: true,
			Void: []string{"merged"},
			Columns: slices.Concat(need(ID, "member_id"), need(Time, "enrolled_at"),
				option(Text, "tier", "region", "channel"), option(Word, "status"), option(Time, "cancelled_at"),
				option(Flag, "consent_marketing", "is_test")),
		}, {
			Name: "tiers", Means: "a tier and what qualifies for it", Key: []string{"tier"},
			Columns: slices.Concat(need(Text, "tier"), need(Float, "rank"),
				option(Exact4, "qualify_threshold"), option(Word, "qualify_basis", "period")),
		}, {
			Name: "tier_history", Means: "a spell of a member in a tier", Key: []string{"member_id", "effective_from"}, When: "effective_from",
			Columns: slices.Concat(need(ID, "member_id"), need(Text, "tier"), need(Time, "effective_from"),
				option(Time, "effective_to"), option(Text, "reason"), option(Time, ingested)),
		}, {
			Name: "orders", Means: "an order, of a member or not", Key: []string{"order_id"}, When: "ordered_at",
			Void: []string{"cancelled", "pending", "void"},
			Columns: slices.Concat(need(ID, "order_id"), need(Time, "ordered_at"), need(Exact4, "net"),
				option(ID, "member_id"), option(Exact4, "gross", "discount", "refund", "margin"),
				option(Text, "channel", "region", "currency"), option(Float, "items"), option(Word, "status"), option(Flag, "guest"), option(Time, ingested)),
		}, {
			Name: "points", Means: "a line of the point ledger, signed", Key: []string{"entry_id"}, When: "occurred_at",
			Void: []string{"cancelled", "pending"},
			Columns: slices.Concat(need(ID, "entry_id", "member_id"), need(Time, "occurred_at"),
				kinds("earn", "redeem", "expire", "bonus", "reverse_earn", "reimburse", "adjust", "transfer_in", "transfer_out"), need(Exact4, "points"),
				option(Time, "expires_at"), option(ID, "lot_id", "order_id", "reward_id"),
				option(Text, "campaign_id"), option(Word, "status"), option(Float, "unit_cost"), option(Time, ingested)),
		}, {
			Name: "points_monthly", Means: "a member's points in a month, where there is no ledger", Key: []string{"member_id", "month"}, When: "month",
			Columns: slices.Concat(need(ID, "member_id"), need(Time, "month"), need(Exact4, "earned", "redeemed"),
				option(Exact4, "expired", "adjusted", "reward_value", "opening_balance")),
		}, {
			Name: "rewards", Means: "a reward of the catalogue", Key: []string{"reward_id"},
			Columns: slices.Concat(need(ID, "reward_id"), need(Text, "name"), need(Exact4, "cost_points"),
				option(Exact4, "unit_cost"), option(Text, "type"), option(Time, "active_from", "active_to")),
		}, {
			Name: "redemptions", Means: "a reward claimed by a member", Key: []string{"redemption_id"}, When: "redeemed_at",
			Void: []string{"cancelled"},
			Columns: slices.Concat(need(ID, "redemption_id", "member_id", "reward_id"), need(Time, "redeemed_at"), need(Exact4, "points"),
				option(Exact4, "value"), option(Text, "currency"), option(Word, "status"), option(Time, "used_at", ingested)),
		}, {
			Name: "engagement", Means: "a contact with, or an act of, a member", When: "occurred_at",
			Columns: slices.Concat(need(ID, "member_id"), need(Time, "occurred_at"),
				kinds("delivered", "open", "click", "unsubscribe", "login", "app_open", "challenge_start", "challenge_complete", "referral"),
				option(Text, "channel", "campaign_id"), option(Time, ingested)),
		}, {
			Name: "surveys", Means: "an answer to a survey", When: "responded_at",
			Columns: slices.Concat(need(Time, "responded_at"), kinds("csat", "nps", "ces"), need(Float, "score"),
				option(ID, "member_id"), option(Float, "scale_min", "scale_max"), option(Time, "invited_at"), option(Text, "touchpoint"), option(Flag, "guest"), option(Time, ingested)),
		}, {
			Name: "experiments", Means: "an experiment", Key: []string{"experiment_id"}, When: "started_at",
			Columns: slices.Concat(need(Text, "experiment_id", "name"), need(Time, "started_at"),
				option(Time, "ended_at"), option(Text, "hypothesis", "control_arm", "planned_shares", "primary_metric", "guardrails", "owner")),
		}, {
			Name: "assignments", Means: "a unit's arm in an experiment", Key: []string{"experiment_id", "unit_id"}, When: "assigned_at",
			Columns: slices.Concat(need(Text, "experiment_id"), need(ID, "unit_id"), need(Text, "arm"),
				option(Time, "assigned_at", "exposed_at"), option(Text, "stratum"), option(Time, ingested)),
		}, {
			Name: "outcomes", Means: "a ready-made outcome of a unit in an experiment", Key: []string{"experiment_id", "unit_id", "metric"},
			Columns: slices.Concat(need(Text, "experiment_id"), need(ID, "unit_id"), need(Text, "metric"), need(Float, "value"),
				option(Float, "pre_value", "denominator"), option(Time, ingested)),
		},
	}
}

// FeedNames returns the names of all feeds in contract order.
func FeedNames() []string {
	feeds := Feeds()
	names := make([]string, len(feeds))
	for i, f := range feeds {
		names[i] = f.Name
	}
	return names
}
