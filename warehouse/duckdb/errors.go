package duckdb

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"loyaltymcp/internal/fault"
	"loyaltymcp/warehouse"
)

// dataErrors are the driver's errors about a value. Their texts quote it, so
// they never leave.
var dataErrors = []duckdb.ErrorType{duckdb.ErrorTypeConversion, duckdb.ErrorTypeInvalidInput, duckdb.ErrorTypeOutOfRange,
	duckdb.ErrorTypeMismatchType, duckdb.ErrorTypeDivideByZero, duckdb.ErrorTypeObjectSize}

// What the driver's errors about CSV and tables say.
var (
	csvLine      = regexp.MustCompile(`Line: (\d+)`)
	csvColumns   = regexp.MustCompile(`Expected Number of Columns: (\d+) Found: (\d+)`)
	csvFile      = regexp.MustCompile(`(?m)^\s*file = (.+)$`) // behind the row, which may hold anything
	missingTable = regexp.MustCompile(`Table with name (\S+) does not exist`)
)

// problems are what the texts of errors about values and files can be told to
// mean.
var problems = []struct{ text, means string }{
	{misfit, misfit},
	{"not utf-8", "it is not UTF-8; convert it, for instance with iconv -f latin1 -t utf-8"},
	{"Invalid unicode", "it is not UTF-8; convert it, for instance with iconv -f latin1 -t utf-8"},
	{"No magic bytes", "it is no whole Parquet file; it may have been cut off"},
	{"too small to be a Parquet", "it is no whole Parquet file; it may have been cut off"},
	{"TType", "it is no whole Parquet file; it may have been cut off"},
	{"Invalid thrift", "it is no whole Parquet file; it may have been cut off"},
	{"TProtocolException", "it is no whole Parquet file; it may have been cut off"},
	{"not a GZIP", "it is not compressed by gzip, as its name says"},
	{"error in gzip", "it is not compressed by gzip to its end; it may have been cut off"},
	{"Malformed JSON", "it is not well-formed JSON"},
	{"unterminated quote", "a quote is not closed, or a text goes on behind it"},
	{"Maximum line size", "a line is longer than 2 MB"},
	{"Error when sniffing", "it is not a table of columns: quotes or the number of columns break off"},
}

// noTable is the error for a table that is not there.
type noTable struct{ name string }

func (e *noTable) Error() string { return "there is no table " + e.name }

// tidy keeps what helps of a driver error: the first line, because the rest
// shows SQL; and of an error about a value only that there is one, because its
// text shows rows.
func tidy(err error) error {
	if err == nil {
		return nil
	}
	var e *duckdb.Error
	if !errors.As(err, &e) {
		first, _, _ := strings.Cut(err.Error(), "\n")
		return errors.New(first)
	}
	if e.Type == duckdb.ErrorTypeOutOfMemory {
		return outOfMemory(e)
	}
	line := ""
	if m := csvLine.FindStringSubmatch(e.Msg); m != nil {
		line = "line " + m[1] + ": "
	}
	if files := csvFile.FindAllStringSubmatch(e.Msg, -1); line != "" && files != nil {
		line = filepath.Base(files[len(files)-1][1]) + ", " + line
	}
	if m := csvColumns.FindStringSubmatch(e.Msg); m != nil {
		values := m[2] + " values"
		if m[2] == "1" {
			values = "1 value"
		}
		return &warehouse.ValueError{Problem: fmt.Sprintf("%sit has %s for %s columns", line, values, m[1])}
	}
	for _, p := range problems {
		if strings.Contains(e.Msg, p.text) {
			return &warehouse.ValueError{Problem: line + p.means}
		}
	}
	if slices.Contains(dataErrors, e.Type) {
		if line != "" {
			return &warehouse.ValueError{Problem: strings.TrimSuffix(line, ": ") + " can't be read"}
		}
		return &warehouse.ValueError{Problem: "a value does not fit its type"}
	}
	if m := missingTable.FindStringSubmatch(e.Msg); m != nil && e.Type == duckdb.ErrorTypeCatalog {
		return &noTable{name: m[1]}
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	return errors.New(strings.TrimRight(first, "!"))
}

// outOfMemory is the error for a query beyond the engine's limits.
func outOfMemory(e *duckdb.Error) error {
	if strings.Contains(e.Msg, "max_temp_directory_size") {
		return fault.New(fault.Config, "engine", "temporary files would need more than %s", maxTemporary).
			Then("Raise engine.memory_mb in loyalty.yaml, or narrow the window")
	}
	return fault.New(fault.Config, "engine.memory_mb", "is too little for the data").
		Then("Raise engine.memory_mb in loyalty.yaml (2048 if absent), or narrow the window")
}

// failure returns the context's error when that is why the query ended, else
// the driver's, tidied.
func failure(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return tidy(err)
}
