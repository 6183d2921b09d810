package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"loyaltymcp/internal/fault"
	"loyaltymcp/warehouse/demo"
	"loyaltymcp/warehouse/open"
)

// demoCommand writes the demo program as CSV files with its loyalty.yaml, as a
// pattern for mapping one's own.
func demoCommand(ctx context.Context, t *terminal, args []string) error {
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	options := demo.Defaults()
	out := flags.String("out", "", "`folder` to write to, empty or new; or the postgres:// URL of a database for new tables")
	flags.IntVar(&options.Members, "members", options.Members, "how many `members`")
	flags.Uint64Var(&options.Seed, "seed", options.Seed, "`seed` of the generator; the same seed gives the same data")
	if _, err := parse(t, flags, args, 0); err != nil {
		return err
	}
	if *out == "" {
		return fault.New(fault.Invalid, "--out", "is missing").Then("Name a folder: loyalty-mcp demo --out demo")
	}
	if options.Members < 1 || options.Members > 5_000_000 {
		return fault.New(fault.Invalid, "--members", "%d is out of range", options.Members).Then("Choose 1 to 5000000")
	}
	if open.IsPostgres(*out) {
		if _, err := open.CreateDemo(ctx, *out, options); err != nil {
			return err
		}
		_, err := fmt.Fprintf(t.out, "Wrote the demo program (%d members) to the database.\nNext: loyalty-mcp monitor --config loyalty.yaml --warehouse URL, with the loyalty.yaml that demo --out FOLDER writes\n", options.Members)
		return err
	}
	entries, err := os.ReadDir(*out)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fault.New(fault.Invalid, "--out", "%s is no folder", *out).Because(err)
	}
	if len(entries) > 0 {
		return fault.New(fault.Invalid, "--out", "%s is not empty", *out).Then("Name a new folder; nothing is overwritten")
	}
	if err := os.MkdirAll(*out, 0o755); err != nil {
		return fault.New(fault.Invalid, "--out", "%s can't be made", *out).Because(err)
	}
	sink, err := demo.NewCSV(*out)
	if err != nil {
		return err
	}
	truth, err := demo.Generate(ctx, options, sink)
	if err := errors.Join(err, sink.Close()); err != nil {
		return err
	}
	text, err := json.MarshalIndent(truth, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(*out, "truth.json"), append(text, '\n'), 0o644); err != nil {
		return err
	}
	config := filepath.Join(*out, "loyalty.yaml")
	if err := os.WriteFile(config, demo.Config(), 0o644); err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.out, "Wrote the demo program (%d members) to %s.\nNext: loyalty-mcp monitor --config %s\n", options.Members, *out, config)
	return err
}
