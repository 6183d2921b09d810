// Package demo generates a realistic retail loyalty program, "Harbor
// Rewards", whose true parameters are known.
//
// It exists for two readers: somebody who wants to see the server at work
// before connecting data of their own, and a test that wants to know whether
// an estimate comes near the truth. So the program isn't sampled from a real
// one: every member follows a written-down process, and [Generate] returns
// that process's parameters as [Truth] along with the rows.
//
// The program launched on 2024-07-01 without any history, and the data end
// just before 2026-07-01. As the ledger starts at the launch too, a balance is
// the plain sum of a member's entries. All timestamps are UTC.
//
// # Planted faults
//
// [Options.Plant] plants faults and further experiments; [ReadPlant] reads them
// from a file and [Kinds] lists them. A fault of the process bends what members
// do (purchases, memberships, redemptions, credits), and everything else
// follows from that. A fault of the data spoils rows on their way out.
//
// Two generators run side by side, one without the faults, and draw the same
// randomness. Faults thin or add by draws of their own. So a member whom no
// fault reaches keeps every row and identifier, [PlantedTruth] can say exactly
// what a fault did, and what a fault added has identifiers from a range of its
// own. A new kind is a row in [Kinds] and a file that sets the hooks it needs.
//
// # Reproducibility
//
// The same [Options] give the same rows in the same order. Each member draws
// from random streams of its own, seeded from the seed and the member's
// identifier, so a larger program holds the smaller one's members unchanged.
// Processors that fuse multiplication and addition may round a draw
// differently, so only runs on one architecture are promised to agree to the
// last byte. The engine lays a .duckdb file out as its threads go: of two such
// files the contents are equal, not the bytes.
package demo

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// Version names the rows that a seed gives. It is bumped whenever they change,
// so that it can be a part of a cache key.
const Version = "1"

// Options sizes and seeds the program.
type Options struct {
	Members int    // real members; the test members come on top
	Seed    uint64 // any value; another seed is another program of the same truth
	Plant   *Plant // what to plant; nil for nothing
}

// Defaults returns the size that the demo runs with.
func Defaults() Options { return Options{Members: 24_000, Seed: 1} }

// Sink receives the rows. They arrive interleaved between tables: by member,
// and within a member by time in each table.
//
// The values stand in column order: int64 for BigInt, int32 for Integer,
// string for Text, Cents for Money, time.Time in UTC for Timestamp and Date,
// bool for Boolean, float64 for Double, and nil for a null. The slice is used
// again after Append returns, so a sink that keeps rows copies them.
type Sink interface {
	Append(table string, row ...any) error
}

// Test members live in a range of identifiers of their own: were they numbered
// after the real ones, a larger program would move them.
const (
	testMembers    = 40
	testMemberBase = 900_000_000
)

// GenerateSpread is [Generate] with the sink written beside the generator: it
// may be called for different tables at the same time, as [Spread] says.
func GenerateSpread(ctx context.Context, o Options, sink Sink) (Truth, error) {
	s := NewSpread(sink, o.Tables())
	truth, err := Generate(ctx, o, s)
	return truth, cmp.Or(s.Close(), err)
}

// Generate writes the whole program to the sink and returns its true
// parameters. It stops at the sink's first error and when ctx ends.
func Generate(ctx context.Context, o Options, sink Sink) (Truth, error) {
	if o.Members < 1 || o.Members > testMemberBase {
		return Truth{}, fmt.Errorf("demo: members is %d, valid are 1 to %d", o.Members, testMemberBase)
	}
	g := newGenerator(o, sink)
	if o.Plant != nil {
		g.plant(o)
	}
	g.writeCatalog()
	for i := range o.Members + testMembers {
		if err := ctx.Err(); err != nil {
			return Truth{}, err
		}
		if i < o.Members {
			g.both(int64(i+1), false)
		} else {
			g.both(testMemberBase+int64(i-o.Members+1), true)
		}
		if g.err != nil {
			return Truth{}, g.err
		}
	}
	if g.writeNonMembers(ctx); g.err != nil {
		return Truth{}, g.err
	}
	if g.finishPlant(); g.err != nil {
		return Truth{}, g.err
	}
	return g.truth, nil
}

// generator holds what the members share: the calendar, the counters of
// identifiers, and buffers that one member hands on to the next.
type generator struct {
	sink  Sink
	seed  uint64
	cal   *calendar
	src   *rand.PCG
	rng   *rand.Rand // draws from src; see stream
	truth Truth
	err   error // the first error of the sink

	mails                  []mail
	challenges             []challenge
	rateLogMean, rateLogSD float64 // of the logarithm of the scaled purchase rate

	orderIDs, entryIDs, redemptionIDs counter

	trials   []*trial
	planting *planting // nil where nothing is planted
	current  *member   // whose rows are written; nil for those of no member

	row        []any
	arms       []arm
	orders     []order
	events     []event
	past       []event
	touches    []touch
	bonuses    []bonus
	reimbursed []reimbursement
	ledger     ledger
}

func newGenerator(o Options, sink Sink) *generator {
	src := rand.NewPCG(0, 0)
	cal := newCalendar()
	mean, sd := logGamma(rateShape)
	return &generator{
		sink:        sink,
		seed:        o.Seed,
		cal:         cal,
		src:         src,
		rng:         rand.New(src),
		truth:       newTruth(o, cal),
		mails:       newMails(),
		challenges:  newChallenges(),
		rateLogMean: mean,
		rateLogSD:   sd,
		trials:      builtIn(o.Seed),
		orderIDs:    unlimited(), entryIDs: unlimited(), redemptionIDs: unlimited(),
	}
}

// emit passes a row on. The values are copied into one buffer, which keeps a
// slice per row from reaching the heap.
func (g *generator) emit(table string, values ...any) {
	if g.err != nil {
		return
	}
	g.row = append(g.row[:0], values...)
	if g.planting != nil {
		g.err = g.planting.write(g, table)
		return
	}
	g.err = g.sink.Append(table, g.row...)
}

// writeCatalog writes the tables that don't depend on members.
func (g *generator) writeCatalog() {
	for i, t := range tiers {
		g.emit("tiers", t.name, int32(i+1), t.threshold, "spend", "12 months")
	}
	for i := range rewards {
		r := &rewards[i]
		g.emit("rewards", r.id, r.name, r.points, r.cost, r.kind, r.from.time(), r.to.orNull())
	}
	if g.planting == nil {
		g.writeExperiments()
	}
}

// instant is a moment as seconds since the program's launch: cheap to compare
// and to add to.
type instant int64

// never is later than every moment of the program; it is written as a null.
const never instant = 1 << 60

const (
	minute instant = 60
	hour           = 60 * minute
	day            = 24 * hour
)

func (t instant) time() time.Time { return launch.Add(time.Duration(t) * time.Second) }

func (t instant) orNull() any {
	if t >= end {
		return nil
	}
	return t.time()
}
