package tools

import "context"

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
