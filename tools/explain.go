package tools

import (
	"context"
	"errors"

	"loyaltymcp/internal/fault"
)

// Explain returns what a caller should read of an error. Errors that teach
// are shown whole; of anything else only that it happened, because its text
// may hold SQL or paths.
func Explain(err error) string {
	var e *fault.Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &e) && e.Kind != fault.Internal:
		return e.Error()
	case errors.As(err, &e):
		return "An internal check refused the result, so no figure is returned: " + e.Error()
	case errors.Is(err, context.DeadlineExceeded):
		return "The call took longer than allowed. Narrow the window or drop dimensions, and try again."
	case errors.Is(err, context.Canceled):
		return "The call was cancelled."
	}
	return "The program failed internally; its log on standard error says more. Call check_feeds to see whether the data can be read."
}

type progressKey struct{}

// ProgressFunc takes progress for people: so many of so many, and what.
type ProgressFunc func(done, total int, what string)

// WithProgress returns a context under which long tools report progress.
func WithProgress(ctx context.Context, fn ProgressFunc) context.Context {
	return context.WithValue(ctx, progressKey{}, fn)
}

// Progress returns an observer of stages that reports to the context's
// progress function, if it has one. It may be called by several goroutines.
func Progress(ctx context.Context, total int) func(stage string, done bool) {
	fn, ok := ctx.Value(progressKey{}).(ProgressFunc)
	if !ok {
		return nil
	}
	steps := make(chan int, 1)
	steps <- 0
	return func(stage string, done bool) {
		n := <-steps
		if done {
			n++
		}
		fn(n, total, stage)
		steps <- n
	}
}
