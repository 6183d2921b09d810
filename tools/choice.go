package tools

import (
	"context"

	"loyaltymcp/internal/fault"
)

// Choice is an error that a person can mend by choosing: a client that can ask its
// user does, any other reads the error that it wraps.
type Choice struct {
	ID      string // by which the answer comes back
	Message string // the question
	Options []string
	Err     *fault.Error
}

func (c *Choice) Error() string { return c.Err.Error() }

func (c *Choice) Unwrap() error { return c.Err }

type answerKey string

// WithAnswer returns a context that carries what was chosen.
func WithAnswer(ctx context.Context, id, answer string) context.Context {
	return context.WithValue(ctx, answerKey(id), answer)
}

// Answer returns what was chosen, "" when nothing was.
func Answer(ctx context.Context, id string) string {
	answer, _ := ctx.Value(answerKey(id)).(string)
	return answer
}
