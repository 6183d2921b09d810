package demo

import (
	"errors"
	"sync"
	"sync/atomic"
)

// batchRows is how many rows of a table are handed over at once.
const batchRows = 1024

// Spread is a [Sink] that passes rows on to another one from a goroutine for
// each table, so that writing runs beside generating. Each table keeps its
// order, and no more than a few batches of rows are ever held.
//
// The other sink is called for different tables at the same time, but never
// twice for one.
type Spread struct {
	lanes map[string]*lane
	wait  sync.WaitGroup
	err   atomic.Pointer[error] // the first of the sink
}

// lane is the way of one table's rows.
type lane struct {
	width int
	batch []any // rows on end
	full  chan []any
	spent chan []any
}

// NewSpread starts a goroutine for each of the tables. Close ends them.
func NewSpread(sink Sink, tables []Table) *Spread {
	s := &Spread{lanes: map[string]*lane{}}
	for _, t := range tables {
		l := &lane{width: len(t.Columns), full: make(chan []any, 2), spent: make(chan []any, 4)}
		s.lanes[t.Name] = l
		s.wait.Add(1)
		go s.drain(sink, t.Name, l)
	}
	return s
}

// Append implements [Sink]. An error of the sink may be that of an earlier row.
func (s *Spread) Append(table string, row ...any) error {
	l := s.lanes[table]
	if l == nil || len(row) != l.width {
		return errors.New("demo: a row fits no table")
	}
	l.batch = append(l.batch, row...)
	if len(l.batch) < batchRows*l.width {
		return nil
	}
	l.full <- l.batch
	select {
	case l.batch = <-l.spent:
	default:
		l.batch = make([]any, 0, batchRows*l.width)
	}
	return s.failure()
}

// Close passes on what is left, waits for the sink and returns its first
// error. It doesn't close the sink.
func (s *Spread) Close() error {
	for _, l := range s.lanes {
		l.full <- l.batch
		close(l.full)
	}
	s.wait.Wait()
	return s.failure()
}

// drain passes a table's rows on. After an error it only takes them, so that
// the generator, which learns of it with its next full batch, never waits.
func (s *Spread) drain(sink Sink, table string, l *lane) {
	defer s.wait.Done()
	for batch := range l.full {
		for i := 0; i < len(batch) && s.failure() == nil; i += l.width {
			if err := sink.Append(table, batch[i:i+l.width]...); err != nil {
				s.err.CompareAndSwap(nil, &err)
			}
		}
		clear(batch)
		select {
		case l.spent <- batch[:0]:
		default:
		}
	}
}

func (s *Spread) failure() error {
	if err := s.err.Load(); err != nil {
		return *err
	}
	return nil
}
