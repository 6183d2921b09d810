package run_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"loyaltymcp/internal/fault"
	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/run"
)

// The tests' moment is 2026-07-02 09:00 in UTC.

// program is a program whose orders are of the times, in UTC.
func program(zone string, times ...string) string {
	rows := make([]string, len(times))
	for i, t := range times {
		rows[i] = fmt.Sprintf("(%d, 1, TIMESTAMP '%s', 10)", i+1, t)
	}
	return `program: {name: Small, currency: EUR, time_zone: ` + zone + `}
feeds:
  members: {sql: "SELECT 1 AS member_id, TIMESTAMP '2020-01-01 00:00:00' AS enrolled_at, 'Gold' AS tier, 'North' AS area"}
  orders: {sql: "SELECT * FROM (VALUES ` + strings.Join(rows, ", ") + `) AS t(order_id, member_id, ordered_at, net)"}
`
}

func open(t *testing.T, text string, request run.Request) (*run.Run, error) {
	t.Helper()
	return testdesk.Config(t, text, t.TempDir(), "").Open(context.Background(), request)
}

func TestAsOf(t *testing.T) {
	for _, c := range []struct {
		name, program        string
		request              run.Request
		wantAsOf, wantWindow string
	}{
		{"the last day counts whole", program("UTC", "2026-01-05 10:00:00", "2026-06-20 00:00:01"), run.Request{}, "2026-06-21", "2026-05-22..2026-06-21"},
		{"today does not count", program("UTC", "2026-01-05 10:00:00", "2026-07-02 08:00:00"), run.Request{}, "2026-07-02", "2026-06-02..2026-07-02"},
		{"yesterday does", program("UTC", "2026-01-05 10:00:00", "2026-07-01 23:59:59"), run.Request{}, "2026-07-02", "2026-06-02..2026-07-02"},
		{"the future does not", program("UTC", "2026-01-05 10:00:00", "2026-06-20 10:00:00", "2026-07-02 09:00:01", "2031-01-01 00:00:00"), run.Request{}, "2026-06-21", "2026-05-22..2026-06-21"},
		// 02:00 in UTC is the evening before in Toronto.
		{"the program's midnight", program("America/Toronto", "2026-01-05 10:00:00", "2026-06-21 02:00:00"), run.Request{}, "2026-06-21", "2026-05-22..2026-06-21"},
		// 23:00 in UTC is the morning after in Berlin.
		{"the program's midnight, east", program("Europe/Berlin", "2026-01-05 10:00:00", "2026-06-20 23:00:00"), run.Request{}, "2026-06-22", "2026-05-23..2026-06-22"},
		{"an earlier as_of", program("UTC", "2026-01-05 10:00:00", "2026-06-20 10:00:00"), run.Request{AsOf: "2026-06-01", Window: "7d"}, "2026-06-01", "2026-05-25..2026-06-01"},
		{"the latest as_of", program("UTC", "2026-01-05 10:00:00", "2026-06-20 10:00:00"), run.Request{AsOf: "2026-06-21", Window: "7d"}, "2026-06-21", "2026-06-14..2026-06-21"},
		{"the earliest as_of", program("UTC", "2026-01-05 10:00:00", "2026-06-20 10:00:00"), run.Request{AsOf: "2026-01-06", Window: "7d"}, "2026-01-06", "2025-12-30..2026-01-06"},
		{"a quarter", program("UTC", "2026-01-05 10:00:00", "2026-06-20 10:00:00"), run.Request{Window: "quarter"}, "2026-06-21", "2026-01-01..2026-04-01"},
		{"a range fixes as_of", program("UTC", "2026-01-05 10:00:00", "2026-06-20 10:00:00"), run.Request{Window: "2026-03-01..2026-04-01"}, "2026-04-01", "2026-03-01..2026-04-01"},
		{"a range with its own end", program("UTC", "2026-01-05 10:00:00", "2026-06-20 10:00:00"), run.Request{Window: "2026-03-01..2026-04-01", AsOf: "2026-04-01"}, "2026-04-01", "2026-03-01..2026-04-01"},
		{"a range with spaces around", program("UTC", "2026-01-05 10:00:00", "2026-06-20 10:00:00"), run.Request{Window: " 2026-03-01..2026-04-01 "}, "2026-04-01", "2026-03-01..2026-04-01"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := open(t, c.program, c.request)
			if err != nil {
				t.Fatal(err)
			}
			if run.Day(r.AsOf) != c.wantAsOf || r.Window.Dates() != c.wantWindow {
				t.Errorf("as of %s, window %s; want %s, %s", run.Day(r.AsOf), r.Window.Dates(), c.wantAsOf, c.wantWindow)
			}
			if h, m, s := r.AsOf.Clock(); h+m+s != 0 || r.AsOf.Location().String() != r.Zone {
				t.Errorf("as_of %s is no midnight in %s", r.AsOf, r.Zone)
			}
		})
	}
}

func TestAsOfRefuses(t *testing.T) {
	some := program("UTC", "2026-01-05 10:00:00", "2026-06-20 10:00:00")
	for _, c := range []struct {
		name, program string
		request       run.Request
		kind          fault.Kind
		want          []string
	}{
		{"before the data", some, run.Request{AsOf: "2025-12-31"}, fault.Invalid, []string{"as_of: ", "before the data", "2026-01-05 to 2026-06-20"}},
		{"the first day itself", some, run.Request{AsOf: "2026-01-05"}, fault.Invalid, []string{"as_of: ", "before the data", "exclusive"}},
		{"after the data", some, run.Request{AsOf: "2026-06-22"}, fault.Invalid, []string{"as_of: ", "after the data", "2026-06-21"}},
		{"today", program("UTC", "2026-01-05 10:00:00", "2026-07-02 08:00:00"), run.Request{AsOf: "2026-07-03"}, fault.Invalid, []string{"after the data", "2026-07-02"}},
		{"no date", some, run.Request{AsOf: "June"}, fault.Invalid, []string{"as_of: ", `"June"`, "YYYY-MM-DD"}},
		{"no day of the calendar", some, run.Request{AsOf: "2026-02-30"}, fault.Invalid, []string{"as_of: ", "2026-02-30"}},
		{"range and another as_of", some, run.Request{Window: "2026-03-01..2026-04-01", AsOf: "2026-04-02"}, fault.Invalid, []string{"as_of: ", "2026-03-01..2026-04-01", "make it 2026-04-01"}},
		{"range before the data", some, run.Request{Window: "2025-03-01..2025-04-01"}, fault.Invalid, []string{"window: ", "before the data"}},
		{"range after the data", some, run.Request{Window: "2026-06-01..2026-07-01"}, fault.Invalid, []string{"window: ", "after the data", "2026-06-21"}},
		{"no window", some, run.Request{Window: "month"}, fault.Invalid, []string{"window: ", "month"}},
		{"no dimension", some, run.Request{Dimensions: []string{"tier", "teir"}}, fault.Invalid, []string{"dimensions: ", `"teir"`, "valid: tier", "loyalty.yaml"}},
		{"a column that is no dimension", some, run.Request{Dimensions: []string{"area"}}, fault.Invalid, []string{"dimensions: ", `"area"`}},
		{"no threshold", some, run.Request{AlertThreshold: "csatt<0.7"}, fault.Invalid, []string{"alert_threshold: ", "csat"}},
		{"only the future", `program: {name: Small, currency: EUR}
feeds:
  members: {sql: "SELECT 1 AS member_id, TIMESTAMP '2031-01-01 00:00:00' AS enrolled_at"}
  orders: {sql: "SELECT 1 AS order_id, TIMESTAMP '2031-01-01 00:00:00' AS ordered_at, 1 AS net"}
`, run.Request{}, fault.Unavailable, []string{"feeds: ", "no feed has a dated row up to now"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := open(t, c.program, c.request)
			if !fault.Is(err, c.kind) {
				t.Fatalf("run %+v, error %v, want an error of kind %s", r, err, c.kind)
			}
			for _, part := range c.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error %q lacks %q", err, part)
				}
			}
		})
	}
}

// A program whose data begin today has no complete day yet.
func TestNoCompleteDayYet(t *testing.T) {
	r, err := open(t, program("UTC", "2026-07-02 01:00:00", "2026-07-02 08:00:00"), run.Request{})
	if fault.KindOf(err) == fault.Internal || err == nil {
		t.Errorf("run %+v, error %v, want one for people", r, err)
	}
}

// A feed of months is complete to the end of its last month.
func TestAsOfByMonth(t *testing.T) {
	for _, c := range []struct{ last, want string }{
		{"2026-05-01", "2026-06-01"}, {"2026-06-01", "2026-07-01"},
		{"2026-07-01", "2026-07-01"}, // this month is not over
		{"2026-09-01", "2026-06-01"}, // the future counts nowhere: the months before it do
	} {
		r, err := open(t, `program: {name: Small, currency: EUR, time_zone: America/Toronto}
feeds:
  members: {sql: "SELECT 1 AS member_id, DATE '2020-01-01' AS enrolled_at", grain: month}
  points_monthly: {sql: "SELECT * FROM (VALUES (1, DATE '2026-01-01', 5, 0), (1, DATE '2026-05-01', 5, 0), (1, DATE '`+c.last+`', 5, 0)) AS t(member_id, month, earned, redeemed)"}
`, run.Request{Window: "quarter"})
		if err != nil {
			t.Errorf("last month %s: %v", c.last, err)
			continue
		}
		if got := run.Day(r.AsOf); got != c.want {
			t.Errorf("as of, last month %s = %s, want %s", c.last, got, c.want)
		}
	}
}

// Without events, members tell how far the data go.
func TestAsOfByMembersAlone(t *testing.T) {
	r, err := open(t, `program: {name: Small, currency: EUR}
feeds:
  members: {sql: "SELECT * FROM (VALUES (1, DATE '2026-01-01'), (2, DATE '2026-06-10')) AS t(member_id, enrolled_at)"}
`, run.Request{Window: "7d"})
	if err != nil {
		t.Fatal(err)
	}
	if got := run.Day(r.AsOf); got != "2026-06-11" {
		t.Errorf("as of = %s, want 2026-06-11", got)
	}
}

func TestOpenKeepsWhatWasAsked(t *testing.T) {
	d := testdesk.Config(t, program("Europe/Berlin", "2026-01-05 10:00:00", "2026-06-20 10:00:00", "2030-01-01 00:00:00"), t.TempDir(), "")
	r, err := d.Open(context.Background(), run.Request{Dimensions: []string{"tier", "cohort", "tier"}, AlertThreshold: "csat<0.7"})
	if err != nil {
		t.Fatal(err)
	}
	again, err := d.Resume(r.ID)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Join(again.Dimensions, ",") != "tier,cohort" {
		t.Errorf("dimensions = %v, want tier and cohort once each", again.Dimensions)
	}
	if again.Request.Window != "30d" || again.Request.Detail != run.Summary || len(again.Bands) != 1 {
		t.Errorf("request = %+v, bands %v, want the defaults and one band", again.Request, again.Bands)
	}
	if again.AsOf.Location().String() != "Europe/Berlin" || again.Window.Days() != 30 || run.Day(again.AsOf) != "2026-06-21" {
		t.Errorf("as of %s, %d days, want 2026-06-21 in Europe/Berlin, 30", again.AsOf, again.Window.Days())
	}
	if o := again.Feed("orders"); o.Rows != 3 || o.Future != 1 || run.Day(*o.Last) != "2026-06-20" {
		t.Errorf("orders = %+v, want 3 rows up to 2026-06-20, 1 in the future", o)
	}
	if again.Head() != r.Head() {
		t.Errorf("head = %+v, want %+v", again.Head(), r.Head())
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

const csvProgram = `program: {name: Small, currency: EUR}
warehouse: "duckdb:."
feeds:
  members: {table: members}
  orders: {table: orders}
`

// All figures of a run are of one state of the data, or there are none.
func TestDataChangedMeanwhile(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	write(t, filepath.Join(dir, "members.csv"), "member_id,enrolled_at\n1,2026-01-01\n")
	write(t, filepath.Join(dir, "orders.csv"), "order_id,ordered_at,net,member_id\n1,2026-06-01 10:00:00,5,1\n")
	d := testdesk.Config(t, csvProgram, dir, "")
	r, err := d.Open(ctx, run.Request{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := d.Snapshot(ctx, r)
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
	write(t, filepath.Join(dir, "orders.csv"), "order_id,ordered_at,net,member_id\n1,2026-06-01 10:00:00,5,1\n2,2026-06-02 10:00:00,7,1\n")
	if _, err := d.Snapshot(ctx, r); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "pull_metrics") || !strings.Contains(err.Error(), r.ID) {
		t.Errorf("after a change: error %v, want one of kind conflict that names %s and pull_metrics", err, r.ID)
	}
	next, err := d.Open(ctx, run.Request{})
	if err != nil {
		t.Fatal(err)
	}
	if next.Generation == r.Generation || next.Feed("orders").Rows != 2 {
		t.Errorf("the next run: generation %s, %d orders; want another than %s, 2", next.Generation, next.Feed("orders").Rows, r.Generation)
	}
	// A file that joins the folder changes the state as well.
	write(t, filepath.Join(dir, "rewards.csv"), "reward_id,name,cost_points\n1,Mug,5\n")
	if _, err := d.Snapshot(ctx, next); !fault.Is(err, fault.Conflict) {
		t.Errorf("after a new file: error %v, want one of kind conflict", err)
	}
}

func TestAnotherConfig(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	text := program("UTC", "2026-01-05 10:00:00", "2026-06-20 10:00:00")
	d := testdesk.Config(t, text, dir, "")
	r, err := d.Open(ctx, run.Request{})
	if err != nil {
		t.Fatal(err)
	}
	other := testdesk.Config(t, text+"thresholds: {csat: {warning: \"<0.7\"}}\n", dir, "")
	other.Store = d.Store
	if _, err := other.Resume(r.ID); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "loyalty.yaml") {
		t.Errorf("under another config: error %v, want one of kind conflict that names loyalty.yaml", err)
	}
	same := testdesk.Config(t, "# a comment\n"+text, dir, "")
	same.Store = d.Store
	if _, err := same.Resume(r.ID); err != nil {
		t.Errorf("under the same config: %v", err)
	}
	if got, err := same.Or(ctx, run.Args{RunID: r.ID}); err != nil || got.ID != r.ID {
		t.Errorf("Or with the id = %v, %v, want the run", got, err)
	}
	if got, err := same.Or(ctx, run.Args{Request: run.Request{Window: "7d"}}); err != nil || got.ID == r.ID || got.Window.Days() != 7 {
		t.Errorf("Or without an id = %v, %v, want a new run of 7 days", got, err)
	}
	if _, err := same.Or(ctx, run.Args{RunID: "run-1"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("Or with a malformed id: %v, want an error of kind invalid", err)
	}
}

// Why a feed can't tell about a window.
func TestUnknown(t *testing.T) {
	d := testdesk.Config(t, `program: {name: Small, currency: EUR}
feeds:
  members: {sql: "SELECT 1 AS member_id, DATE '2026-03-01' AS enrolled_at"}
  orders: {sql: "SELECT * FROM (VALUES (1, DATE '2026-03-10', 5), (2, DATE '2026-05-31', 5)) AS t(order_id, ordered_at, net)"}
  points_monthly: {sql: "SELECT * FROM (VALUES (1, DATE '2026-01-01', 5, 0), (1, DATE '2026-05-01', 5, 0)) AS t(member_id, month, earned, redeemed)"}
  engagement: {sql: "SELECT 1 AS member_id, CAST(NULL AS date) AS occurred_at, 'click' AS kind"}
`, t.TempDir(), "")
	ctx := context.Background()
	r, err := d.Open(ctx, run.Request{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := d.Snapshot(ctx, r)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, c := range []struct{ feed, window, want string }{
		{"orders", "2026-04-01..2026-05-01", ""}, {"orders", "2026-03-10..2026-03-20", ""},
		{"orders", "2026-03-09..2026-03-20", "starts on 2026-03-10"},
		{"members", "2026-01-01..2026-02-01", ""}, // nobody yet is a known number
		{"points_monthly", "2026-01-01..2026-04-01", ""}, {"points_monthly", "2026-01-15..2026-02-15", "cuts one"},
		{"points_monthly", "2025-12-01..2026-01-01", "starts on 2026-01-01"},
		{"engagement", "2026-04-01..2026-05-01", "no dated row"}, {"surveys", "2026-04-01..2026-05-01", "not mapped"},
	} {
		got := r.Unknown(s.Catalog, c.feed, window(t, c.window, "2026-06-01", 1, d.Config.Zone()))
		if c.want == "" && got != "" || c.want != "" && !strings.Contains(got, c.want) {
			t.Errorf("%s over %s: %q, want %q", c.feed, c.window, got, c.want)
		}
	}
}
