package demo

import (
	"fmt"
	"strconv"
)

// ColumnType is the type of a column's values.
type ColumnType int

// The column types. Points are BigInt.
const (
	BigInt  ColumnType = iota
	Integer            // 32 bits
	Text
	Money     // decimal(12,2), see Cents
	Timestamp // UTC, without a zone
	Date
	Boolean
	Double
)

// String returns the type's name in lower case.
func (t ColumnType) String() string {
	names := [...]string{"bigint", "integer", "text", "money", "timestamp", "date", "boolean", "double"}
	if t < 0 || int(t) >= len(names) {
		return fmt.Sprintf("ColumnType(%d)", int(t))
	}
	return names[t]
}

// Cents is an amount of money in minor units, the value of a Money column.
type Cents int64

// String writes the amount with two decimals, as "12.30".
func (c Cents) String() string { return string(c.append(nil)) }

func (c Cents) append(b []byte) []byte {
	if c < 0 {
		b, c = append(b, '-'), -c
	}
	b = strconv.AppendInt(b, int64(c/100), 10)
	return append(b, '.', byte('0'+c/10%10), byte('0'+c%10))
}

// Column is one column of a table.
type Column struct {
	Name string
	Type ColumnType
}

// Table is one table of the program.
type Table struct {
	Name    string
	Columns []Column
}

// Tables returns every table in a fixed order. The caller owns the result.
//
// Three columns need a word more than their name. An order's status is
// completed, refunded (in full or part) or cancelled; a cancelled order was
// never paid but keeps its amounts, as shops keep them, so a figure of revenue
// leaves it out by its status. A ledger entry's lot_id names the lot it
// created or took from; an entry without one (redeem, and what a reverse_earn
// couldn't take from the order's own lot) took from the lots that expire
// first. A ledger entry's unit_cost is the cost of one redeemed point to the
// program and only stands on redeem.
func Tables() []Table {
	return []Table{
		{"members", []Column{
			{"member_id", BigInt}, {"enrolled_at", Timestamp}, {"tier", Text}, {"region", Text},
			{"channel", Text}, {"status", Text}, {"cancelled_at", Timestamp},
			{"consent_marketing", Boolean}, {"is_test", Boolean}, {"age_band", Text}}},
		{"tiers", []Column{
			{"tier", Text}, {"rank", Integer}, {"qualify_threshold", Money},
			{"qualify_basis", Text}, {"period", Text}}},
		{"tier_history", []Column{
			{"member_id", BigInt}, {"tier", Text}, {"effective_from", Timestamp},
			{"effective_to", Timestamp}, {"reason", Text}}},
		{"orders", []Column{
			{"order_id", BigInt}, {"member_id", BigInt}, {"ordered_at", Timestamp}, {"gross", Money},
			{"discount", Money}, {"refund", Money}, {"net", Money}, {"margin", Money},
			{"channel", Text}, {"region", Text}, {"items", Integer}, {"status", Text}}},
		{"points", []Column{
			{"entry_id", BigInt}, {"member_id", BigInt}, {"occurred_at", Timestamp}, {"kind", Text},
			{"points", BigInt}, {"expires_at", Timestamp}, {"lot_id", BigInt}, {"order_id", BigInt},
			{"reward_id", BigInt}, {"campaign_id", Text}, {"unit_cost", Double}}},
		{"rewards", []Column{
			{"reward_id", BigInt}, {"name", Text}, {"cost_points", BigInt}, {"unit_cost", Money},
			{"type", Text}, {"active_from", Timestamp}, {"active_to", Timestamp}}},
		{"redemptions", []Column{
			{"redemption_id", BigInt}, {"member_id", BigInt}, {"reward_id", BigInt},
			{"redeemed_at", Timestamp}, {"points", BigInt}, {"value", Money}, {"status", Text},
			{"used_at", Timestamp}}},
		{"engagement", []Column{
			{"member_id", BigInt}, {"occurred_at", Timestamp}, {"kind", Text}, {"channel", Text},
			{"campaign_id", Text}}},
		{"surveys", []Column{
			{"responded_at", Timestamp}, {"kind", Text}, {"score", Integer}, {"member_id", BigInt},
			{"scale_min", Integer}, {"scale_max", Integer}, {"invited_at", Timestamp},
			{"touchpoint", Text}}},
		{"experiments", []Column{
			{"experiment_id", Text}, {"name", Text}, {"hypothesis", Text}, {"started_at", Timestamp},
			{"ended_at", Timestamp}, {"control_arm", Text}, {"planned_shares", Text},
			{"primary_metric", Text}, {"guardrails", Text}, {"owner", Text}}},
		{"assignments", []Column{
			{"experiment_id", Text}, {"unit_id", BigInt}, {"arm", Text}, {"assigned_at", Timestamp}}},
	}
}
