package pullmetrics_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse/postgres/pgtest"
)

// table is a feed as a source holds it: cells as text, "" for null.
type table struct {
	feed     string
	names    []string
	types    []string
	required int // so many first columns are required
	rows     [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// newTable takes the columns as "name type", the required ones first.
func newTable(feed string, required int, columns ...string) *table {
	t := &table{feed: feed, required: required}
	for _, c := range columns {
		name, typ, _ := strings.Cut(c, " ")
		t.names, t.types = append(t.names, name), append(t.types, typ)
	}
	return t
}

// tables returns the mapped feeds as tables.
func (p *program) tables() []*table {
	id := func(n int64) string {
		if n == 0 {
			return ""
		}
		return strconv.FormatInt(n, 10)
	}
	amount := func(n int64) string { return strconv.FormatFloat(float64(n)/1e4, 'f', -1, 64) }
	maybe := func(n *int64, show func(int64) string) string {
		if n == nil {
			return ""
		}
		return show(*n)
	}
	whole := func(n int64) string { return strconv.FormatInt(n, 10) }
	flag := func(b *bool) string {
		if b == nil {
			return ""
		}
		return strconv.FormatBool(*b)
	}
	moment := func(feed string) func(time.Time) string {
		zone := time.UTC
		if p.wall[feed] {
			zone = p.zone
		}
		return func(t time.Time) string {
			if t.IsZero() {
				return ""
			}
			return t.In(zone).Format(time.DateTime)
		}
	}
	at := moment("members")
	members := newTable("members", 2, "member_id bigint", "enrolled_at timestamp", "tier text", "region text", "channel text", "status text",
		"cancelled_at timestamp", "consent_marketing boolean", "is_test boolean")
	for _, m := range p.members {
		members.add(id(m.id), at(m.enrolled), m.tier, m.region, m.channel, m.status, at(m.cancelled), flag(m.consent), flag(m.test))
	}
	tiers := newTable("tiers", 2, "tier text", "rank integer")
	for _, t := range p.tiers {
		tiers.add(t.name, whole(int64(t.rank)))
	}
	at = moment("tier_history")
	spells := newTable("tier_history", 3, "member_id bigint", "tier text", "effective_from timestamp", "effective_to timestamp")
	for _, s := range p.spells {
		spells.add(id(s.member), s.tier, at(s.from), at(s.to))
	}
	at = moment("orders")
	orders := newTable("orders", 3, "order_id bigint", "ordered_at timestamp", "net decimal(18,4)", "member_id bigint", "gross decimal(18,4)",
		"discount decimal(18,4)", "refund decimal(18,4)", "margin decimal(18,4)", "items integer", "status text", "guest boolean")
	for _, o := range p.orders {
		orders.add(id(o.id), at(o.at), amount(o.net), id(o.member), maybe(o.gross, amount), maybe(o.discount, amount), maybe(o.refund, amount),
			maybe(o.margin, amount), maybe(o.items, whole), o.status, flag(&o.guest))
	}
	at = moment("points")
	points := newTable("points", 5, "entry_id bigint", "member_id bigint", "occurred_at timestamp", "kind text", "points decimal(18,4)",
		"expires_at timestamp", "order_id bigint", "status text")
	for _, l := range p.lines {
		points.add(id(l.id), id(l.member), at(l.at), l.kind, amount(l.points), at(l.expires), id(l.order), l.status)
	}
	monthly := newTable("points_monthly", 4, "member_id bigint", "month date", "earned decimal(18,4)", "redeemed decimal(18,4)",
		"expired decimal(18,4)", "adjusted decimal(18,4)", "reward_value decimal(18,4)")
	for _, m := range p.monthly {
		monthly.add(id(m.member), m.at.Format(time.DateOnly), amount(m.earned), amount(m.redeemed), maybe(m.expired, amount), maybe(m.adjusted, amount), maybe(m.rewardValue, amount))
	}
	rewards := newTable("rewards", 3, "reward_id bigint", "name text", "cost_points decimal(18,4)", "unit_cost decimal(18,4)")
	for _, r := range p.rewards {
		rewards.add(id(r.id), r.name, amount(r.cost), maybe(r.unitCost, amount))
	}
	at = moment("redemptions")
	redemptions := newTable("redemptions", 5, "redemption_id bigint", "member_id bigint", "reward_id bigint", "redeemed_at timestamp", "points decimal(18,4)",
		"value decimal(18,4)", "status text", "used_at timestamp")
	for _, r := range p.redemptions {
		redemptions.add(id(r.id), id(r.member), id(r.reward), at(r.at), amount(r.points), maybe(r.value, amount), r.status, at(r.used))
	}
	at = moment("engagement")
	events := newTable("engagement", 3, "member_id bigint", "occurred_at timestamp", "kind text", "campaign_id text")
	for _, e := range p.events {
		events.add(id(e.member), at(e.at), e.kind, e.campaign)
	}
	at = moment("surveys")
	answers := newTable("surveys", 3, "responded_at timestamp", "kind text", "score integer", "member_id bigint", "scale_min integer", "scale_max integer", "guest boolean")
	for _, a := range p.answers {
		answers.add(at(a.at), a.kind, maybe(a.score, whole), id(a.member), maybe(a.low, whole), maybe(a.high, whole), flag(&a.guest))
	}
	all := []*table{members, tiers, spells, orders, points, monthly, rewards, redemptions, events, answers}
	all = slices.DeleteFunc(all, func(t *table) bool { return !p.feeds[t.feed] })
	for _, t := range all {
		t.strip(p.without)
	}
	return all
}

// strip takes out optional columns that the source lacks, or that hold no
// value: a CSV column without one has no type.
func (t *table) strip(without map[string]bool) {
	for i := len(t.names) - 1; i >= t.required; i-- {
		if !slices.ContainsFunc(t.rows, func(row []string) bool { return row[i] != "" }) {
			without[t.feed+"."+t.names[i]] = true
		}
		if !without[t.feed+"."+t.names[i]] {
			continue
		}
		t.names, t.types = slices.Delete(slices.Clone(t.names), i, i+1), slices.Delete(slices.Clone(t.types), i, i+1)
		for j := range t.rows {
			t.rows[j] = slices.Delete(slices.Clone(t.rows[j]), i, i+1)
		}
	}
}

func (t *table) csv() []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Write(t.names)
	w.WriteAll(t.rows)
	return b.Bytes()
}

// config writes the program's loyalty.yaml; source says where a table is.
func (p *program) config(source func(*table) string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "program: {name: Small, currency: EUR, time_zone: %s, fiscal_year_start: %d}\n", p.zone, p.fiscalStart)
	fmt.Fprintf(&b, "definitions: {active_events: [%s], lapse_days: %d}\nfeeds:\n", strings.Join(p.activeEvents, ", "), p.lapse)
	for _, t := range p.tables() {
		fmt.Fprintf(&b, "  %s:\n    %s\n", t.feed, source(t))
		if p.wall[t.feed] {
			fmt.Fprintf(&b, "    time_zone: %s\n", p.zone)
		}
		if p.months[t.feed] {
			b.WriteString("    grain: month\n")
		}
	}
	return b.String()
}

// inFiles opens the program as a folder of CSV.
func (p *program) inFiles(t *testing.T) *run.Desk {
	t.Helper()
	folder := t.TempDir()
	for _, table := range p.tables() {
		if err := os.WriteFile(filepath.Join(folder, table.feed+".csv"), table.csv(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text := p.config(func(t *table) string {
		list := make([]string, len(t.names))
		for i, name := range t.names {
			list[i] = fmt.Sprintf("CAST(%s AS %s) AS %s", name, t.types[i], name)
		}
		return "sql: \"SELECT " + strings.Join(list, ", ") + " FROM " + t.feed + "\""
	})
	return bare(testdesk.Config(t, text, folder, "duckdb:"+folder))
}

// inPostgres opens the program as tables of a database, under names of its
// own.
func (p *program) inPostgres(t *testing.T, database string) *run.Desk {
	t.Helper()
	name := func(t *table) string { return fmt.Sprintf("p%d_%s", p.seed, t.feed) }
	for _, table := range p.tables() {
		columns := make([]pgtest.Column, len(table.names))
		for i := range columns {
			columns[i] = pgtest.Column{Name: table.names[i], Type: table.types[i]}
		}
		if err := pgtest.Execute(t.Context(), database, "DROP TABLE IF EXISTS "+name(table)); err != nil {
			t.Fatal(err)
		}
		if err := pgtest.LoadCSV(t.Context(), database, name(table), columns, bytes.NewReader(table.csv())); err != nil {
			t.Fatal(err)
		}
	}
	return bare(testdesk.Config(t, p.config(func(t *table) string { return "table: " + name(t) }), t.TempDir(), database))
}

// bare lets the desk's results hide nothing.
func bare(d *run.Desk) *run.Desk {
	d.Config.Privacy.MinMembers, d.Config.Privacy.MinMembersForRates = 0, 0
	return d
}
