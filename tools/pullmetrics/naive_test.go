package pullmetrics_test

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"loyaltymcp/internal/testdesk"
	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/pullmetrics"
	"loyaltymcp/tools/run"
	"loyaltymcp/warehouse/postgres/pgtest"
)

// LOYALTY_TEST_PROGRAMS sets how many random programs are tried, and
// LOYALTY_TEST_SEED the first seed, so that a failure can be seen again.
const (
	programs = "LOYALTY_TEST_PROGRAMS"
	seed     = "LOYALTY_TEST_SEED"
)

func setting(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s is %q, want a whole number", name, text)
	}
	return n
}

// A KPI without a computation in words would be checked by nothing.
func TestEveryKPIHasANaiveComputation(t *testing.T) {
	all, err := metric.Load(metric.Choice{})
	if err != nil {
		t.Fatal(err)
	}
	have := catalogue()
	for _, d := range all {
		if _, ok := have[d.ID]; !ok {
			t.Errorf("%s has no naive computation", d.ID)
		}
		delete(have, d.ID)
	}
	for id := range have {
		t.Errorf("%s is in no catalogue", id)
	}
}

// Every KPI of random programs is what a computation row by row, written from
// its definition in words, says: value, numerator, denominator, n, interval,
// the windows before, and every cell.
func TestKPIsAreWhatTheirWordsSay(t *testing.T) {
	first, n := setting(t, seed, 1), setting(t, programs, 12)
	t.Run("files", func(t *testing.T) {
		tried(t, first, n, func(t *testing.T, p *program) *run.Desk { return p.inFiles(t) })
	})
	t.Run("postgres", func(t *testing.T) {
		database, err := pgtest.CreateDatabase(t.Context(), testdesk.PostgresURL(t), "loyalty_pullmetrics_naive")
		if err != nil {
			t.Fatal(err)
		}
		tried(t, first, n, func(t *testing.T, p *program) *run.Desk { return p.inPostgres(t, database) })
	})
}

func tried(t *testing.T, first, n int, open func(*testing.T, *program) *run.Desk) {
	seen := tally{of: map[string]int{}}
	t.Run("all", func(t *testing.T) {
		for i := range n {
			s := uint64(first + i)
			t.Run(fmt.Sprint("seed ", s), func(t *testing.T) {
				t.Parallel()
				p := generate(s)
				for _, d := range compare(t, p, open(t, p), &seen) {
					t.Error(d)
				}
			})
		}
	})
	if n < 12 {
		return
	}
	for id := range catalogue() {
		if seen.of[id] <= n/12 {
			t.Errorf("%s has a value in %d of %d programs only: the generator makes too little for it", id, seen.of[id], n)
		}
	}
}

// tally counts the programs in which a KPI has a value.
type tally struct {
	sync.Mutex
	of map[string]int
}

func (t *tally) count(id string) {
	t.Lock()
	defer t.Unlock()
	t.of[id]++
}

// compare lists where the KPIs of a program are not what they should be, and
// counts those that have a value.
func compare(t *testing.T, p *program, d *run.Desk, seen *tally) []string {
	t.Helper()
	rows := p.counted()
	result := pull(t, d, run.Request{Window: p.window, AsOf: p.asOf, Dimensions: rows.dimensions()})
	c := &comparison{program: rows, result: result, windows: p.windows(), naive: catalogue()}
	if s := result.Window; s.Start != c.windows[0].start.Format(time.DateOnly) || s.End != c.windows[0].end.Format(time.DateOnly) {
		c.say("the window is %s..%s, want %v", s.Start, s.End, c.windows[0])
	}
	for _, definition := range d.Metrics {
		if c.kpi(definition) {
			seen.count(definition.ID)
		}
		c.cells(definition)
	}
	return c.out
}

// dimensions returns those that the program has.
func (p *program) dimensions() []string {
	out := []string{"cohort"}
	for _, d := range []string{"region", "channel"} {
		if p.has("members", d) {
			out = append(out, d)
		}
	}
	if p.has("members", "tier") || p.has("tier_history") {
		out = append(out, "tier")
	}
	return out
}

type comparison struct {
	*program
	result  *pullmetrics.Result
	windows [3]span
	naive   map[string]naive
	out     []string
}

func (c *comparison) say(format string, args ...any) {
	c.out = append(c.out, fmt.Sprintf(format, args...))
}

func everywhere(int64, time.Time, bool) bool { return true }

// lacking returns why a KPI is unknown in a window, nothing where it is not.
func (c *comparison) lacking(d metric.Definition, i int) []string {
	if i > 0 && strings.HasPrefix(d.ID, "points_expiring") {
		return []string{"computed for the window itself"}
	}
	return c.at(d, c.windows[i], c.windows[0]).lacking(c.naive[d.ID].needs)
}

// value returns a KPI in a window and a cell; nil where it is unknown.
func (c *comparison) value(d metric.Definition, i int, cell func(int64, time.Time, bool) bool) (*float64, *figure) {
	if len(c.lacking(d, i)) > 0 {
		return nil, nil
	}
	v := c.at(d, c.windows[i], c.windows[0])
	v.cell = cell
	f := c.naive[d.ID].compute(v)
	x := float64(f.top.total()) / one
	if f.bottom != nil {
		if f.bottom.total() == 0 {
			return nil, &f
		}
		x = float64(f.top.total()) / float64(f.bottom.total())
	}
	return &x, &f
}

// near reports whether a value is the one wanted, to the six decimals of
// results, where it is no sum.
func near(got, want *float64, exact bool) bool {
	if got == nil || want == nil {
		return got == nil && want == nil
	}
	if exact {
		return *got == *want
	}
	return math.Abs(*got-*want) <= 0.5000001e-6+1e-9*math.Abs(*want)
}

func show(x *float64) string {
	if x == nil {
		return "null"
	}
	return strconv.FormatFloat(*x, 'g', -1, 64)
}

func count(n *int64) string {
	if n == nil {
		return "null"
	}
	return strconv.FormatInt(*n, 10)
}

// kpi compares a KPI of the whole, and reports whether it has a value.
func (c *comparison) kpi(d metric.Definition) bool {
	k := c.result.KPI(d.ID)
	if k == nil {
		c.say("%s is not in the result", d.ID)
		return false
	}
	want, f := c.value(d, 0, everywhere)
	exact := !d.Divides()
	if !near(k.Value, want, exact) {
		c.say("%s = %s (%s), want %s %v", d.ID, show(k.Value), k.Reason, show(want), c.lacking(d, 0))
	}
	if (k.Value == nil) != (k.Reason != "") {
		c.say("%s = %s with the reason %q", d.ID, show(k.Value), k.Reason)
	}
	for i, got := range []*float64{1: k.Previous, 2: k.YearAgo} {
		if i == 0 {
			continue
		}
		if before, _ := c.value(d, i, everywhere); !near(got, before, exact) {
			c.say("%s in window %d = %s, want %s %v", d.ID, i, show(got), show(before), c.lacking(d, i))
		}
	}
	if f == nil {
		lacks := c.lacking(d, 0)
		if !slices.ContainsFunc(lacks, func(feed string) bool { return strings.Contains(k.Reason, feed) }) {
			c.say("%s is unknown because %q, want a word of %v", d.ID, k.Reason, lacks)
		}
		return false
	}
	if want == nil && !strings.Contains(k.Reason, "divide") {
		c.say("%s is unknown because %q, want that there is nothing to divide by", d.ID, k.Reason)
	}
	if k.N == nil || *k.N != f.units() {
		c.say("%s: n = %s, want %d", d.ID, count(k.N), f.units())
	}
	if f.bottom != nil {
		top, bottom := float64(f.top.total())/one, float64(f.bottom.total())/one
		mean := strings.Contains(d.Denominator, "0.5 *") // of two sums, each exact
		if !near(k.Numerator, &top, true) || !near(k.Denominator, &bottom, !mean) {
			c.say("%s = %s / %s, want %v / %v", d.ID, show(k.Numerator), show(k.Denominator), top, bottom)
		}
	}
	c.interval(d, k, f)
	return want != nil
}

func (c *comparison) interval(d metric.Definition, k *pullmetrics.KPI, f *figure) {
	low, high, ok := f.interval(d.Interval, c.naive[d.ID].across)
	if d.Interval == metric.NPS && k.Value != nil {
		v := c.at(d, c.windows[0], c.windows[0])
		if low, high, ok = npsInterval(v.promoters().total()/one, v.detractors().total()/one, f.bottom.total()/one); !ok {
			return
		}
	}
	switch {
	case ok != (k.Interval != nil):
		c.say("%s: the interval is %v, want %v to %v (%v)", d.ID, k.Interval, low, high, ok)
	case ok && (!within(k.Interval[0], low, high-low) || !within(k.Interval[1], high, high-low)):
		c.say("%s: the interval is %v, want %v to %v", d.ID, *k.Interval, low, high)
	}
}

// within allows the rounding of a sum of squares that was expanded.
func within(got, want, width float64) bool {
	return math.Abs(got-want) <= 1e-6+1e-7*(math.Abs(want)+width)
}

// cells compares a KPI by every dimension.
func (c *comparison) cells(d metric.Definition) {
	for _, dimension := range c.dimensions() {
		i := slices.IndexFunc(c.result.Breakdowns, func(b pullmetrics.Breakdown) bool { return b.KPI == d.ID && b.Dimension == dimension })
		if !d.ByMember() || len(c.lacking(d, 0)) > 0 {
			if i >= 0 {
				c.say("%s by %s is there, want none", d.ID, dimension)
			}
			continue
		}
		got := map[string]pullmetrics.Cell{}
		if i >= 0 {
			for _, cell := range c.result.Breakdowns[i].Cells {
				got[cell.Cell] = cell
			}
		}
		for _, name := range c.names(dimension) {
			c.cell(d, dimension, name, got[run.Label(name)])
			delete(got, run.Label(name))
		}
		for name := range got {
			c.say("%s by %s has a cell %q, which nobody is in", d.ID, dimension, name)
		}
	}
}

// cell compares one cell; got is of zeros where the result has none.
func (c *comparison) cell(d metric.Definition, dimension, name string, got pullmetrics.Cell) {
	in := func(who int64, at time.Time, state bool) bool {
		return who != 0 && c.cellOf(dimension, who, at, state) == name
	}
	want, f := c.value(d, 0, in)
	before, _ := c.value(d, 1, in)
	if got.Cell == "" { // left out, as nothing is in it
		zero := func(x *float64) bool { return x == nil || *x == 0 }
		if !zero(want) || !zero(before) {
			c.say("%s{%s=%s} is missing, want %s, before %s", d.ID, dimension, name, show(want), show(before))
		}
		return
	}
	if !near(got.Value, want, !d.Divides()) {
		c.say("%s{%s=%s} = %s, want %s", d.ID, dimension, name, show(got.Value), show(want))
	}
	if !near(got.Previous, before, !d.Divides()) {
		c.say("%s{%s=%s} before = %s, want %s", d.ID, dimension, name, show(got.Previous), show(before))
	}
	if got.N == nil || *got.N != f.units() {
		c.say("%s{%s=%s}: n = %s, want %d", d.ID, dimension, name, count(got.N), f.units())
	}
}

// names returns every cell of a dimension in which anybody ever is.
func (c *comparison) names(dimension string) []string {
	out := []string{""}
	add := func(name string) {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	for _, m := range c.members {
		if dimension != "tier" {
			add(c.cellOf(dimension, m.id, time.Time{}, true))
		} else if !c.has("tier_history") {
			add(c.tierAt(m.id, time.Time{}, true))
		}
	}
	if dimension == "tier" && c.has("tier_history") {
		for _, s := range c.spells {
			add(s.tier)
		}
	}
	return out
}
