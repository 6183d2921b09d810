package btyd

import (
	"compress/gzip"
	"encoding/csv"
	"math"
	"os"
	"strconv"
	"testing"

	"loyaltymcp/stats/internal/golden"
)

// The whole CDNOW cohort, 23,570 customers: 39 weeks to fit, 39 to hold out.
func TestCDNOWCohort(t *testing.T) {
	f, err := os.Open(golden.Path(t, "..", "data", "cdnow", "orders.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(z).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var log []Purchase
	for _, r := range rows[1:] {
		v, err := strconv.ParseFloat(r[3], 64)
		if err != nil {
			t.Fatal(err)
		}
		log = append(log, Purchase{r[0], day(t, r[1]), v})
	}
	s := Summarize(log, day(t, "1997-09-30"), day(t, "1998-06-30"), 7)
	if len(s) != 23570 {
		t.Fatalf("got %d members", len(s))
	}
	o := Holdout{Time: 39}
	for _, v := range s {
		o.Histories, o.Later = append(o.Histories, v.History), append(o.Later, v.Later)
	}
	d := data(t, o.Histories, nil)
	bg, err := Fit(BGNBD{}, d)
	if err != nil {
		t.Fatal(err)
	}
	mbg, err := Fit(MBGNBD{}, d)
	if err != nil {
		t.Fatal(err)
	}
	pareto, err := Fit(ParetoNBD{}, d)
	if err != nil {
		t.Fatal(err)
	}
	// Maxima found by other programs.
	for _, c := range []struct {
		name      string
		got, want float64
	}{{"BG/NBD", bg.LogLik, -95368.4}, {"MBG/NBD", mbg.LogLik, -95337.0}, {"Pareto/NBD", pareto.LogLik, -95415.1}} {
		if math.Abs(c.got-c.want) > 0.1 {
			t.Errorf("%s: log-likelihood %.2f, want %.1f", c.name, c.got, c.want)
		}
	}
	ranked, err := Choose([]Candidate{{"BG/NBD", bg.Model, bg.LogLik}, {"MBG/NBD", mbg.Model, mbg.LogLik}, {"Pareto/NBD", pareto.Model, pareto.LogLik}}, &o)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range ranked {
		t.Logf("%-10s log-likelihood %.1f, score %.5f, behind %.5f (%.5f)", r.Name, r.LogLik, r.Score, r.Behind, r.SE)
	}
	bands, err := Calibrate(mbg.Model, o, 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range bands {
		t.Logf("%5.0f members: alive %.3f, to buy %.3f, bought %.3f, purchases %.3f, were %.3f", b.Members, b.PAlive, b.Predicted, b.Active, b.Expected, b.Bought)
	}
	// The models are known to expect too little of the one-time buyers here;
	// the order holds.
	if first, last := bands[0], bands[len(bands)-1]; !(last.Active > 4*first.Active && math.Abs(last.Bought/last.Expected-1) < 0.15) {
		t.Errorf("first %+v, last %+v", first, last)
	}
	if ranked[0].Score == 0 || !(ranked[2].Behind >= ranked[1].Behind) {
		t.Errorf("got %+v", ranked)
	}
}
