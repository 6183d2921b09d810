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
