package run_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"loyaltymcp/tools/run"
)

func TestMemoMakesOnce(t *testing.T) {
	var m run.Memo
	made := 0
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			got, err := m.Do(t.Context(), "a", func(context.Context) (any, error) { made++; return "it", nil })
			if got != "it" || err != nil {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
	group.Wait()
	if made != 1 {
		t.Errorf("made %d times", made)
	}
	// What fails is made again; what is old is forgotten.
	failure := errors.New("no")
	if _, err := m.Do(t.Context(), "b", func(context.Context) (any, error) { return nil, failure }); err != failure {
		t.Errorf("got %v", err)
	}
	if got, err := m.Do(t.Context(), "b", func(context.Context) (any, error) { return 2, nil }); got != 2 || err != nil {
		t.Errorf("after a failure: %v, %v", got, err)
	}
	for i := range 8 {
		if _, err := m.Do(t.Context(), fmt.Sprint(i), func(context.Context) (any, error) { return i, nil }); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := m.Do(t.Context(), "a", func(context.Context) (any, error) { made++; return "it", nil }); err != nil || made != 2 {
		t.Errorf("made %d times after it was forgotten, %v", made, err)
	}
	// Who waits can leave.
	ctx, cancel := context.WithCancel(t.Context())
	_, _ = m.Do(t.Context(), "c", func(context.Context) (any, error) {
		cancel()
		_, err := m.Do(ctx, "c", func(context.Context) (any, error) { return nil, nil })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("waiting: %v", err)
		}
		return nil, nil
	})
}
