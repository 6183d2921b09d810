package reserve

import (
	"encoding/csv"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"testing"

	"loyaltymcp/stats/internal/golden"
)

func ExampleCompetingRisks() {
	// Lots that expire after 12 months, by the points on them.
	lives := []Life{
		{Time: 2, Outcome: WasRedeemed, Weight: 300, Cluster: 1},
		{Time: 5, Outcome: WasRedeemed, Weight: 100, Cluster: 1},
		{Time: 5, Outcome: StillOpen, Weight: 200, Cluster: 2},
		{Time: 12, Outcome: HasExpired, Weight: 250, Cluster: 2},
		{Time: 12, Outcome: HasExpired, Weight: 150, Cluster: 3},
	}
	r, err := CompetingRisks(lives, []float64{6, 12})
	for _, i := range r {
		fmt.Printf("%.0f months: redeemed %.2f (se %.2f), expired %.2f, open %.2f\n", i.Time, i.Redeemed, i.RedeemedSE, i.Expired, i.Open)
	}
	fmt.Println(err)
	// Output:
	// 6 months: redeemed 0.40 (se 0.31), expired 0.00, open 0.60
	// 12 months: redeemed 0.40 (se 0.31), expired 0.60, open 0.00
	// <nil>
}

func readLives(t testing.TB) []Life {
	t.Helper()
	f, err := os.Open(golden.Path(t, "breakage", "point_lots_competing_risks", "lots.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	outcome := map[string]Outcome{"open": StillOpen, "redeemed": WasRedeemed, "expired": HasExpired}
	var lives []Life
	for _, r := range records[1:] {
		member, err1 := strconv.Atoi(r[1])
		months, err2 := strconv.ParseFloat(r[2], 64)
		points, err3 := strconv.ParseFloat(r[4], 64)
		o, ok := outcome[r[3]]
		if err := errors.Join(err1, err2, err3); err != nil || !ok {
			t.Fatal(r, err)
		}
		lives = append(lives, Life{Time: months, Outcome: o, Weight: points, Cluster: member})
	}
	return lives
}

func TestGoldenCompetingRisks(t *testing.T) {
	t.Parallel()
	var want struct {
		Tolerance struct {
			Rel, Abs float64
			Robust   float64 `json:"robust_se_rel"`
		}
		Points []struct{ Time, None, Redeemed, Expired float64 } `json:"cumulative_incidence_points_weighted"`
		Lots   []struct {
			Time, None, Redeemed, Expired float64
			SE                            float64 `json:"se_redeemed"`
		} `json:"cumulative_incidence_lots"`
		KM []struct{ Time, Surv, SE float64 } `json:"km_redemption_points_weighted_member_robust"`
	}
	golden.Load(t, &want, "breakage", "point_lots_competing_risks", "expected.json")
	tol := golden.Tolerance{Rel: want.Tolerance.Rel, Abs: want.Tolerance.Abs}
	robust := golden.Tolerance{Rel: want.Tolerance.Robust, Abs: want.Tolerance.Abs}
	var w golden.Worst
	at := func(lives []Life, time float64) Incidence {
		r, err := CompetingRisks(lives, []float64{time})
		if err != nil {
			t.Fatal(err)
		}
		return r[0]
	}
	lives := readLives(t)
	for _, e := range want.Points {
		r := at(lives, e.Time)
		w.Check(t, "open", r.Open, e.None, tol)
		w.Check(t, "redeemed", r.Redeemed, e.Redeemed, tol)
		w.Check(t, "expired", r.Expired, e.Expired, tol)
	}
	lots := readLives(t)
	for i := range lots {
		lots[i].Weight, lots[i].Cluster = 1, 0
	}
	for _, e := range want.Lots {
		r := at(lots, e.Time)
		w.Check(t, "lots open", r.Open, e.None, tol)
		w.Check(t, "lots redeemed", r.Redeemed, e.Redeemed, tol)
		w.Check(t, "lots expired", r.Expired, e.Expired, tol)
		w.Check(t, "lots redeemed se", r.RedeemedSE, e.SE, robust)
	}
	for i := range lives {
		if lives[i].Outcome == HasExpired {
			lives[i].Outcome = StillOpen
		}
	}
	for _, e := range want.KM {
		r := at(lives, e.Time)
		w.Check(t, "survival", r.Open, e.Surv, tol)
		w.Check(t, "survival se", r.RedeemedSE, e.SE, robust)
	}
	w.Log(t)
}

// The jackknife itself: the influence of a lot is what its weight changes.
func TestIncidenceInfluence(t *testing.T) {
	t.Parallel()
	lives := []Life{
		{1, WasRedeemed, 2, 1}, {2, StillOpen, 1, 1}, {2, HasExpired, 3, 2}, {3, WasRedeemed, 1, 3},
		{3, WasRedeemed, 2, 2}, {4, StillOpen, 2, 4}, {5, HasExpired, 1, 4}, {6, WasRedeemed, 2, 5},
	}
	for _, time := range []float64{0.5, 1, 2.5, 3, 5, 6, 9} {
		r, err := CompetingRisks(lives, []float64{time})
		if err != nil {
			t.Fatal(err)
		}
		sums := map[int][2]float64{}
		const h = 1e-6
		for i, l := range lives {
			v := [2]Incidence{}
			for k, s := range []float64{1 + h, 1 - h} {
				lives[i].Weight = l.Weight * s
				r, err := CompetingRisks(lives, []float64{time})
				if err != nil {
					t.Fatal(err)
				}
				v[k] = r[0]
			}
			lives[i].Weight = l.Weight
			s := sums[l.Cluster]
			s[0] += (v[0].Redeemed - v[1].Redeemed) / (2 * h)
			s[1] += (v[0].Expired - v[1].Expired) / (2 * h)
			sums[l.Cluster] = s
		}
		var redeemed, expired float64
		for _, s := range sums {
			redeemed += s[0] * s[0]
			expired += s[1] * s[1]
		}
		if got, want := r[0].RedeemedSE, math.Sqrt(redeemed); math.Abs(got-want) > 1e-7 {
			t.Errorf("at %g: redeemed se %g, want %g", time, got, want)
		}
		if got, want := r[0].ExpiredSE, math.Sqrt(expired); math.Abs(got-want) > 1e-7 {
			t.Errorf("at %g: expired se %g, want %g", time, got, want)
		}
	}
}

func TestCompetingRisksErrors(t *testing.T) {
	t.Parallel()
	for name, lives := range map[string][]Life{
		"none":     nil,
		"negative": {{Time: -1, Weight: 1}},
		"NaN":      {{Time: math.NaN(), Weight: 1}},
		"weight":   {{Time: 1}},
		"outcome":  {{Time: 1, Weight: 1, Outcome: 7}},
	} {
		if _, err := CompetingRisks(lives, []float64{1}); !errors.Is(err, ErrLife) {
			t.Errorf("%s: error %v, want %v", name, err, ErrLife)
		}
	}
}
