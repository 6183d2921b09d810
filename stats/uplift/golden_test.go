package uplift_test

import (
	"encoding/csv"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"gonum.org/v1/gonum/mat"

	"loyaltymcp/stats/internal/golden"
	"loyaltymcp/stats/uplift"
)

// read returns the columns of a file of reference data.
func read(t *testing.T, elem ...string) map[string][]float64 {
	t.Helper()
	file, err := os.Open(golden.Path(t, elem...))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := make(map[string][]float64)
	for _, row := range rows[1:] {
		for j, name := range rows[0] {
			v, err := strconv.ParseFloat(row[j], 64)
			if err != nil {
				t.Fatal(err)
			}
			out[name] = append(out[name], v)
		}
	}
	return out
}

func truths(x []float64) []bool {
	var out []bool
	for _, v := range x {
		out = append(out, v == 1)
	}
	return out
}

func TestGoldenQini(t *testing.T) {
	var want struct {
		Tolerance       golden.Tolerance
		AUUC            float64 `json:"uplift_auc"`
		Qini            float64 `json:"qini_auc"`
		WithoutHarm     float64 `json:"qini_auc_no_negative"`
		At30            float64 `json:"uplift_at_30pct_overall"`
		At30ByArm       float64 `json:"uplift_at_30pct_by_group"`
		At10            float64 `json:"uplift_at_10pct_overall"`
		WeightedAverage float64 `json:"weighted_average_uplift"`
		Deciles         []struct {
			Treated     float64 `json:"n_treatment"`
			Control     float64 `json:"n_control"`
			TreatedMean float64 `json:"response_rate_treatment"`
			ControlMean float64 `json:"response_rate_control"`
			Uplift      float64
			TreatedSE   float64 `json:"std_treatment"`
			ControlSE   float64 `json:"std_control"`
			SE          float64 `json:"std_uplift"`
		} `json:"uplift_by_percentile"`
		QiniPoints [][2]float64 `json:"qini_curve_points"`
		GainPoints [][2]float64 `json:"uplift_curve_points"`
	}
	golden.Load(t, &want, "uplift", "qini_auuc", "expected.json")
	data := read(t, "uplift", "qini_auuc", "members.csv")
	trial := uplift.Trial{Score: data["score"], Treated: truths(data["treatment"]), Outcome: data["outcome"]}
	var w golden.Worst
	number := func(what string, wanted float64, got func() (float64, error)) {
		t.Helper()
		v, err := got()
		if err != nil {
			t.Fatal(err)
		}
		w.Check(t, what, v, wanted, want.Tolerance)
	}
	number("AUUC", want.AUUC, trial.AUUC)
	number("Qini", want.Qini, trial.Qini)
	number("Qini without harm", want.WithoutHarm, trial.QiniWithoutHarm)
	at := func(share float64, by func(float64) (uplift.Group, error)) func() (float64, error) {
		return func() (float64, error) { g, err := by(share); return g.Uplift, err }
	}
	number("at 30%", want.At30, at(0.3, trial.At))
	number("at 30% by arm", want.At30ByArm, at(0.3, trial.AtByArm))
	number("at 10%", want.At10, at(0.1, trial.At))
	groups, err := trial.Groups(10)
	if err != nil {
		t.Fatal(err)
	}
	w.Check(t, "weighted average", uplift.WeightedUplift(groups), want.WeightedAverage, want.Tolerance)
	for i, d := range want.Deciles {
		g := groups[i]
		for name, v := range map[string][2]float64{
			"treated": {g.Treated, d.Treated}, "control": {g.Control, d.Control}, "treated mean": {g.TreatedMean, d.TreatedMean},
			"control mean": {g.ControlMean, d.ControlMean}, "uplift": {g.Uplift, d.Uplift}, "treated se": {g.TreatedSE, d.TreatedSE},
			"control se": {g.ControlSE, d.ControlSE}, "se": {g.SE, d.SE},
		} {
			w.Check(t, fmt.Sprintf("decile %d %s", i, name), v[0], v[1], want.Tolerance)
		}
	}
	c, err := trial.Curve()
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range want.QiniPoints {
		k := slices.Index(c.N, p[0])
		if k < 0 {
			t.Fatalf("no point of the curve at %v", p[0])
		}
		w.Check(t, fmt.Sprintf("Qini curve at %v", p[0]), c.Qini[k], p[1], want.Tolerance)
		w.Check(t, fmt.Sprintf("gain curve at %v", p[0]), c.Gain[k], want.GainPoints[i][1], want.Tolerance)
	}
	w.Log(t)
}

// The reference's effects come from a causal forest; ours, from two straight
// lines on the logit scale, must be within a standard error of them.
func TestGoldenWinBack(t *testing.T) {
	type estimate struct {
		Est, SE float64
	}
	var want struct {
		ATE struct {
			Estimate float64
			SE       float64 `json:"std.err"`
		} `json:"ate_aipw"`
		ATO struct {
			Estimate float64
			SE       float64 `json:"std.err"`
		} `json:"ato_overlap"`
		Naive      float64             `json:"naive_difference"`
		Projection map[string]estimate `json:"best_linear_projection"`
		AUTOC      estimate
		Truth      float64            `json:"true_ate_sample"`
		Segments   map[string]float64 `json:"segment_truth"`
	}
	golden.Load(t, &want, "uplift", "winback_causal_forest", "expected.json")
	data := read(t, "uplift", "winback_causal_forest", "members.csv")
	y, treated := data["returned"], truths(data["treated"])
	names := []string{"months_since_last", "orders_12m", "app", "tier", "spend_12m"}
	x := mat.NewDense(len(y), len(names), nil)
	for j, name := range names {
		x.SetCol(j, data[name])
	}
	fold, propensity := make([]int, len(y)), make([]float64, len(y))
	for i := range fold {
		fold[i], propensity[i] = i%10, 0.5
	}
	n, err := uplift.CrossFit(y, treated, x, fold, 1)
	if err != nil {
		t.Fatal(err)
	}
	n.Propensity = propensity
	scores, err := uplift.Scores(y, treated, n)
	if err != nil {
		t.Fatal(err)
	}
	within := func(what string, got uplift.Effect, value, se float64) {
		t.Helper()
		t.Logf("%s: %.5f ± %.5f, reference %.5f ± %.5f", what, got.Value, got.SE, value, se)
		if math.Abs(got.Value-value) > se {
			t.Errorf("%s: %v, want %v within %v", what, got.Value, value, se)
		}
		if math.Abs(got.SE/se-1) > 0.1 {
			t.Errorf("%s: standard error %v, want about %v", what, got.SE, se)
		}
	}
	ate := uplift.Average(scores)
	within("effect", ate, want.ATE.Estimate, want.ATE.SE)
	ato, err := uplift.Overlap(y, treated, n)
	if err != nil {
		t.Fatal(err)
	}
	within("effect with overlap", ato, want.ATO.Estimate, want.ATO.SE)
	all, err := uplift.Trial{Score: make([]float64, len(y)), Treated: treated, Outcome: y}.At(1)
	if err != nil || math.Abs(all.Uplift-want.Naive) > 1e-12 {
		t.Errorf("difference of means %v, %v; want %v", all.Uplift, err, want.Naive)
	}
	if math.Abs(ate.Value-want.Truth) > 1.96*ate.SE {
		t.Errorf("effect %+v, the truth is %v", ate, want.Truth)
	}
	segments := map[string][]float64{}
	for i, v := range scores {
		if months := data["months_since_last"][i]; data["tier"][i] < 2 {
			name := "other, tier<2"
			if months >= 3 && months <= 9 {
				name = "months 3-9, tier<2"
			}
			segments[name] = append(segments[name], v)
		}
	}
	// Of the truth by segment only the order is to be met: the sample is small.
	strong, weak := uplift.Average(segments["months 3-9, tier<2"]), uplift.Average(segments["other, tier<2"])
	t.Logf("segments %+v and %+v, truth %v", strong, weak, want.Segments)
	if strong.Value <= weak.Value || len(want.Segments) != 2 {
		t.Errorf("effects %+v and %+v, want them in the order of %v", strong, weak, want.Segments)
	}
	line, err := uplift.Projection(scores, x.Slice(0, len(y), 0, 4))
	if err != nil {
		t.Fatal(err)
	}
	for j, name := range append([]string{"(Intercept)"}, names[:4]...) {
		within(name, line[j], want.Projection[name].Est, want.Projection[name].SE)
	}
	priority := make([]float64, len(y))
	for i := range priority {
		priority[i] = n.Treated[i] - n.Control[i]
	}
	autoc, err := uplift.AUTOC(scores, priority, 200, rand.New(rand.NewPCG(1, 1)))
	if err != nil {
		t.Fatal(err)
	}
	// The reference ranks by its forest, so the values differ; both say that
	// the ranking tells nothing.
	t.Logf("AUTOC: %.5f ± %.5f, reference %.5f ± %.5f", autoc.Value, autoc.SE, want.AUTOC.Est, want.AUTOC.SE)
	if math.Abs(autoc.Value) > 1.96*autoc.SE || math.Abs(autoc.SE/want.AUTOC.SE-1) > 0.15 {
		t.Errorf("AUTOC %+v, want about 0 with about %v", autoc, want.AUTOC.SE)
	}
}
