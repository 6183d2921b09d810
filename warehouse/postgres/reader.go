package postgres

import (
	"context"
	"errors"
	"sync"
	"time"

	"loyaltymcp/warehouse"
)

// reader implements warehouse.Reader: one snapshot, read through one or more
// sessions. It lives as long as its leader, the session that exported the
// snapshot.
type reader struct {
	engine *Engine
	leader *session
	view   view
	idle   chan *session
	gone   chan struct{} // closed when the leader is lost

	life context.Context // of sessions that are being opened
	end  context.CancelFunc
	work sync.WaitGroup // of those too

	mu       sync.Mutex
	sessions map[*session]bool
	lost     bool
	alone    bool // no further session can join
	closed   bool
}

func newReader(e *Engine, leader *session, v view) *reader {
	r := &reader{engine: e, leader: leader, view: v, idle: make(chan *session, cap(e.tokens)), gone: make(chan struct{}),
		sessions: map[*session]bool{leader: true}, alone: v.id == ""}
	r.life, r.end = context.WithCancel(context.Background())
	r.idle <- leader
	return r
}

// Generation implements warehouse.Reader: the rows may change between two
// snapshots, never within one.
func (r *reader) Generation() string { return "" }

// Close implements warehouse.Reader. It waits a moment at most for a server
// that doesn't answer.
func (r *reader) Close() error {
	r.end()
	r.work.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	var ending sync.WaitGroup
	for s := range r.sessions {
		ending.Go(func() {
			s.close()
			r.engine.tokens <- struct{}{}
		})
	}
	ending.Wait()
	r.sessions = nil
	return nil
}

// session returns a session that nobody uses: an idle one, or the next to
// become idle. Meanwhile it has a further one join the snapshot, if a
// connection is free.
func (r *reader) session(ctx context.Context) (*session, error) {
	free := r.engine.tokens
	for {
		select {
		case <-r.gone:
			return nil, lostSnapshot()
		case <-ctx.Done():
			return nil, ctx.Err()
		default:
		}
		select {
		case s := <-r.idle:
			return s, nil
		default:
		}
		if r.single() {
			free = nil
		}
		select {
		case s := <-r.idle:
			return s, nil
		case <-free:
			free = nil
			r.work.Go(func() { r.grow(r.life) })
		case <-r.gone:
		case <-ctx.Done():
		}
	}
}

func (r *reader) single() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.alone || r.closed
}

// grow has one more session join the snapshot; the caller gives it a token.
// When none can, the reader goes on with those it has.
func (r *reader) grow(ctx context.Context) error {
	s, err := r.engine.connect(ctx)
	if err == nil {
		if err = s.join(ctx, r.engine.timeout, r.view); err != nil {
			s.close()
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil && r.closed {
		s.close()
		err = context.Canceled
	}
	if err != nil {
		r.alone = true
		r.engine.tokens <- struct{}{}
		return err
	}
	r.sessions[s] = true
	r.idle <- s
	return nil
}

// lose says that the leader is gone. What sessions still compute is right, but
// nobody joins them any more.
func (r *reader) lose() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.lost {
		r.lost = true
		close(r.gone)
	}
}

// drop gives up a broken session and keeps its token.
func (r *reader) drop(s *session) {
	r.mu.Lock()
	delete(r.sessions, s)
	r.mu.Unlock()
	s.close()
}

// broken gives up a session whose connection failed with err, and says what
// that means for the snapshot. A session is replaced at once: only a new one
// that joins shows that the leader still lives.
func (r *reader) broken(ctx context.Context, s *session, err error) error {
	r.drop(s)
	if s == r.leader {
		r.engine.tokens <- struct{}{}
		r.lose()
		return asLost(failure(ctx, err))
	}
	if ctx.Err() != nil {
		r.engine.tokens <- struct{}{}
		return ctx.Err()
	}
	lost := false
	select { // what took several connections shows at the leader a moment later
	case <-r.gone:
		r.engine.tokens <- struct{}{}
		lost = true
	case <-time.After(settling):
		joined := r.grow(ctx)
		lost = joined != nil && !full(joined)
	}
	if lost {
		r.lose()
		return asLost(failure(ctx, err))
	}
	return failure(ctx, err)
}

// inside runs fn in a free session, under a savepoint and with the settings.
// The savepoint keeps the snapshot alive when fn's query fails, and ends the
// settings. What fn locked stays locked if it succeeds and keep is set.
func (r *reader) inside(ctx context.Context, settings []string, keep bool, fn func(context.Context, *session) error) error {
	s, err := r.session(ctx)
	if err != nil {
		return err
	}
	limit := r.engine.timeout
	if deadline, ok := ctx.Deadline(); ok {
		// The server's own end of a query whose caller can't be heard any more.
		limit = min(limit, time.Until(deadline)+cancelling)
	}
	inner, cancel := context.WithTimeout(ctx, limit+grace)
	defer cancel()
	err = s.run(inner, append([]string{"SAVEPOINT q", "SET LOCAL statement_timeout = " + milliseconds(limit)}, settings...)...)
	if err == nil {
		started := time.Now()
		err = fn(inner, s)
		err = timedOut(err, time.Since(started), limit)
	}
	back := []string{"ROLLBACK TO SAVEPOINT q", "RELEASE SAVEPOINT q"}
	if keep && err == nil {
		back = back[1:]
	}
	undone := errors.New("closed")
	if !s.conn.IsClosed() {
		// After a cancellation there is still the savepoint to go back to.
		after, cancel := context.WithTimeout(context.WithoutCancel(ctx), answering)
		if ctx.Err() != nil {
			cancel()
			after, cancel = context.WithTimeout(context.WithoutCancel(ctx), cancelling)
		}
		if undone = s.run(after, back...); undone != nil && !s.conn.IsClosed() {
			undone = s.run(after, back...) // a late cancellation may have hit it
		}
		cancel()
	}
	if undone != nil {
		if told := r.broken(ctx, s, err); err != nil {
			return told
		}
		return nil // all rows had arrived
	}
	if err = failure(ctx, err); warehouse.Lost(err) {
		r.lose() // the transaction stands in another's way
	}
	r.idle <- s
	return err
}
