package trend_test

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"loyaltymcp/stats/proportion"
	"loyaltymcp/tools/trend"
)

var (
	programs = flag.Int("programs", 2, "how many demo programs are measured")
	members  = flag.Int("members", 4000, "members of each program")
)

// mostFalse is the most alarms there may be for each KPI and window of a
// program without planted faults.
const mostFalse = 0.01

// measured are the windows of the measurement: days of the window and of the
// step, and from one window's end to the next, so that they don't overlap.
var measured = []struct {
	name              string
	days, step, every int
}{{"7d", 7, 1, 7}, {"30d", 30, 1, 30}, {"90d", 90, 1, 90}, {"13 weeks", 91, 7, 91}, {"quarter", 0, 1, 0}}

type cell struct{ windows, scored, alarms, oneDay, days, points int }

func (c *cell) add(j trend.Judgement, days int) {
	c.windows++
	if !j.Scored {
		return
	}
	c.scored++
	c.days += days
	c.points += len(j.Points)
	if j.Alarm {
		c.alarms++
	}
	if j.OneDay {
		c.oneDay++
	}
}

// Without planted faults, at most one KPI and window in a hundred raises an
// alarm. The program's own changes count as faults here: the push for
// enrolments in November 2025, the double points of spring 2026 and the first
// expiry of points in August 2025. The package's documentation has the command
// of the long form and what it measured.
func TestFalseAlarms(t *testing.T) {
	byWindow, byKPI, all := map[string]*cell{}, map[string]*cell{}, &cell{}
	var fired []string
	for seed := range *programs {
		p := generate(t, *members, uint64(seed+1), nil)
		for _, k := range kpis {
			for _, w := range measured {
				for _, end := range ends(w.days, w.every, seed) {
					days := w.days
					if days == 0 {
						days = end - quarterBefore(end)
					}
					if end < days+28 {
						continue
					}
					b := p.buckets(k, end, w.step)
					j, err := trend.Judge(k.kind, b, len(b)-days/w.step, trend.Options{})
					if err != nil {
						t.Fatal(err)
					}
					for _, c := range []*cell{at(byWindow, w.name), at(byKPI, k.id), all} {
						c.add(j, days/w.step)
					}
					if j.Alarm {
						fired = append(fired, fmt.Sprintf("%s %s to %s: %.1f", k.id, w.name, programStart.AddDate(0, 0, end).Format("2006-01-02"), j.Score))
					}
				}
			}
		}
	}
	for _, m := range []map[string]*cell{byWindow, byKPI, {"all": all}} {
		for _, name := range sorted(m) {
			c := m[name]
			rate := wilson(t, c)
			t.Logf("%-20s %6d windows, %6d scored, %4d alarms: %.4f (%.4f to %.4f); %d for one day alone; %d of %d buckets odd", name, c.windows, c.scored, c.alarms,
				float64(c.alarms)/float64(max(1, c.scored)), rate.Low, rate.High, c.oneDay, c.points, c.days)
		}
	}
	slices.Sort(fired)
	t.Logf("alarms:\n%s", strings.Join(fired, "\n"))
	if all.scored < 1000**programs {
		t.Errorf("only %d windows were scored", all.scored)
	}
	if high := wilson(t, all).High; high > mostFalse {
		t.Errorf("%d false alarms in %d windows: up to %.4f, want %v at most", all.alarms, all.scored, high, mostFalse)
	}
}

func wilson(t *testing.T, c *cell) proportion.Interval {
	t.Helper()
	if c.scored == 0 {
		return proportion.Interval{High: 1}
	}
	i, err := proportion.Wilson(proportion.Count{Successes: int64(c.alarms), N: int64(c.scored)}, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func at(m map[string]*cell, name string) *cell {
	if m[name] == nil {
		m[name] = &cell{}
	}
	return m[name]
}

func sorted[T any](m map[string]T) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// ends returns the day numbers at which windows end, or the quarters' ends.
// Programs differ in the first.
func ends(days, every, seed int) []int {
	var out []int
	if days == 0 {
		for m := 6; m <= 24; m += 3 {
			out = append(out, monthStart(m))
		}
		return out
	}
	for end := days + 28 + (11*seed)%every; end <= programDays; end += every {
		out = append(out, end)
	}
	return out
}

// monthStart returns the day number of the first of a month after the launch.
func monthStart(months int) int {
	return int(programStart.AddDate(0, months, 0).Sub(programStart).Hours() / 24)
}

func quarterBefore(end int) int {
	for m := 0; ; m++ {
		if monthStart(m+3) == end {
			return monthStart(m)
		}
	}
}
