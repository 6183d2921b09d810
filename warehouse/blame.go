package warehouse

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"loyaltymcp/internal/fault"
)

// unreadable is the error for a feed whose source can't be read when the
// mapping is checked.
func unreadable(ctx context.Context, feed string, err error) error {
	if told := blame(ctx, []string{feed}, err); told != nil {
		return told
	}
	return fault.New(fault.Config, "feeds."+feed, "can't be read").Because(err).
		Then("Correct its table, file or sql in loyalty.yaml")
}

// explain lays a query's error at the door of the feeds it reads, where it is
// about them. An error about the query itself is a defect of ours.
func (s *Snapshot) explain(ctx context.Context, label string, feeds []string, err error) error {
	var source *SourceError
	if errors.As(err, &source) && source.Kind == fault.Config {
		feeds = s.culprits(ctx, feeds)
	}
	if told := blame(ctx, feeds, err); told != nil {
		return told
	}
	return fmt.Errorf("query %s: %w", label, err)
}

// blame words an error about the sources of feeds; nil when it is about
// something else. Transient errors, and errors that teach already, stay as
// they are.
func blame(ctx context.Context, feeds []string, err error) error {
	var t *Transient
	var told *fault.Error
	var value *ValueError
	var source *SourceError
	field := "feeds." + strings.Join(feeds, ", feeds.")
	switch {
	case len(feeds) == 0:
		return nil
	case errors.Is(err, context.DeadlineExceeded):
		return fault.New(fault.Unavailable, field, "could not be read in the time that the call had").Because(err).
			Then("Narrow the window, drop dimensions, allow the call more time, or speed up the source: an index on member_id and on its time column, or a table in place of a view")
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &t), errors.As(err, &told):
		return err
	case errors.As(err, &value):
		return fault.New(fault.Config, field, "can't be computed").Because(value).
			Then("Look for a cast in the feed's sql that fails on some rows, and make those null: by TRY_CAST in the embedded engine, by CASE WHEN x ~ pattern THEN in PostgreSQL")
	case errors.As(err, &source):
		return fault.New(source.Kind, field, "%s", source.Problem).Then("%s", source.Next)
	}
	return nil
}

// culprits returns those of the feeds whose source can't be read any more; all
// of them when each still can.
func (s *Snapshot) culprits(ctx context.Context, feeds []string) []string {
	if len(feeds) < 2 {
		return feeds
	}
	var found []string
	for _, feed := range feeds {
		var source *SourceError
		if _, err := s.reader.Describe(ctx, s.feeds[feed].relation); errors.As(err, &source) {
			found = append(found, feed)
		}
	}
	if len(found) == 0 {
		return feeds
	}
	return found
}
