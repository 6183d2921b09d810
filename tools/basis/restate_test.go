package basis_test

import (
	"reflect"
	"testing"
	"time"

	"loyaltymcp/tools/basis"
)

func figures(pairs ...any) []basis.Figure {
	var out []basis.Figure
	for i := 0; i < len(pairs); i += 2 {
		f := basis.Figure{KPI: pairs[i].(string), Definition: pairs[i].(string) + "@1"}
		if v, ok := pairs[i+1].(float64); ok {
			f.Value = &v
		}
		out = append(out, f)
	}
	return out
}

func TestRestated(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 7, n, 9, 0, 0, 0, time.UTC) }
	at := func(id string, n int, b *basis.Basis, f []basis.Figure) basis.Computed {
		return basis.Computed{ID: id, At: day(n), Basis: b, Figures: f}
	}
	other := whole()
	other.Choices["definitions.lapse_days"] = "60"
	redefined := figures("revenue", 90.0)
	redefined[0].Definition = "revenue@0"
	now := at("now", 9, whole(), figures("lapse_rate", 0.05, "members_open", 12.0, "revenue", 100.0))
	for _, c := range []struct {
		name    string
		earlier []basis.Computed
		want    []basis.Restatement
	}{
		{"no earlier record", nil, nil},
		{"nothing changed", []basis.Computed{at("run", 1, whole(), now.Figures)}, nil},
		{"two changed", []basis.Computed{at("run", 1, whole(), figures("revenue", 95.5, "lapse_rate", 0.05, "members_open", 11.0))},
			[]basis.Restatement{{KPI: "members_open", Before: 11, After: 12, From: "run", At: day(1)}, {KPI: "revenue", Before: 95.5, After: 100, From: "run", At: day(1)}}},
		{"the newest record counts", []basis.Computed{at("old", 1, whole(), figures("revenue", 80.0)), at("new", 2, whole(), figures("revenue", 100.0))}, nil},
		{"what the newest does not tell an older one does", []basis.Computed{at("new", 2, whole(), figures("members_open", 12.0)), at("old", 1, whole(), figures("revenue", 80.0))},
			[]basis.Restatement{{KPI: "revenue", Before: 80, After: 100, From: "old", At: day(1)}}},
		{"another definition", []basis.Computed{at("run", 1, whole(), redefined)}, nil},
		{"by another choice", []basis.Computed{at("run", 1, other, figures("lapse_rate", 0.03, "revenue", 95.0))},
			[]basis.Restatement{{KPI: "revenue", Before: 95, After: 100, From: "run", At: day(1)}}},
		{"unknown then", []basis.Computed{at("run", 1, whole(), figures("revenue", nil))}, nil},
		{"below what is stated", []basis.Computed{at("run", 1, whole(), figures("lapse_rate", 0.050001, "revenue", 100.0000001))}, nil},
		{"a basis that was not kept", []basis.Computed{at("run", 1, nil, figures("revenue", 1.0))}, nil},
	} {
		if got := basis.Restated(c.earlier, now); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
	}
	if got := basis.Restated([]basis.Computed{at("run", 1, whole(), figures("revenue", 1.0))}, at("now", 2, whole(), figures("revenue", nil))); got != nil {
		t.Errorf("unknown now: %+v, want nothing", got)
	}
}
