package demo

import (
	"errors"
	"sync"
	"testing"
)

// locked is a recorder for several goroutines.
type locked struct {
	mu sync.Mutex
	recorder
}

func (l *locked) Append(table string, row ...any) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.recorder.Append(table, row...)
}

func TestSpreadKeepsEachTablesOrder(t *testing.T) {
	o := Options{Members: 500, Seed: 2}
	want, truth := record(t, o)
	got := &locked{recorder: recorder{}}
	spread, err := GenerateSpread(t.Context(), o, got)
	if err != nil {
		t.Fatal(err)
	}
	if spread.Realized != truth.Realized {
		t.Errorf("realized %+v, want %+v", spread.Realized, truth.Realized)
	}
	for _, table := range Tables() {
		if !same(got.recorder[table.Name], want[table.Name]) {
			t.Errorf("%s differs", table.Name)
		}
	}
}

func TestSpreadStops(t *testing.T) {
	if _, err := GenerateSpread(t.Context(), Options{Members: 3000, Seed: 2}, failing{}); !errors.Is(err, errFull) {
		t.Errorf("a failing sink gave %v", err)
	}
	// Few rows never fill a batch: the error comes at the end.
	if _, err := GenerateSpread(t.Context(), Options{Members: 1, Seed: 2}, failing{}); !errors.Is(err, errFull) {
		t.Errorf("a sink that fails at the end gave %v", err)
	}
	s := NewSpread(nothing{}, Tables())
	if s.Append("nowhere") == nil || s.Append("tiers", "short") == nil {
		t.Error("rows that fit no table were taken")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
