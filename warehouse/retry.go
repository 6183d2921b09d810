package warehouse

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"loyaltymcp/internal/fault"
)

// MaxRetries is how often one pull of data is tried again, all its queries and
// snapshots together.
const MaxRetries = 2

// Waits returns the longest waits before the retries, one a retry. The program
// waits between half of each and all of it.
func Waits() []time.Duration { return []time.Duration{time.Second, 4 * time.Second} }

// Transient is an engine's error that may be gone at another try: a lost
// connection, a server that restarts, no connection left, a conflict with
// other transactions. What another try can't mend (a wrong statement, a
// missing privilege, a timeout, a cancellation) is never one.
type Transient struct {
	// Class says which error it was: an SQLSTATE with its meaning, or words.
	// It may be shown and kept.
	Class string
	// Lost says that the snapshot is gone, or that rows of the query were
	// handed on already: whatever was read so far must be forgotten and read
	// again from a new snapshot.
	Lost bool
	// Fault is what people read when no try helps.
	Fault *fault.Error
}

func (e *Transient) Error() string { return e.Fault.Error() }

func (e *Transient) Unwrap() error { return e.Fault }

// Lost reports whether err means that everything read from the snapshot must be
// forgotten, and may be read again from a new one.
func Lost(err error) bool {
	var t *Transient
	return errors.As(err, &t) && t.Lost
}

// Retry is one retry, as runs and plans record it.
type Retry struct {
	What    string `json:"what"`    // what was done again
	Class   string `json:"class"`   // the class of the error that made it necessary
	Attempt int    `json:"attempt"` // 1 for the first retry of the pull
	WaitMS  int64  `json:"wait_ms"` // how long the pull waited before it
}

func (r Retry) String() string {
	return fmt.Sprintf("%s, after %.1f s (retry %d: %s)", r.What, float64(r.WaitMS)/1000, r.Attempt, r.Class)
}

// Backoff says how long to wait before a retry. Its zero value is the
// program's own.
type Backoff struct {
	// Waits are the longest waits, one a retry; nil means one second, then
	// four: a server that restarts is back by then.
	Waits []time.Duration
	// Jitter returns a number in [0, 1): a wait is between half of its longest
	// and all of it, so that clients that broke together come back apart.
	Jitter func() float64
	// Sleep waits, or returns ctx's error when that is done first.
	Sleep func(ctx context.Context, d time.Duration) error
}

// Patience is the retries that one pull of data has left, shared by all its
// queries, and the record of those it made. It is safe for use by several
// goroutines.
type Patience struct {
	backoff Backoff
	parent  *Patience // who has the count; nil for the pull itself

	mu   sync.Mutex
	made []Retry
}

// NewPatience returns the patience of one pull.
func NewPatience(b Backoff) *Patience {
	if b.Waits == nil {
		b.Waits = Waits()
	}
	b.Waits = b.Waits[:min(len(b.Waits), MaxRetries)]
	if b.Jitter == nil {
		b.Jitter = rand.Float64
	}
	if b.Sleep == nil {
		b.Sleep = sleep
	}
	return &Patience{backoff: b}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

type patienceKey struct{}

// WithPatience returns a context under which everything that is read shares
// the retries of p.
func WithPatience(ctx context.Context, p *Patience) context.Context {
	return context.WithValue(ctx, patienceKey{}, p)
}

// Patient returns a context with patience, and that: the context's own, or a
// new one.
func Patient(ctx context.Context) (context.Context, *Patience) {
	if p, ok := ctx.Value(patienceKey{}).(*Patience); ok {
		return ctx, p
	}
	p := NewPatience(Backoff{})
	return WithPatience(ctx, p), p
}

// Part returns the patience of one part of the pull: it draws on the same
// retries, and records those that the part made.
func (p *Patience) Part() *Patience { return &Patience{parent: p} }

// Retries returns the retries made so far, in order.
func (p *Patience) Retries() []Retry {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.made)
}

// Again waits before another try of what failed with err. It returns nil when
// it is time to try again, and otherwise the error to give up with: err is
// final, the retries are used up, or the caller's deadline would pass before
// the wait does.
func (p *Patience) Again(ctx context.Context, what string, err error) error {
	var t *Transient
	if !errors.As(err, &t) {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	pull := p
	for pull.parent != nil {
		pull = pull.parent
	}
	retry, wait, ok := pull.next(ctx, what, t.Class)
	if !ok {
		return pull.giveUp(t)
	}
	for part := p; part != pull; part = part.parent {
		part.record(retry)
	}
	return pull.backoff.Sleep(ctx, wait)
}

// next takes one retry off what is left, unless the deadline forbids its wait.
func (p *Patience) next(ctx context.Context, what, class string) (Retry, time.Duration, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.made)
	if n >= len(p.backoff.Waits) {
		return Retry{}, 0, false
	}
	longest := p.backoff.Waits[n]
	wait := longest/2 + time.Duration(p.backoff.Jitter()*float64(longest/2))
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
		return Retry{}, 0, false
	}
	retry := Retry{What: what, Class: class, Attempt: n + 1, WaitMS: wait.Milliseconds()}
	p.made = append(p.made, retry)
	return retry, wait, true
}

func (p *Patience) record(r Retry) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.made = append(p.made, r)
}

// giveUp says how often the pull was tried before the error became its answer.
func (p *Patience) giveUp(t *Transient) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.made) == 0 {
		return t
	}
	told, times := *t.Fault, "after one retry"
	if len(p.made) > 1 {
		times = "after two retries"
	}
	told.Message += ", " + times
	return &Transient{Class: t.Class, Lost: t.Lost, Fault: &told}
}

// TryAgain runs fn, and again as often as the context's patience allows when
// it fails with a transient error.
func TryAgain(ctx context.Context, what string, fn func(context.Context) error) error {
	ctx, patience := Patient(ctx)
	for {
		err := fn(ctx)
		if err == nil {
			return nil
		}
		if err = patience.Again(ctx, what, err); err != nil {
			return err
		}
	}
}
