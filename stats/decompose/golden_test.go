package decompose_test

import (
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"

	"loyaltymcp/stats/decompose"
	"loyaltymcp/stats/internal/golden"
)

func TestGoldenKitagawa(t *testing.T) {
	var want struct {
		Before float64 `json:"rate_before"`
		After  float64 `json:"rate_after"`
		Delta  float64
		Mix    float64 `json:"mix_effect"`
		Rate   float64 `json:"rate_effect"`
		By     []struct {
			Segment   string
			Mix, Rate float64
			Centred   float64 `json:"mix_centered"`
		} `json:"by_segment"`
		Three struct {
			Rate float64 `json:"rate_effect_at_old_mix"`
			Mix  float64 `json:"mix_effect_at_old_rate"`
			Both float64 `json:"interaction"`
		} `json:"three_fold"`
	}
	golden.Load(t, &want, "decomposition", "kitagawa_two_component", "expected.json")
	n, r := [2][]float64{}, [2][]float64{}
	for _, row := range table(t, "kitagawa_two_component", "segments.csv") {
		p := period(row["pop"])
		n[p], r[p] = append(n[p], number(t, row["members"])), append(r[p], number(t, row["rate"]))
	}
	s, err := decompose.Kitagawa(n[0], r[0], n[1], r[1])
	if err != nil {
		t.Fatal(err)
	}
	tol := golden.Tolerance{Rel: 1e-9, Abs: 1e-12}
	var w golden.Worst
	w.Check(t, "before", s.Before, want.Before, tol)
	w.Check(t, "after", s.After, want.After, tol)
	w.Check(t, "delta", s.Delta(), want.Delta, tol)
	w.Check(t, "mix", s.Mix, want.Mix, tol)
	w.Check(t, "rate", s.Rate, want.Rate, tol)
	for i, b := range want.By {
		w.Check(t, b.Segment+" mix", s.Segments[i].Mix, b.Mix, tol)
		w.Check(t, b.Segment+" rate", s.Segments[i].Rate, b.Rate, tol)
		w.Check(t, b.Segment+" centred", s.Segments[i].MixCentered, b.Centred, tol)
	}
	rate, mix, both, err := decompose.ThreeFold(n[0], r[0], n[1], r[1])
	if err != nil {
		t.Fatal(err)
	}
	w.Check(t, "three-fold rate", rate, want.Three.Rate, tol)
	w.Check(t, "three-fold mix", mix, want.Three.Mix, tol)
	w.Check(t, "interaction", both, want.Three.Both, tol)
	w.Log(t)
}

// standard is a row of the reference's tables.
type standard struct {
	Factor        string
	Before, After float64
	Effect        float64 `json:"effect_after_minus_before"`
}

func (s standard) check(t *testing.T, w *golden.Worst, got decompose.Standardised, tol golden.Tolerance) {
	t.Helper()
	w.Check(t, s.Factor+" before", got.Before, s.Before, tol)
	w.Check(t, s.Factor+" after", got.After, s.After, tol)
	w.Check(t, s.Factor+" effect", got.Effect(), s.Effect, tol)
}

func TestGoldenTree(t *testing.T) {
	var want struct{ DasGupta []standard }
	golden.Load(t, &want, "decomposition", "kpi_tree_shapley", "expected.json")
	factors := []string{"members", "active", "orders_per_active", "aov"}
	x := [2][]float64{}
	for _, row := range table(t, "kpi_tree_shapley", "kpi.csv") {
		for _, f := range factors {
			x[period(row["pop"])] = append(x[period(row["pop"])], number(t, row[f]))
		}
	}
	product := func(x []float64) float64 { return x[0] * x[1] * x[2] * x[3] }
	got, err := decompose.DasGupta(x[0], x[1], product)
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, decompose.Standardised{Before: product(x[0]), After: product(x[1])})
	var w golden.Worst
	for i, s := range want.DasGupta {
		s.check(t, &w, got[i], golden.Tolerance{Rel: 1e-9})
	}
	w.Log(t)
}

func TestGoldenCrossClassified(t *testing.T) {
	var want struct{ DasGupta []standard }
	golden.Load(t, &want, "decomposition", "cross_classified_two_dimensions", "expected.json")
	at := map[[2]string]int{}
	var cells []decompose.Cell
	for _, row := range table(t, "cross_classified_two_dimensions", "cells.csv") {
		key := [2]string{row["channel"], row["tier"]}
		if _, ok := at[key]; !ok {
			at[key] = len(cells)
			cells = append(cells, decompose.Cell{Levels: key[:]})
		}
		c := &cells[at[key]]
		if period(row["pop"]) == 0 {
			c.Size0, c.Rate0 = number(t, row["members"]), number(t, row["rate"])
		} else {
			c.Size1, c.Rate1 = number(t, row["members"]), number(t, row["rate"])
		}
	}
	s, err := decompose.CrossClassified(cells)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]decompose.Standardised{"channel_struct": s.Dimensions[0], "tier_struct": s.Dimensions[1], "rate": s.Rate,
		"crude": {Before: s.Before, After: s.After}}
	var w golden.Worst
	for _, row := range want.DasGupta {
		row.check(t, &w, got[row.Factor], golden.Tolerance{Rel: 1e-8})
	}
	w.Log(t)
}

func TestGoldenAdtributor(t *testing.T) {
	type candidate struct {
		Dimension string
		Elements  []string
		Power     float64 `json:"explanatory_power"`
		Surprise  float64
	}
	var want struct {
		Candidates map[string][]candidate
		Elements   []struct {
			Dimension, Element string
			Predict, Real, EP  float64
			Surprise           float64
		}
	}
	golden.Load(t, &want, "decomposition", "adtributor_root_cause", "expected.json")
	tol := golden.Tolerance{Rel: 1e-8, Abs: 1e-13}
	leaves := table(t, "adtributor_root_cause", "leaves.csv")
	var dimensions []decompose.Dimension
	for _, name := range []string{"country", "tier", "channel"} {
		d := decompose.Dimension{Name: name}
		for _, row := range leaves {
			i := slices.IndexFunc(d.Elements, func(e decompose.Element) bool { return e.Name == row[name] })
			if i < 0 {
				i = len(d.Elements)
				d.Elements = append(d.Elements, decompose.Element{Name: row[name]})
			}
			d.Elements[i].Forecast += number(t, row["predict"])
			d.Elements[i].Real += number(t, row["real"])
		}
		dimensions = append(dimensions, d)
	}
	var w golden.Worst
	for _, e := range want.Elements {
		d := dimensions[slices.IndexFunc(dimensions, func(d decompose.Dimension) bool { return d.Name == e.Dimension })]
		explained, err := decompose.Explain(d)
		if err != nil {
			t.Fatal(err)
		}
		got := explained[slices.IndexFunc(explained, func(x decompose.Explained) bool { return x.Name == e.Element })]
		w.Check(t, e.Element+" power", got.Power, e.EP, tol)
		w.Check(t, e.Element+" surprise", got.Surprise, e.Surprise, tol)
	}
	for key, candidates := range want.Candidates {
		var th decompose.Thresholds
		if _, err := fmt.Sscanf(key, "Teep=%g,Tep=%g", &th.Element, &th.Dimension); err != nil {
			t.Fatal(errors.Join(errors.New(key), err))
		}
		got, err := decompose.Adtributor(dimensions, th)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(candidates) {
			t.Errorf("%s: %d candidates, want %d", key, len(got), len(candidates))
			continue
		}
		for i, c := range candidates {
			var names []string
			for _, e := range got[i].Elements {
				names = append(names, e.Name)
			}
			if got[i].Dimension != c.Dimension || !slices.Equal(names, c.Elements) {
				t.Errorf("%s: candidate %d is %s %v, want %s %v", key, i, got[i].Dimension, names, c.Dimension, c.Elements)
			}
			w.Check(t, key+" power", got[i].Power, c.Power, tol)
			w.Check(t, key+" surprise", got[i].Surprise, c.Surprise, tol)
		}
	}
	w.Log(t)
}

func period(pop string) int {
	if pop == "after" {
		return 1
	}
	return 0
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// table reads a CSV file of a case.
func table(t *testing.T, elem ...string) []map[string]string {
	t.Helper()
	file, err := os.Open(golden.Path(t, append([]string{"decomposition"}, elem...)...))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, row := range rows[1:] {
		m := map[string]string{}
		for i, name := range rows[0] {
			m[name] = row[i]
		}
		out = append(out, m)
	}
	return out
}
