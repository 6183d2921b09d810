package exportsegment_test

import (
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/exportsegment"
	"loyaltymcp/tools/reviewexperiments"
	"loyaltymcp/tools/run"
	"loyaltymcp/tools/surfaceinsights"
	"loyaltymcp/warehouse/demo"
)

// desk returns a desk of the demo program that may export into a folder of its own.
func desk(t *testing.T, export string) (*run.Desk, *run.Run) {
	t.Helper()
	d := testdesk.Config(t, string(demo.Config())+export, t.TempDir(), "duckdb:"+testdesk.DemoFile(t))
	r, err := d.Open(context.Background(), run.Request{Window: "30d"})
	if err != nil {
		t.Fatal(err)
	}
	return d, r
}

func members(t *testing.T, file string) [][]string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestExport(t *testing.T) {
	ctx := context.Background()
	d, r := desk(t, "\nexport: {folder: _out, columns: [tier, region]}\n")
	insights, err := surfaceinsights.Compute(ctx, d, r)
	if err != nil {
		t.Fatal(err)
	}
	want := 0.0
	for _, s := range insights.Segments {
		if s.ID == "win_back" {
			want = *s.Contactable
		}
	}
	share := 0.2
	args := exportsegment.Args{RunID: r.ID, Segment: "win_back", Holdout: &share}
	got, err := exportsegment.Export(ctx, d, args)
	if err != nil {
		t.Fatal(err)
	}
	rows := members(t, got.File)
	if float64(len(rows)-1) != want || got.Rows != int64(want) || got.Holdout+got.Treatment != got.Rows {
		t.Errorf("%d rows, %+v; %v can be contacted", len(rows)-1, got, want)
	}
	if head := strings.Join(rows[0], ","); head != "experiment_id,unit_id,arm,assigned_at,tier,region" {
		t.Errorf("head %s", head)
	}
	text, err := os.ReadFile(got.File)
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(text); hex.EncodeToString(sum[:]) != got.SHA256 {
		t.Error("the checksum is of another file")
	}
	var m exportsegment.Manifest
	manifest, err := os.ReadFile(got.Manifest)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(manifest, &m); err != nil {
		t.Fatal(err)
	}
	if m.Rows != got.Rows || m.Segment != "win_back" || m.Definition == "" || !strings.Contains(m.Condition, "lapses_quiet") || m.Share != 0.2 {
		t.Errorf("manifest %+v", m)
	}
	shown, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(shown), `"`+rows[1][1]+`"`) {
		t.Error("the result names a member")
	}
	// Once more: the very same. Another holdout: a conflict, and nothing is lost.
	again, err := exportsegment.Export(ctx, d, args)
	if err != nil || again.SHA256 != got.SHA256 {
		t.Errorf("again: %+v, %v", again, err)
	}
	share = 0.3
	if _, err := exportsegment.Export(ctx, d, args); err == nil || !strings.Contains(err.Error(), "exported already") {
		t.Errorf("with another holdout: %v", err)
	}
	entries, err := os.ReadDir(filepath.Dir(got.File))
	if err != nil || len(entries) != 3 {
		t.Errorf("%d files are there, want 3 (%v)", len(entries), err)
	}
}

// What was exported reads back as an experiment.
func TestExportReadsBackAsAnExperiment(t *testing.T) {
	for _, format := range []string{"csv", "parquet"} {
		t.Run(format, func(t *testing.T) { readsBack(t, format) })
	}
}

func readsBack(t *testing.T, format string) {
	d, _ := desk(t, "\nexport: {folder: _out}\n")
	r, err := d.Open(context.Background(), run.Request{AsOf: "2026-06-01"})
	if err != nil {
		t.Fatal(err)
	}
	share := 0.25
	got, err := exportsegment.Export(context.Background(), d, exportsegment.Args{RunID: r.ID, Segment: "points_expiring", Holdout: &share, Format: format})
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Dir(filepath.Dir(got.File))
	// A week later: the same members with orders since, from files alone.
	people, orders := "member_id,enrolled_at\n", "order_id,member_id,ordered_at,net\n"
	ids := got
	if format == "parquet" { // the same rows as CSV, from an export of their own
		other, _ := desk(t, "\nexport: {folder: _out}\n")
		r, err := other.Open(context.Background(), run.Request{AsOf: "2026-06-01"})
		if err != nil {
			t.Fatal(err)
		}
		if ids, err = exportsegment.Export(context.Background(), other, exportsegment.Args{RunID: r.ID, Segment: "points_expiring", Holdout: &share}); err != nil {
			t.Fatal(err)
		}
	}
	for i, row := range members(t, ids.File)[1:] {
		people += row[1] + ",2025-01-01 00:00:00\n"
		orders += fmt.Sprintf("%d,%s,%s,10\n", i, row[1], r.AsOf.AddDate(0, 0, i%30-10).Format("2006-01-02")+" 12:00:00")
	}
	for name, text := range map[string]string{"members.csv": people, "orders.csv": orders} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	config := `program: {name: Later, currency: EUR}
feeds:
  members: {file: members.csv}
  orders: {file: orders.csv}
  assignments: {file: _out/*.members.` + format + `}
  experiments: {file: _out/*.experiment.csv}
`
	later := testdesk.Config(t, config, folder, "")
	next, err := later.Open(context.Background(), run.Request{Window: "2026-06-01..2026-06-15"})
	if err != nil {
		t.Fatal(err)
	}
	review, err := reviewexperiments.Compute(context.Background(), later, next)
	if err != nil {
		t.Fatal(err)
	}
	if len(review.Experiments) != 1 || review.Experiments[0].ID != got.ExportID {
		t.Fatalf("experiments %+v", review.Experiments)
	}
	units := map[string]float64{}
	for _, a := range review.Experiments[0].Arms {
		units[a.Arm] = float64(a.Units)
	}
	if units["holdout"] != float64(got.Holdout) || units["treatment"] != float64(got.Treatment) {
		t.Errorf("arms %v, exported %d and %d", units, got.Holdout, got.Treatment)
	}
}

// Arms are balanced over seeds, the same each time, and independent between
// segments.
func TestArms(t *testing.T) {
	const seeds, units, share = 200, 1000, 0.2
	chi, both := 0.0, 0.0
	for seed := range seeds {
		held := 0.0
		for unit := range units {
			id := fmt.Sprint(unit)
			a := exportsegment.Arm(fmt.Sprint(seed), "win_back", id, share)
			if a != exportsegment.Arm(fmt.Sprint(seed), "win_back", id, share) {
				t.Fatal("not the same twice")
			}
			if a == exportsegment.Holdout {
				held++
				if exportsegment.Arm(fmt.Sprint(seed), "slipping", id, share) == exportsegment.Holdout {
					both++
				}
			}
		}
		d := held - units*share
		chi += d * d / (units * share * (1 - share))
	}
	// chi² of 200 degrees of freedom: mean 200, standard deviation 20.
	if math.Abs(chi-seeds) > 80 {
		t.Errorf("chi² of the arms' sizes %v of %d degrees of freedom", chi, seeds)
	}
	if got, want := both/(seeds*units), share*share; math.Abs(got-want) > 5*math.Sqrt(want/(seeds*units)) {
		t.Errorf("%v in both holdouts, want %v", got, want)
	}
}

// Bad input gets one sentence, and nothing is written.
func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct{ export, segment, want string }{
		"off":                {"", "win_back", "exports are off"},
		"outside":            {"\nexport: {folder: ../elsewhere}\n", "win_back", "not a folder below"},
		"taken for data":     {"\nexport: {folder: exports}\n", "win_back", "must begin with an underscore"},
		"absolute":           {"\nexport: {folder: /tmp/elsewhere}\n", "win_back", "not a folder below"},
		"unknown segment":    {"\nexport: {folder: _out}\n", "win_bak", "win_back"},
		"unknown column":     {"\nexport: {folder: _out, columns: [shoe_size]}\n", "win_back", "shoe_size"},
		"a forbidden column": {"\nexport: {folder: _out, columns: [cancelled_at]}\n", "win_back", "cancelled_at"},
		"too few":            {"\nexport: {folder: _out}\nprivacy: {min_members: 100000}\n", "win_back", "fewer than 100000"},
	} {
		t.Run(name, func(t *testing.T) {
			d, r := desk(t, c.export)
			_, err := exportsegment.Export(context.Background(), d, exportsegment.Args{RunID: r.ID, Segment: c.segment})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
			left, _ := filepath.Glob(filepath.Join(d.Config.Folder, "_out", "*"))
			hidden, _ := filepath.Glob(filepath.Join(d.Config.Folder, "_out", ".*"))
			if n := len(left) + len(hidden); n > 0 {
				t.Errorf("%d files are left", n)
			}
		})
	}
}
