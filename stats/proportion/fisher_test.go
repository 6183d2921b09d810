package proportion

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"
)

func fisherOf(control, treatment Count) Exact {
	e, err := fisher(control, treatment)
	if err != nil {
		panic(err)
	}
	return e
}

// In groups of a billion 13 events are split as 13 fair coins fall.
func TestFisherLarge(t *testing.T) {
	t.Parallel()
	for _, n := range []int64{1e8, 1e9, 1e12} {
		e, err := Fisher(Count{3, n}, Count{10, n})
		if want := 2 * 378.0 / 8192; err != nil || math.Abs(e.TwoSided-want) > 1e-6 || math.Abs(e.Greater-want/2) > 1e-6 {
			t.Errorf("%v: got %+v, %v, want %v", n, e, err, want)
		}
	}
	if e, err := Fisher(Count{1e9, 4e9}, Count{3e9, 4e9}); err == nil && !(e.TwoSided >= 0) || err != nil && !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %+v, %v", e, err)
	}
}

func TestPropertyFisher(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) Count {
			n := rapid.Int64Range(1, 1e10).Draw(t, name+" n")
			return Count{rapid.Int64Range(0, min(n, 2000)).Draw(t, name), n}
		}
		c, v := draw("control"), draw("treatment")
		e, err := Fisher(c, v)
		if err != nil {
			t.Fatal(err)
		}
		if !(e.TwoSided >= math.Min(e.Greater, e.Less) && e.TwoSided <= 1) || e.Greater+e.Less < 1-1e-9 || e.Greater > 1 || e.Less > 1 {
			t.Fatalf("%+v", e)
		}
		if s, err := Fisher(v, c); err != nil || math.Abs(s.TwoSided-e.TwoSided) > 1e-6*e.TwoSided || math.Abs(s.Less-e.Greater) > 1e-9*e.Greater {
			t.Fatalf("swapped %+v, %v, want %+v", s, err, e)
		}
	})
}
