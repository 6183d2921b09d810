package diagnosehealth

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/config"
	"loyaltymcp/tools/run"
)

// Retention and the test between cohorts are those of R's survival for the same
// times, the sexes of its patients standing for cohorts.
func TestRetentionAgainstReference(t *testing.T) {
	folder := filepath.Join(testdesk.Root(t), "..", "shared", "golden", "survival", "lung_km_cox")
	text, err := os.ReadFile(filepath.Join(folder, "expected.json"))
	if err != nil {
		t.Skipf("the reference values are absent: %v", err)
	}
	var want struct {
		All struct {
			Table []struct{ Time, Surv float64 } `json:"table"`
		} `json:"km_log_ci"`
		BySex struct {
			Table []struct {
				Strata                   string
				Time, Surv, Lower, Upper float64
			} `json:"table"`
		} `json:"km_by_sex_loglog"`
		LogRank struct{ ChiSq, DF, P float64 } `json:"logrank_sex"`
	}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(filepath.Join(folder, "lung.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	records, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []tenure
	by := map[string][]tenure{}
	for _, r := range records[1:] {
		days, err := strconv.ParseInt(r[0], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		closed, err := strconv.ParseInt(r[1], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		row := tenure{"sex=" + r[3], days, closed, 1}
		rows = append(rows, row)
		by[row.cohort] = append(by[row.cohort], row)
	}
	d := &doctor{desk: &run.Desk{Config: &config.Config{Privacy: config.Privacy{MinMembers: 1, MinMembersForRates: 1}}}}
	at := func(c CohortRetention, days float64) RetentionAt {
		for _, a := range c.At {
			if float64(a.Days) == days && a.Value != nil {
				return a
			}
		}
		return RetentionAt{}
	}
	compared := 0
	near := func(what string, got, want float64) {
		if compared++; math.Abs(got-want) > 1e-6 {
			t.Errorf("%s = %v, want %v", what, got, want)
		}
	}
	for _, w := range want.All.Table {
		if a := at(d.retained(everyone, rows), w.Time); a.Value != nil {
			near("all", *a.Value, w.Surv)
		}
	}
	for _, w := range want.BySex.Table {
		if a := at(d.retained(w.Strata, by[w.Strata]), w.Time); a.Value != nil {
			near(w.Strata, *a.Value, w.Surv)
			near(w.Strata+" lower", a.Interval[0], w.Lower)
			near(w.Strata+" upper", a.Interval[1], w.Upper)
		}
	}
	if compared == 0 {
		t.Error("the reference and the stage have no time in common")
	}
	l := logRank(rows, []string{"sex=1", "sex=2"})
	if l == nil || math.Abs(l.ChiSquare-want.LogRank.ChiSq) > 1e-5 || float64(l.DF) != want.LogRank.DF || math.Abs(l.P/want.LogRank.P-1) > 1e-3 {
		t.Errorf("log-rank %+v, want %+v", l, want.LogRank)
	}
}

// Members who leave on the day they enrol were members for no day.
func TestRetentionOfTheFirstDay(t *testing.T) {
	d := &doctor{desk: &run.Desk{Config: &config.Config{Privacy: config.Privacy{MinMembers: 1, MinMembersForRates: 30}}}}
	c := d.retained(everyone, []tenure{{"2025", 0, 1, 10}, {"2025", 400, 0, 90}})
	for _, at := range c.At {
		switch {
		case at.Days <= 365 && (at.Value == nil || math.Abs(*at.Value-0.9) > 1e-9 || at.Interval == nil):
			t.Errorf("after %d days %+v, want 0.9 with an interval", at.Days, at)
		case at.Days > 365 && (at.Value != nil || at.Reason == ""):
			t.Errorf("after %d days %+v, where nobody was observed for so long", at.Days, at)
		}
	}
}
