package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"loyaltymcp/internal/fault"
	"loyaltymcp/schemas"
	"loyaltymcp/tools/config"
	"loyaltymcp/warehouse"
	"loyaltymcp/warehouse/open"
)

// syncCommand copies the mapped feeds into a .duckdb file, which runs then
// read instead of the warehouse.
func syncCommand(ctx context.Context, t *terminal, args []string) error {
	flags := flag.NewFlagSet("sync", flag.ContinueOnError)
	name := flags.String("config", orDefault(os.Getenv("LOYALTY_CONFIG"), "loyalty.yaml"), "`file` that describes the program")
	out := flags.String("out", "", "`file` to write, new or an older copy, with a name that ends in .duckdb, in place of sync.file in the config")
	if _, err := parse(t, flags, args, 0); err != nil {
		return err
	}
	set, err := schemas.Load()
	if err != nil {
		return err
	}
	c, err := config.Load(*name, set)
	if err != nil {
		return err
	}
	s := syncOf(c, open.Options{URL: c.Warehouse, Folder: c.Folder, Mapping: c.Mapping(), Limits: c.Limits()})
	if *out != "" {
		if s.File, err = filepath.Abs(*out); err != nil {
			return err
		}
	}
	if s.File == "" {
		return fault.New(fault.Config, "sync.file", "is not set, so there is no place for the copy").
			Then("Write sync: {file: loyalty.duckdb} in %s, or name a file with --out", filepath.Base(*name))
	}
	ctx, done := withProgress(ctx, t)
	defer done()
	show := showing(t)
	started := time.Now()
	total, began := int64(0), time.Now()
	s.Progress = func(feed string, rows int64) {
		show(fmt.Sprintf("%s: %s rows, %s ...", feed, thousands(rows), speed(rows, time.Since(began))))
	}
	s.Done = func(feed string, rows int64, took time.Duration) {
		total += rows
		began = time.Now()
		done()
		fmt.Fprintf(t.out, "  %-15s %15s rows  %7.1f s  %s\n", feed, thousands(rows), took.Seconds(), speed(rows, took))
	}
	ctx, patience := warehouse.Patient(ctx)
	told := 0
	tell := func() {
		for _, again := range patience.Retries()[told:] {
			told++
			fmt.Fprintf(t.out, "Done again: %s.\n", again)
		}
	}
	s.Again = func(warehouse.Retry) {
		total, began = 0, time.Now()
		done()
		tell()
	}
	if err := s.Run(ctx); err != nil {
		return err
	}
	done()
	tell()
	took := time.Since(started)
	fmt.Fprintf(t.out, "Synced %s rows in %.1f s (%s) to %s.\n", thousands(total), took.Seconds(), speed(total, took), s.File)
	if c.Sync.File == "" {
		fmt.Fprintf(t.out, "Next: write sync: {file: %s} in %s, so that runs read it\n", s.File, *name)
	}
	return nil
}

// syncOf returns the sync that the config asks for.
func syncOf(c *config.Config, source open.Options) open.Sync {
	file := c.Sync.File
	if file != "" && !filepath.IsAbs(file) {
		file = filepath.Join(c.Folder, file)
	}
	return open.Sync{Options: source, File: file, Zone: c.Zone(), Dimensions: c.Dimensions}
}

func speed(rows int64, took time.Duration) string {
	return thousands(int64(float64(rows)/max(took.Seconds(), 0.001))) + " rows/s"
}

// thousands writes a count with separators.
func thousands(n int64) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
