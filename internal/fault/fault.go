// Package fault is the one error type of the program.
//
// An error that a person or an agent will read says four things: what was
// wrong, in which field, what would be valid, and what to do next. Code that
// finds a mistake builds a *Error; code in between wraps it with %w as it
// would any other; the edge (command line, MCP) prints Text of it. Anything
// that is not a *Error is a defect or a failure of the machine, and the edge
// says so without showing its insides.
package fault

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Kind classifies an error by who can mend it.
type Kind string

// The kinds of error.
const (
	Invalid     Kind = "invalid"     // the caller's input; the caller mends it
	NotFound    Kind = "not_found"   // a handle (run, plan, experiment) that isn't there
	Unavailable Kind = "unavailable" // the operator's feeds don't hold what is asked
	Config      Kind = "config"      // the operator's loyalty.yaml or data mapping
	Conflict    Kind = "conflict"    // someone else wrote first, or the data changed
	Internal    Kind = "internal"    // a defect of ours
)

// Error is an error that teaches. Message is a clause without a final full
// stop; the other fields may be empty.
type Error struct {
	Kind    Kind
	Field   string   // the argument, key or column at fault
	Message string   // what was wrong
	Valid   []string // valid values, nearest first where that can be told
	Next    string   // what to do next, a full sentence
	Err     error    // cause, if it adds anything
}

// New returns an error of the kind with a formatted message.
func New(kind Kind, field, format string, args ...any) *Error {
	return &Error{Kind: kind, Field: field, Message: fmt.Sprintf(format, args...)}
}

// OneOf adds the valid values, those nearest to got first.
func (e *Error) OneOf(got string, valid []string) *Error {
	e.Valid = Nearest(got, valid)
	return e
}

// Then adds what to do next.
func (e *Error) Then(format string, args ...any) *Error {
	e.Next = fmt.Sprintf(format, args...)
	return e
}

// Because adds the cause.
func (e *Error) Because(err error) *Error {
	e.Err = err
	return e
}

// maxValid bounds how many valid values a message lists: an agent needs the
// near ones, not a catalogue.
const maxValid = 24

func (e *Error) Error() string {
	var b strings.Builder
	if e.Field != "" {
		b.WriteString(e.Field)
		b.WriteString(": ")
	}
	b.WriteString(e.Message)
	if e.Err != nil {
		b.WriteString(": ")
		b.WriteString(strings.TrimSpace(e.Err.Error()))
	}
	if len(e.Valid) > 0 {
		list, more := e.Valid, ""
		if len(list) > maxValid {
			more = fmt.Sprintf(" and %d more", len(list)-maxValid)
			list = list[:maxValid]
		}
		b.WriteString("; valid: ")
		b.WriteString(strings.Join(list, ", "))
		b.WriteString(more)
	}
	if e.Next != "" {
		b.WriteString(". ")
		b.WriteString(strings.TrimSuffix(e.Next, "."))
		b.WriteString(".")
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the kind of the first *Error in err's tree, or Internal.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// Is reports whether err holds a *Error of the kind.
func Is(err error, kind Kind) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == kind
}

// Nearest returns the candidates ordered by edit distance to got, then by
// name.
func Nearest(got string, candidates []string) []string {
	out := slices.Clone(candidates)
	got = strings.ToLower(got)
	slices.SortStableFunc(out, func(a, b string) int {
		da, db := distance(got, strings.ToLower(a)), distance(got, strings.ToLower(b))
		if da != db {
			return da - db
		}
		return strings.Compare(a, b)
	})
	return out
}

// Near returns the candidate that got is most likely a slip of, "" when none is
// near.
func Near(got string, candidates []string) string {
	nearest := Nearest(got, candidates)
	if len(nearest) == 0 || distance(strings.ToLower(got), strings.ToLower(nearest[0])) > max(1, len(got)/3) {
		return ""
	}
	return nearest[0]
}

// distance is the Levenshtein distance in bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			diagonal, row[j] = row[j], min(row[j]+1, row[j-1]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
