package bench

import (
	_ "embed"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/warehouse"
)

//go:embed handwritten.sql
var handwritten string

// relations are what the hand-written queries read: the program's tables
// without void rows and test members, as whoever writes a query for one number
// would leave them out, under the names of the contract and, for the shared
// queries, of their own schema. They are put in place of the names, as the
// mapped feeds are in ours.
var relations = map[string]string{
	"members": `SELECT member_id, enrolled_at, enrolled_at AS joined_at, region, tier, cancelled_at, consent_marketing FROM members WHERE NOT is_test`,
	"tiers":   `SELECT tier, tier AS tier_id, tier AS name, rank, qualify_threshold FROM tiers`,
	"tier_history": `SELECT member_id, tier, tier AS tier_id, effective_from, effective_from AS valid_from, effective_to, effective_to AS valid_to
		FROM tier_history AS x WHERE ` + real("member_id"),
	"orders":          `SELECT order_id, member_id, ordered_at, channel, net, gross, discount, refund, margin, items, false AS is_return FROM orders AS x WHERE status <> 'cancelled' AND ` + real("member_id"),
	"points":          `SELECT entry_id, member_id, occurred_at, kind, points, expires_at, lot_id, order_id FROM points AS x WHERE ` + real("member_id"),
	"ledger":          `SELECT entry_id, member_id, occurred_at, kind, points FROM points AS x WHERE ` + real("member_id"),
	"rewards":         `SELECT reward_id, cost_points, unit_cost, active_from, active_to FROM rewards`,
	"redemptions":     `SELECT member_id, reward_id, redeemed_at, points, value, used_at FROM redemptions AS x WHERE status <> 'cancelled' AND ` + real("member_id"),
	"engagement":      `SELECT member_id, occurred_at, kind, campaign_id FROM engagement AS x WHERE ` + real("member_id"),
	"surveys":         `SELECT member_id, responded_at, kind, score, scale_min, scale_max FROM surveys AS x WHERE ` + real("member_id"),
	"experiments":     `SELECT experiment_id, started_at FROM experiments`,
	"assignments":     `SELECT experiment_id, unit_id, unit_id AS member_id, arm, assigned_at FROM assignments AS x WHERE ` + real("unit_id"),
	"all_members":     `SELECT enrolled_at, cancelled_at, consent_marketing, is_test FROM members`,
	"all_points":      `SELECT kind, points, occurred_at FROM points`,
	"all_redemptions": `SELECT points, redeemed_at FROM redemptions`,
}

func real(id string) string {
	return `NOT EXISTS (SELECT 1 FROM members AS t WHERE t.member_id = x.` + id + ` AND t.is_test)`
}

var (
	heads  = regexp.MustCompile(`(?m)^-- name: (\w+)\s*$`)
	hinted = regexp.MustCompile(`(?m)^-- postgres: (\w+)=(\w+)\s*$`)
	froms  = regexp.MustCompile(`\b(FROM|JOIN) (\w+)\b( AS \w+\b| [a-z]\b)?`)
)

// parse returns the queries of a file by name.
func parse(text string) map[string]string {
	out := map[string]string{}
	found := heads.FindAllStringSubmatchIndex(text, -1)
	for i, m := range found {
		end := len(text)
		if i+1 < len(found) {
			end = found[i+1][0]
		}
		out[text[m[2]:m[3]]] = strings.TrimSpace(text[m[1]:end])
	}
	return out
}

// hints returns the planner's settings in a query's comments. An engine that
// takes none runs the query without.
func hints(sql string) []warehouse.Hint {
	var out []warehouse.Hint
	for _, m := range hinted.FindAllStringSubmatch(sql, -1) {
		out = append(out, warehouse.Hint{Setting: m[1], Value: m[2]})
	}
	return out
}

// inline puts the relations in place of their names.
func inline(sql string, relations map[string]string) string {
	return froms.ReplaceAllStringFunc(sql, func(match string) string {
		m := froms.FindStringSubmatch(match)
		text, ok := relations[m[2]]
		if !ok {
			return match // a subselect's name, or a function
		}
		alias := m[3]
		if alias == "" {
			alias = " AS " + m[2]
		}
		return m[1] + " (" + text + ")" + alias
	})
}

// shared returns the hand-written queries that lie beside the repository; none
// where they are not there.
func shared(t testing.TB) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(testdesk.Root(t), "..", "shared", "bench", "queries.sql"))
	if err != nil {
		t.Log("../shared/bench/queries.sql is not there: only the queries of handwritten.sql are compared with")
		return nil
	}
	// The demo program names its experiments by words.
	return parse(strings.ReplaceAll(string(text), "experiment_id = CAST($1 AS integer)", "experiment_id = CAST($1 AS text)"))
}
