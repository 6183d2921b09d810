package run

import (
	"context"
	"sync"
)

// memoSize is how many things a Memo keeps.
const memoSize = 8

// Memo keeps what several stages of a run need and one of them has made, so that
// stages side by side make it once. What was made last is kept, and little of it:
// a stage that comes later makes it again. The zero value is ready for use; a nil
// Memo keeps nothing.
type Memo struct {
	mu      sync.Mutex
	entries []*memo // the oldest first
}

type memo struct {
	key  string
	turn chan struct{} // holds one token while nobody makes it
	made bool
	what any
}

// Do returns what was made under the key, or makes it: one caller at a time, the
// others wait for it or for their context. What fails is not kept.
func (m *Memo) Do(ctx context.Context, key string, fn func(context.Context) (any, error)) (any, error) {
	if m == nil {
		return fn(ctx)
	}
	e := m.entry(key)
	select {
	case <-e.turn:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { e.turn <- struct{}{} }()
	if e.made {
		return e.what, nil
	}
	what, err := fn(ctx)
	if err == nil {
		e.what, e.made = what, true
	}
	return what, err
}

// turn waits until nobody else is at what the key names, and holds it until
// release. Without a Memo there is no waiting.
func (m *Memo) turn(ctx context.Context, key string) (release func(), err error) {
	if m == nil {
		return func() {}, nil
	}
	e := m.entry(key)
	select {
	case <-e.turn:
		return func() { e.turn <- struct{}{} }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (m *Memo) entry(key string) *memo {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range m.entries {
		if e.key == key {
			return e
		}
	}
	e := &memo{key: key, turn: make(chan struct{}, 1)}
	e.turn <- struct{}{}
	m.entries = append(m.entries, e)
	if len(m.entries) > memoSize {
		m.entries = m.entries[1:]
	}
	return e
}
