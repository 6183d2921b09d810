package toolset_test

import (
	"context"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"loyaltymcp/internal/shardlint"
	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/run"
	"loyaltymcp/tools/surfaceinsights"
	"loyaltymcp/warehouse"
)

// listener is an engine that notes the text of every query.
type listener struct {
	warehouse.Engine
	mu    sync.Mutex
	texts map[string]bool
}

func (l *listener) Begin(ctx context.Context) (warehouse.Reader, error) {
	r, err := l.Engine.Begin(ctx)
	return listening{r, l}, err
}

type listening struct {
	warehouse.Reader
	to *listener
}

func (l listening) Query(ctx context.Context, sql string, args []any, scan func(warehouse.Row) error) error {
	l.to.mu.Lock()
	l.to.texts[sql] = true
	l.to.mu.Unlock()
	return l.Reader.Query(ctx, sql, args, scan)
}

// spread is how a cluster holds the demo's tables.
var spread = shardlint.Layout{"members": "member_id", "tier_history": "member_id", "orders": "member_id", "points": "member_id",
	"redemptions": "member_id", "engagement": "member_id", "surveys": "member_id", "assignments": "unit_id"}

// catalogs are mappings of the demo's files, from all there is to nearly
// nothing, with every shape in which the queries take another form.
var catalogs = map[string]string{
	"members only": "  members: {sql: \"SELECT member_id, enrolled_at FROM members\"}\n",
	"orders only":  "  members: {table: members}\n  orders: {table: orders}\n",
	"guests": "  members: {table: members}\n  orders: {sql: 'SELECT order_id, ordered_at, net, member_id, member_id < 9 AS guest, ordered_at AS ingested_at FROM orders'}\n" +
		"  surveys: {sql: 'SELECT responded_at, kind, score, member_id, member_id < 9 AS guest FROM surveys'}\n",
	"members twice, undated": "  members: {sql: \"SELECT member_id, enrolled_at, tier, CASE WHEN member_id < 9 THEN 'cancelled' ELSE status END AS status, CASE WHEN member_id > 9 THEN cancelled_at END AS cancelled_at, is_test FROM members" +
		" UNION ALL SELECT member_id, enrolled_at, tier, status, cancelled_at, is_test FROM members WHERE member_id < 5\"}\n  tiers: {table: tiers}\n  points: {table: points}\n",
	"overlapping spells": "  members: {table: members}\n  tiers: {table: tiers}\n  orders: {table: orders}\n  tier_history: {sql: 'SELECT member_id, tier, effective_from FROM tier_history'}\n",
	"currencies":         "  members: {table: members}\n  orders: {sql: \"SELECT order_id, ordered_at, net, member_id, CASE WHEN member_id < 9 THEN 'USD' ELSE 'EUR' END AS currency FROM orders\"}\n",
	"months": "  members: {table: members}\n  points_monthly: {sql: \"SELECT p.member_id, date_trunc('month', p.occurred_at) AS month," +
		" sum(CASE WHEN p.points > 0 THEN p.points ELSE 0 END) AS earned, sum(CASE WHEN p.points < 0 THEN -p.points ELSE 0 END) AS redeemed FROM points AS p GROUP BY p.member_id, 2\"}\n",
	"outcomes": "  members: {table: members}\n  points: {table: points}\n  experiments: {table: experiments}\n  assignments: {table: assignments}\n" +
		"  outcomes: {sql: \"SELECT a.experiment_id, a.unit_id, 'visits' AS metric, 1.5 AS value FROM assignments AS a\"}\n",
}

// Whatever is asked of whatever is mapped, every node of a cluster that is
// spread by member can answer for its own members.
func TestQueriesStayOnTheirShard(t *testing.T) {
	t.Parallel()
	p := testdesk.DemoProgram(t)
	_, definitions, _ := strings.Cut(p.Config, "definitions:")
	active := "definitions:\n  active_events: [order, earn, redeem, login, challenge]\n"
	texts := map[string]string{"all events": strings.Replace(p.Config, "active_events: [order, earn, redeem]", "active_events: [order, earn, redeem, login, challenge]", 1)}
	if definitions == "" || texts["all events"] == p.Config {
		t.Fatal("the demo's config has other definitions than this test knows")
	}
	// An experiment that is measured by every source, and by a quantile.
	texts["all events"] += `
experiments:
  - id: spring-double-points
    window_days: 30
    winsorize: 0.99
    secondary_metrics: [p90(revenue_per_member), active, cancelled, click_rate, csat_score, reward_cost, reward_cost_ratio, order_earn_rate, reward_attributed_share]
`
	for name, feeds := range catalogs {
		texts[name] = "program: {name: Small, currency: EUR, point_value: 0.01}\nfeeds:\n" + feeds + active
	}
	seen := map[string]bool{}
	for name, text := range texts {
		t.Run(name, func(t *testing.T) {
			l := &listener{texts: map[string]bool{}}
			d := testdesk.Wrapped(t, text, p.Files, p.File(t), func(e warehouse.Engine) warehouse.Engine { l.Engine = e; return l })
			s, err := d.Source.Snapshot(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			dimensions := strings.Join(s.Dimensions(), ",")
			s.Close()
			ctx := warehouse.Observe(t.Context(), func(e warehouse.Event) {
				l.mu.Lock()
				defer l.mu.Unlock()
				seen[strings.ReplaceAll(e.Query, "_", "")] = true
			})
			// What a program lacks may fail a stage; the queries before it count.
			for _, tool := range all(t, d) {
				if tool.Name == "monitor_loyalty" || tool.Name == "write_plan" {
					continue // the same queries once more
				}
				arguments := `{"window": "2026-05-01..2026-06-01", "dimensions": "` + dimensions + `"}`
				if tool.Name == "check_feeds" {
					arguments = "{}"
				}
				if _, err := tool.Call(ctx, []byte(arguments)); err != nil && tool.Name == "check_feeds" {
					t.Error(err)
				}
				if tool.Name == "pull_metrics" {
					for _, filters := range []string{`{"cohort": ["2025-06"]}`, `{"tier": ["Gold"], "cohort": ["2025-06"]}`} {
						tool.Call(ctx, []byte(`{"window": "2026-05-01..2026-06-01", "filters": `+filters+`}`))
					}
				}
			}
			// The members of a segment are read only for an export, which writes.
			if r, err := d.Open(ctx, run.Request{Window: "2026-05-01..2026-06-01"}); err == nil {
				if s, err := d.Snapshot(ctx, r); err == nil {
					surfaceinsights.Members(ctx, d, r, s, "win_back", nil, func(string, []string) error { return nil })
					s.Close()
				}
			}
			for text := range l.texts {
				for _, complaint := range shardlint.Check(text, spread) {
					title, _, _ := strings.Cut(text, "\n")
					t.Errorf("%s in: %.150s", complaint, title)
				}
			}
		})
	}
	for _, name := range templates(t) {
		if shared, ok := strings.CutPrefix(name, "breakdown/"); ok {
			name = "diagnosehealth/" + shared // the blocks' own queries run under the name of their user
		}
		if !seen[strings.ReplaceAll(name, "_", "")] {
			t.Errorf("%s was never rendered", name)
		}
	}
}

// templates returns the names of all query templates, as tool/query.
func templates(t *testing.T) []string {
	t.Helper()
	var out []string
	root := filepath.Join(testdesk.Root(t), "tools")
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		name := strings.TrimSuffix(filepath.Base(path), ".sql")
		if err != nil || filepath.Ext(path) != ".sql" || slices.Contains([]string{"blocks", "segments", "common", "rows", "reduce"}, name) {
			return err
		}
		folder, err := filepath.Rel(root, filepath.Dir(filepath.Dir(path)))
		out = append(out, folder+"/"+name)
		return err
	})
	if err != nil || len(out) < 30 {
		t.Fatalf("found %d templates: %v", len(out), err)
	}
	return out
}
