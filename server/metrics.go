package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"

	"loyaltymcp/internal/fault"
	"loyaltymcp/schemas"
	"loyaltymcp/server/report"
	"loyaltymcp/tools/config"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/pullmetrics"
)

// metricsCommand lists the metrics, or explains one. With a program it lists
// and explains them as its loyalty.yaml chooses and defines them, and says of
// one whether its data can tell it; without one, as the catalogue has them.
func metricsCommand(ctx context.Context, t *terminal, args []string) error {
	flags := flag.NewFlagSet("metrics", flag.ContinueOnError)
	var s source
	s.flags(flags)
	asJSON := flags.Bool("json", false, "print the structured result instead of text")
	words, args := leading(args)
	rest, err := parse(t, flags, args, 1-min(1, len(words)))
	if err != nil {
		return err
	}
	words = append(words, rest...)
	if len(words) > 1 {
		return fault.New(fault.Invalid, "arguments", "metrics takes one ID").Then("Call it once for each, or without one for the list")
	}
	set, err := schemas.Load()
	if err != nil {
		return err
	}
	if len(words) == 0 {
		return list(ctx, t, &s, set, *asJSON)
	}
	e, err := explain(ctx, &s, set, words[0])
	if err != nil {
		return err
	}
	if *asJSON {
		return printValue(t, e)
	}
	return report.Metric(t.out, e)
}

// list prints all metrics. It needs no data.
func list(ctx context.Context, t *terminal, s *source, set *schemas.Set, asJSON bool) error {
	all, err := s.metrics(ctx, set)
	if err != nil {
		return err
	}
	explained := make([]metric.Explanation, len(all))
	for i, d := range all {
		if explained[i], err = d.Explain(); err != nil {
			return err
		}
	}
	if asJSON {
		return printValue(t, explained)
	}
	return report.Metrics(t.out, explained)
}

// explain explains a metric; with a program, it looks at its feeds.
func explain(ctx context.Context, s *source, set *schemas.Set, id string) (metric.Explanation, error) {
	all, err := s.metrics(ctx, set)
	if err != nil {
		return metric.Explanation{}, err
	}
	d, err := all.Get("metric", id)
	if err != nil {
		return metric.Explanation{}, err
	}
	e, err := d.Explain()
	if err != nil || !s.hasProgram() {
		return e, err
	}
	open, closeDesk := s.opener(set)
	defer closeDesk()
	desk, err := open(ctx)
	if err != nil {
		return e, err
	}
	snapshot, err := desk.Source.Snapshot(ctx)
	if err != nil {
		return e, err
	}
	defer snapshot.Close()
	e.Reason = pullmetrics.Unavailable(snapshot.Catalog, desk.Config.Definitions.ActiveEvents, d)
	available := e.Reason == ""
	e.Available = &available
	return e, nil
}

// hasProgram reports whether there is a program to read: one that was named, or
// a loyalty.yaml in the working folder.
func (s *source) hasProgram() bool {
	if s.demo || s.given("config") || os.Getenv("LOYALTY_CONFIG") != "" {
		return true
	}
	_, err := os.Stat(s.config)
	return !errors.Is(err, os.ErrNotExist)
}

// metrics returns the metrics as the program has them, or those of the
// catalogue where there is no program, without opening its data.
func (s *source) metrics(_ context.Context, set *schemas.Set) (metric.Catalog, error) {
	if !s.hasProgram() || s.demo || s.config == "demo" { // the demo chooses nothing
		return metric.Load(metric.Choice{})
	}
	c, err := config.Load(s.config, set)
	if err != nil {
		return nil, err
	}
	return c.Catalog()
}

// printValue prints a value as JSON. Formulas hold < and >, which stay as they
// are.
func printValue(t *terminal, value any) error {
	encoder := json.NewEncoder(t.out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}
