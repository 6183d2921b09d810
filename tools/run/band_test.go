package run_test

import (
	"strings"
	"testing"

	"loyaltymcp/internal/fault"
	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/config"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
)

func catalog(t *testing.T) metric.Catalog {
	t.Helper()
	c, err := metric.Load(metric.Choice{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestParseBand(t *testing.T) {
	for _, c := range []struct {
		text string
		want run.Band
	}{
		{"redemption_rate<0.12", run.Band{KPI: "redemption_rate", Op: "<", Limit: 0.12}},
		{"redemption_rate<=.12", run.Band{KPI: "redemption_rate", Op: "<=", Limit: 0.12}},
		{"redemption_rate < 12%", run.Band{KPI: "redemption_rate", Op: "<", Limit: 0.12}},
		{"redemption_rate < 12 %", run.Band{KPI: "redemption_rate", Op: "<", Limit: 0.12}},
		{"revenue>1000000", run.Band{KPI: "revenue", Op: ">", Limit: 1e6}},
		{"csat>=0.7", run.Band{KPI: "csat", Op: ">=", Limit: 0.7}},
		{"churn_rate>5%", run.Band{KPI: "churn_explicit", Op: ">", Limit: 0.05}},
		{"churn>5%", run.Band{KPI: "churn_explicit", Op: ">", Limit: 0.05}},
		{"churn_explicit>5%", run.Band{KPI: "churn_explicit", Op: ">", Limit: 0.05}},
		{"revenue:-10%", run.Band{KPI: "revenue", Op: "change", Limit: -0.10}},
		{"revenue : + 12.5 %", run.Band{KPI: "revenue", Op: "change", Limit: 0.125}},
		{"churn_rate:+20%", run.Band{KPI: "churn_explicit", Op: "change", Limit: 0.2}},
	} {
		got, err := run.ParseBand("alert_threshold", c.text, catalog(t))
		if err != nil || got != c.want {
			t.Errorf("%q = %+v, %v, want %+v", c.text, got, err, c.want)
		}
	}
}

func TestParseBandRefuses(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"redemption_rat<0.12", "valid: redemption_rate"},
		{"revenu:-10%", "valid: revenue"},
		{"redemption_rate", "KPI<number"}, {"redemption_rate=0.12", "KPI<number"}, {"<0.12", "KPI<number"}, {"redemption_rate<", "KPI<number"},
		{"redemption_rate<high", "KPI<number"}, {"redemption_rate<1,2", "KPI<number"}, {"redemption_rate<1.2.3", "KPI<number"},
		{"revenue:10%", "KPI:-10%"}, {"revenue:-10", "KPI:-10%"}, {"revenue:-0%", "names no change"}, {"revenue:--10%", "KPI:-10%"},
		{"redemption_rate<" + strings.Repeat("9", 400), "holds no number"},
		{"redemption_rate<NaN", "KPI<number"}, {"redemption_rate<1e9", "KPI<number"}, {"Revenue>1", "KPI<number"},
		{"revenue>1; DROP TABLE members", "KPI<number"},
	} {
		got, err := run.ParseBand("alert_threshold", c.text, catalog(t))
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%q = %+v, %v, want an error of kind invalid", c.text, got, err)
			continue
		}
		if !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "alert_threshold: ") {
			t.Errorf("%q: error %q, want one on alert_threshold with %q", c.text, err, c.want)
		}
	}
}

func TestBreached(t *testing.T) {
	number := func(x float64) *float64 { return &x }
	for _, c := range []struct {
		band          string
		value, change *float64
		want          bool
	}{
		{"csat<0.7", number(0.69), nil, true}, {"csat<0.7", number(0.7), nil, false}, {"csat<=0.7", number(0.7), nil, true},
		{"csat>0.7", number(0.7), nil, false}, {"csat>=0.7", number(0.7), nil, true}, {"csat>0.7", number(0.71), nil, true},
		{"csat<0.7", nil, number(-1), false}, {"csat<0.7", nil, nil, false},
		{"revenue:-10%", nil, number(-0.1), true}, {"revenue:-10%", number(1), number(-0.099), false}, {"revenue:-10%", number(1), number(0.5), false},
		{"revenue:-10%", number(1), nil, false},
		{"revenue:+10%", nil, number(0.1), true}, {"revenue:+10%", nil, number(-0.5), false},
	} {
		b, err := run.ParseBand("alert_threshold", c.band, catalog(t))
		if err != nil {
			t.Fatal(err)
		}
		if got := b.Breached(c.value, c.change); got != c.want {
			t.Errorf("%s breached by value %v, change %v = %v, want %v", c.band, show(c.value), show(c.change), got, c.want)
		}
	}
}

func show(x *float64) any {
	if x == nil {
		return nil
	}
	return *x
}

// What a band is shown as can be written again.
func TestBandString(t *testing.T) {
	for _, text := range []string{"redemption_rate<0.12", "revenue:-10%", "revenue:+12.5%", "orders>=250"} {
		b, err := run.ParseBand("alert_threshold", text, catalog(t))
		if err != nil {
			t.Fatal(err)
		}
		if b.String() != text {
			t.Errorf("%s is shown as %s", text, b)
		}
	}
}

// Money counts in millions; a limit must still be readable as a band.
func TestBandStringOfAMillion(t *testing.T) {
	b, err := run.ParseBand("alert_threshold", "revenue<2500000", catalog(t))
	if err != nil {
		t.Fatal(err)
	}
	if again, err := run.ParseBand("alert_threshold", b.String(), catalog(t)); err != nil || again != b {
		t.Errorf("revenue<2500000 is shown as %s, which reads as %+v, %v", b, again, err)
	}
}

func TestBands(t *testing.T) {
	c := &config.Config{Thresholds: map[string]config.Bands{
		"revenue": {Warning: ":-10%", Critical: ":-20%"}, "churn_rate": {Critical: " > 1 %"}, "csat": {Warning: "<0.7"},
	}}
	got, err := run.Bands(c, " redemption_rate<0.12, ,churn_rate>5%,", catalog(t))
	if err != nil {
		t.Fatal(err)
	}
	want := []run.Band{
		{"churn_explicit", ">", 0.01, "critical", "config"}, {"csat", "<", 0.7, "warning", "config"},
		{"revenue", "change", -0.1, "warning", "config"}, {"revenue", "change", -0.2, "critical", "config"},
		{"redemption_rate", "<", 0.12, "critical", "request"}, {"churn_explicit", ">", 0.05, "critical", "request"},
	}
	if len(got) != len(want) {
		t.Fatalf("bands = %+v, want %+v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("band %d = %+v, want %+v", i, got[i], want[i])
		}
	}
	if none, err := run.Bands(&config.Config{}, "", catalog(t)); err != nil || none == nil || len(none) != 0 {
		t.Errorf("no bands = %v, %v, want an empty list", none, err)
	}
	c.Thresholds = map[string]config.Bands{"revenu": {Warning: ">1"}}
	_, err = run.Bands(c, "", catalog(t))
	if err == nil || !strings.HasPrefix(err.Error(), "thresholds.revenu.warning: ") || !strings.Contains(err.Error(), "valid: revenue") {
		t.Errorf("a misspelt KPI in the config: error %v, want one on thresholds.revenu.warning that names revenue", err)
	}
}

// Every form that the config's schema lets through has a meaning.
func TestConfigBandsReachTheDesk(t *testing.T) {
	text := "program: {name: Small, currency: EUR}\nfeeds: {members: {table: members}}\nthresholds: {revenue: {warning: \": - 10 %\", critical: \" >= 5\"}}\n"
	c, err := config.Parse("loyalty.yaml", []byte(text), t.TempDir(), testdesk.Schemas(t))
	if err != nil {
		t.Fatal(err)
	}
	got, err := run.Bands(c, "", catalog(t))
	if err != nil || len(got) != 2 || got[0].Limit != -0.1 || got[1].Limit != 5 {
		t.Errorf("bands = %+v, %v, want a change of -10%% and 5", got, err)
	}
}
