package diagnosehealth_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/run"
)

// reference decodes the expected values of a golden case, and skips where they
// are absent.
func reference(t *testing.T, v any, elem ...string) (folder string) {
	t.Helper()
	folder = filepath.Join(append([]string{testdesk.Root(t), "..", "shared", "golden"}, elem...)...)
	text, err := os.ReadFile(filepath.Join(folder, "expected.json"))
	if err != nil {
		t.Skipf("the reference values are absent: %v", err)
	}
	if err := json.Unmarshal(text, v); err != nil {
		t.Fatal(err)
	}
	return folder
}

// The stage, from the log of orders, finds the maximum that other programs found
// for the CDNOW sample. They had times in weeks; the likelihood in days is lower
// by ln 7 a repeat purchase.
func TestCDNOWSampleThroughTheStage(t *testing.T) {
	var fit struct {
		Tolerance struct {
			Params float64 `json:"fit_param_rel"`
			SE     float64 `json:"se_rel"`
		} `json:"tolerance"`
		Fit struct {
			Params map[string]float64 `json:"params"`
			SE     map[string]float64 `json:"se"`
			LogLik float64            `json:"loglik"`
		} `json:"fit"`
	}
	reference(t, &fit, "clv", "cdnow_sample_mbgnbd")
	var log struct {
		N           int     `json:"n"`
		TotalRepeat float64 `json:"total_repeat"`
	}
	folder := reference(t, &log, "clv", "cdnow_log_to_summary")
	d := testdesk.Config(t, `program: {name: CDNOW, currency: USD}
feeds:
  orders:
    sql: SELECT sample_id || '/' || date AS order_id, sample_id AS member_id, date AS ordered_at, CAST(sum(dollars) AS decimal(18,2)) AS net FROM transactions GROUP BY sample_id, date
`, folder, "duckdb:"+folder)
	c := diagnose(t, d, run.Request{Window: "1997-09-01..1997-10-01"}).Churn
	if c.Model == nil {
		t.Fatalf("no model: %s", c.Reason)
	}
	if got := *c.Figures[0].N; got != int64(log.N) {
		t.Errorf("%d members, want %d", got, log.N)
	}
	m := c.Model.Candidates[0]
	for _, p := range m.Parameters {
		want, se := fit.Fit.Params[p.Name], fit.Fit.SE[p.Name]
		if p.Name == "alpha" {
			want, se = 7*want, 7*se
		}
		if math.Abs(p.Value/want-1) > fit.Tolerance.Params {
			t.Errorf("%s = %v, want %v", p.Name, p.Value, want)
		}
		if p.SE == nil || math.Abs(*p.SE/se-1) > fit.Tolerance.SE {
			t.Errorf("standard error of %s = %v, want %v", p.Name, *p.SE, se)
		}
	}
	// The reference had its times rounded to hundredths of a week.
	if got := *m.LogLikelihood + log.TotalRepeat*math.Log(7); math.Abs(got-fit.Fit.LogLik) > 0.05 {
		t.Errorf("log-likelihood %v in weeks, want %v", got, fit.Fit.LogLik)
	}
}
