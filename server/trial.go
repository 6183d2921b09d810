package main

import (
	"context"
	"embed"
	"errors"
	"regexp"
	"strings"
	"time"

	"loyaltymcp/internal/fault"
	"loyaltymcp/schemas"
	"loyaltymcp/tools/checkfeeds"
	"loyaltymcp/tools/config"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse"
	"loyaltymcp/warehouse/propose"
)

// run writes the text, and tries it as check would. A feed that can't be read
// is taken out, with the reason in its place.
func (i *initiation) run(ctx context.Context, o propose.Options) ([]byte, *checkfeeds.Result, error) {
	set, err := schemas.Load()
	if err != nil {
		return nil, nil, err
	}
	metrics, err := metric.Load(metric.Choice{}) // a proposal chooses nothing
	if err != nil {
		return nil, nil, err
	}
	for {
		text := i.proposal.YAML(o)
		if !i.proposal.Feed("members").Mapped() {
			return text, nil, nil // the config can't be valid without
		}
		c, err := config.Parse("loyalty.yaml", text, ".", set)
		if err != nil {
			return nil, nil, err
		}
		desk := &run.Desk{Config: c, Source: warehouse.NewSource(i.engine, c.Mapping(), c.Zone(), c.Dimensions),
			Metrics: metrics, Now: time.Now, Version: version}
		result, err := trial(ctx, desk)
		if err == nil {
			return text, result, nil
		}
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		if !i.drop(err) {
			i.problem = err.Error()
			return text, nil, nil
		}
	}
}

//go:embed sql/touch.sql
var touchText embed.FS

var touch = warehouse.MustParseQueries("init", touchText)

// trial computes every column of every feed, each feed apart so that an error
// names the right one, and then checks them as check does.
func trial(ctx context.Context, d *run.Desk) (*checkfeeds.Result, error) {
	s, err := d.Source.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	for _, feed := range warehouse.FeedNames() {
		columns := s.Columns(feed)
		if !s.Has(feed) || len(columns) == 0 {
			continue
		}
		counts := make([]any, len(columns))
		for i := range counts {
			counts[i] = new(int64)
		}
		about := struct {
			Feed    string
			Columns []string
		}{feed, columns}
		if err := s.One(ctx, touch, "touch", about, counts...); err != nil {
			return nil, err
		}
	}
	return checkfeeds.Check(run.WithSnapshot(ctx, s), d)
}

var faultyFeed = regexp.MustCompile(`^feeds\.([a-z_]+)`)

// drop takes the feed that an error is about out of the proposal; false when
// it is about none that can go.
func (i *initiation) drop(err error) bool {
	var e *fault.Error
	if !errors.As(err, &e) {
		return false
	}
	field := faultyFeed.FindStringSubmatch(e.Field)
	if field == nil || !i.proposal.Feed(field[1]).Mapped() {
		return false
	}
	i.proposal.Drop(field[1], "what looked like it can't be used: "+strings.TrimSuffix(strings.TrimPrefix(err.Error(), e.Field+": "), "."))
	return true
}
