package duckdb

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"loyaltymcp/internal/fault"
	"loyaltymcp/warehouse"
)

// Relation implements warehouse.Reader. SQL must be one SELECT to the engine's
// own parser.
func (r *reader) Relation(feed string, from warehouse.Mapped) (string, error) {
	if from.File != "" {
		return warehouse.Quote("file_" + feed), nil
	}
	if from.SQL != "" {
		if err := r.database.parse(context.Background(), feed, from.SQL); err != nil {
			return "", err
		}
	}
	return warehouse.RelationText(feed, from)
}

// parse refuses what is no single SELECT.
func (d *database) parse(ctx context.Context, feed, text string) error {
	text = strings.TrimRight(strings.TrimSpace(text), "; \n\t")
	var plain string
	err := d.each(ctx, "SELECT CAST(json_serialize_sql(CAST($1 AS text)) AS VARCHAR)", func(row warehouse.Row) error { return row.Scan(&plain) }, text)
	if err != nil {
		return fmt.Errorf("parsing the sql of %s: %w", feed, err)
	}
	var parsed struct {
		Error      bool              `json:"error"`
		Type       string            `json:"error_type"`
		Message    string            `json:"error_message"`
		Statements []json.RawMessage `json:"statements"`
	}
	if err := json.Unmarshal([]byte(plain), &parsed); err != nil {
		return err
	}
	field := "feeds." + feed + ".sql"
	switch {
	case parsed.Error && parsed.Type == "parser":
		first, _, _ := strings.Cut(parsed.Message, "\n")
		return fault.New(fault.Config, field, "can't be read: %s", first).Then("Mend it in loyalty.yaml")
	case parsed.Error:
		return fault.New(fault.Config, field, "can't be read: it is no SELECT").Then("Write one SELECT; nothing else is run")
	case len(parsed.Statements) != 1:
		return fault.New(fault.Config, field, "holds more than one statement").Then("Write one SELECT")
	}
	return nil
}
