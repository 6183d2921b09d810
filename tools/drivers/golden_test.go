package drivers_test

import (
	"math"
	"slices"
	"testing"

	"loyaltymcp/tools/drivers"
)

func TestKitagawaReference(t *testing.T) {
	var want struct {
		Tolerance struct{ Rel, Abs float64 }
		Before    float64 `json:"rate_before"`
		After     float64 `json:"rate_after"`
		Delta     float64
		Mix       float64 `json:"mix_effect"`
		Rate      float64 `json:"rate_effect"`
		Segments  []struct {
			Segment string
			Rate    float64
			Mix     float64 `json:"mix_centered"`
		} `json:"by_segment"`
	}
	const name = "kitagawa_two_component"
	expected(t, name, &want)
	got, err := drivers.Ratio([]string{"tier"}, members(t, name, "segments.csv", "segment"))
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, got, want1 float64) {
		t.Helper()
		if math.Abs(got-want1) > want.Tolerance.Abs+want.Tolerance.Rel*math.Abs(want1) {
			t.Errorf("%s = %v, want %v", what, got, want1)
		}
	}
	check("before", got.Before, want.Before)
	check("now", got.Now, want.After)
	check("change", got.Change, want.Delta)
	check("mix", got.Mix, want.Mix)
	check("rate", got.Rate, want.Rate)
	if len(got.Drivers) != len(want.Segments) || got.Method != drivers.Kitagawa {
		t.Fatalf("%d drivers by %s, want %d by Kitagawa", len(got.Drivers), got.Method, len(want.Segments))
	}
	for _, s := range want.Segments {
		d := driver(t, got, s.Segment)
		check(s.Segment+" mix", d.Mix, s.Mix)
		check(s.Segment+" rate", d.Rate, s.Rate)
		check(s.Segment+" total", d.Total, s.Mix+s.Rate)
	}
}

// standardised is a row of the reference's tables.
type standardised struct {
	Factor string
	Before float64
	After  float64
	Effect float64 `json:"effect_after_minus_before"`
}

func TestCrossClassifiedReference(t *testing.T) {
	var want struct {
		Tolerance struct{ Rel float64 }
		DasGupta  []standardised
	}
	const name = "cross_classified_two_dimensions"
	expected(t, name, &want)
	d, err := drivers.Ratio([]string{"channel", "tier"}, members(t, name, "cells.csv", "channel", "tier"))
	if err != nil {
		t.Fatal(err)
	}
	if d.Method != drivers.DasGupta || d.Why != "" {
		t.Errorf("method %s (%s), want Das Gupta's", d.Method, d.Why)
	}
	got := map[string]float64{"channel_struct": d.Structure[0].Mix, "tier_struct": d.Structure[1].Mix, "rate": d.Rate, "crude": d.Change}
	for _, w := range want.DasGupta {
		if math.Abs(got[w.Factor]-w.Effect) > want.Tolerance.Rel*math.Abs(w.Effect) {
			t.Errorf("%s = %v, want %v", w.Factor, got[w.Factor], w.Effect)
		}
	}
	if len(want.DasGupta) != len(got) {
		t.Errorf("reference has %d factors, want %d", len(want.DasGupta), len(got))
	}
}

func TestProductReference(t *testing.T) {
	var want struct {
		Tolerance struct{ Rel float64 }
		DasGupta  []standardised
	}
	const name = "kpi_tree_shapley"
	expected(t, name, &want)
	table := rows(t, name, "kpi.csv")
	var factors []drivers.Factor
	for _, w := range want.DasGupta {
		if w.Factor != "crude" {
			factors = append(factors, drivers.Factor{Name: w.Factor, Before: number(t, table[0][w.Factor]), Now: number(t, table[1][w.Factor])})
		}
	}
	d, err := drivers.Product(factors)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range want.DasGupta {
		got := d.Change
		if w.Factor != "crude" {
			got = driver(t, d, w.Factor).Total
		}
		if math.Abs(got-w.Effect) > want.Tolerance.Rel*math.Abs(w.Effect) {
			t.Errorf("%s = %v, want %v", w.Factor, got, w.Effect)
		}
	}
}

// Our ranking has another measure of surprise than the paper's; where one
// element of one dimension is at fault they agree on the order, and on the
// powers, which are shares of the change.
func TestRankReference(t *testing.T) {
	var want struct {
		Candidates map[string][]struct {
			Dimension string
			Elements  []string
		}
		Elements []struct {
			Dimension, Element string
			EP                 float64
		}
	}
	const name = "adtributor_root_cause"
	expected(t, name, &want)
	leaves := rows(t, name, "leaves.csv")
	var splits []drivers.Decomposition
	for _, dimension := range []string{"country", "tier", "channel"} {
		var cells []drivers.Cell
		for _, leaf := range leaves {
			i := slices.IndexFunc(cells, func(c drivers.Cell) bool { return c.Labels[0] == leaf[dimension] })
			if i < 0 {
				i, cells = len(cells), append(cells, drivers.Cell{Labels: []string{leaf[dimension]}})
			}
			cells[i].Before.Numerator += number(t, leaf["predict"])
			cells[i].Now.Numerator += number(t, leaf["real"])
		}
		d, err := drivers.Sum([]string{dimension}, cells)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range want.Elements {
			if e.Dimension != dimension {
				continue
			}
			if got := *driver(t, d, e.Element).Share; math.Abs(got-e.EP) > 1e-8*math.Abs(e.EP) {
				t.Errorf("share of %s = %v, want %v", e.Element, got, e.EP)
			}
		}
		splits = append(splits, d)
	}
	got, err := drivers.Rank(splits)
	if err != nil {
		t.Fatal(err)
	}
	for i, candidate := range want.Candidates["Teep=0.1,Tep=0.67"] {
		if got[i].Dimensions[0] != candidate.Dimension {
			t.Errorf("place %d is %s, want %s", i+1, got[i].Dimensions, candidate.Dimension)
		}
	}
	if best := got[0].Cells; len(best) != 1 || best[0].Labels[0] != "app" {
		t.Errorf("explained by %+v, want app alone", best)
	}
}
