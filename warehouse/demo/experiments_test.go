package demo

import (
	"math"
	"strconv"
	"testing"
	"time"
)

// perUnit adds up the purchases of the units while an experiment runs.
type perUnit struct {
	arms  map[string]map[int64]string // by experiment
	count map[string]float64          // purchases by experiment and arm
	bonus map[string]float64          // entries of double points by arm
	tests int
}

func (p *perUnit) Append(table string, row ...any) error {
	switch table {
	case "assignments":
		id := row[1].(int64)
		p.arms[row[0].(string)][id] = row[2].(string)
		if id > testMemberBase {
			p.tests++
		}
	case "orders":
		id, _ := row[1].(int64)
		at := instant(row[2].(time.Time).Sub(launch) / time.Second)
		for i := range experiments {
			e := &experiments[i]
			if arm := p.arms[e.id][id]; arm != "" && at >= e.start && at < e.end && row[11] != "cancelled" {
				p.count[e.id+arm]++
			}
		}
	case "points":
		if row[9] == springDoubleCampaign {
			p.bonus[p.arms["spring-double-points"][row[1].(int64)]]++
		}
	}
	return nil
}

func TestExperiments(t *testing.T) {
	p := &perUnit{arms: map[string]map[int64]string{}, count: map[string]float64{}, bonus: map[string]float64{}}
	for i := range experiments {
		p.arms[experiments[i].id] = map[int64]string{}
	}
	truth, err := Generate(t.Context(), Defaults(), p)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range truth.Experiments {
		units := map[string]int{}
		for _, arm := range p.arms[e.ID] {
			units[arm]++
		}
		c, x := units[control], units[treatment]
		if c != e.Units[control] || x != e.Units[treatment] || c+x < 5000 {
			t.Errorf("%s: units %v, the truth says %v", e.ID, units, e.Units)
		}
		if z := float64(x-c) / math.Sqrt(float64(x+c)); math.Abs(z) > 3 {
			t.Errorf("%s: the arms are uneven: %v", e.ID, units)
		}
		ratio := p.count[e.ID+treatment] / float64(x) / (p.count[e.ID+control] / float64(c))
		want := e.PurchaseRateFactor[treatment]
		if math.Abs(ratio-want) > 0.06 {
			t.Errorf("%s: the treated bought %s times as much, the effect is %v",
				e.ID, strconv.FormatFloat(ratio, 'f', 3, 64), want)
		}
		t.Logf("%s: units %v, ratio of purchases %.3f", e.ID, units, ratio)
	}
	if p.tests > 0 {
		t.Errorf("%d test members are units", p.tests)
	}
	if doubled := p.bonus[treatment]; doubled != p.count["spring-double-points"+treatment] || len(p.bonus) != 1 {
		t.Errorf("double points by arm: %v, purchases of the treated: %v", p.bonus, p.count)
	}
}
