package warehouse

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Scattered is a Reader that knows whether the rows of any of the relations
// stand on several nodes. No snapshot spans nodes: each takes its own at its
// first query.
type Scattered interface {
	Scattered(ctx context.Context, relations []string) (bool, error)
}

// scatter notes whether any feed's rows stand on several nodes.
func (c *Catalog) scatter(ctx context.Context, reader Reader) (err error) {
	s, ok := reader.(Scattered)
	if !ok {
		return nil
	}
	var relations []string
	for _, name := range FeedNames() {
		if b, mapped := c.feeds[name]; mapped {
			relations = append(relations, b.relation)
		}
	}
	c.scattered, err = s.Scattered(ctx, relations)
	return err
}

// Until returns the same view, bounded: of feeds that say when a row came in (ingested_at),
// rows that came in after the moment don't count. So what is asked twice, or
// by several readers side by side, is asked of the same rows.
func (s *Snapshot) Until(moment time.Time) *Snapshot {
	view, bounded := *s, *s.Catalog
	bounded.watermark = moment
	view.Catalog = &bounded
	return &view
}

// arrived returns the condition that a row came in by the watermark, "" where
// there is none. A row without the time came in before times were kept.
func (b *bound) arrived(zone *time.Location, watermark time.Time) string {
	column, ok := b.contract.Column(ingested)
	if _, has := b.physical[ingested]; !ok || !has || watermark.IsZero() {
		return ""
	}
	return "coalesce(" + b.expression(column, zone) + ", " + longAgo + ") <= TIMESTAMP " + Literal(watermark.UTC().Format("2006-01-02 15:04:05.000000"))
}

// ingested is the column that says when a row came into the source.
const ingested = "ingested_at"

// torn says, for people, what data on several nodes mean for a run's figures.
func (c *Catalog) torn() string {
	var without []string
	for _, f := range Feeds() {
		b, mapped := c.feeds[f.Name]
		if _, could := f.Column(ingested); !mapped || !could || b.empty {
			continue
		}
		if _, ok := b.physical[ingested]; !ok {
			without = append(without, f.Name)
		}
	}
	const torn = "Snapshot: torn across nodes possible, as the data stand on several; rows are bounded by as_of"
	if len(without) == 0 {
		return torn + " and by when they came in (ingested_at)."
	}
	return torn + fmt.Sprintf(". Late rows of feeds without ingested_at can come in between two queries: %s.", strings.Join(without, ", "))
}
