package duckdb

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"loyaltymcp/warehouse"
)

// dataErrors are the driver's errors about a value. Their texts quote it, so
// they never leave.
var dataErrors = []duckdb.ErrorType{duckdb.ErrorTypeConversion, duckdb.ErrorTypeInvalidInput, duckdb.ErrorTypeOutOfRange,
	duckdb.ErrorTypeMismatchType, duckdb.ErrorTypeDivideByZero, duckdb.ErrorTypeObjectSize}

var csvLine = regexp.MustCompile(`Line: (\d+)`)

// tidy keeps what helps of a driver error: the first line, because the rest
// shows SQL; and of an error about a value only that there is one, because its
// text shows rows.
func tidy(err error) error {
	var e *duckdb.Error
	if errors.As(err, &e) && slices.Contains(dataErrors, e.Type) {
		problem := "a value does not fit its type"
		if m := csvLine.FindStringSubmatch(e.Msg); m != nil {
			problem = "line " + m[1] + " can't be read"
		}
		return &warehouse.ValueError{Problem: problem}
	}
	if err == nil {
		return nil
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	return fmt.Errorf("%s", first)
}

// failure returns the context's error when that is why the query ended, else
// the driver's, tidied.
func failure(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return tidy(err)
}
