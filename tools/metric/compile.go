package metric

import (
	"fmt"
	"maps"
	"slices"
)

var (
	kinds     = []Kind{Flow, Stock, Ratio, Cohort}
	units     = []Unit{Count, Points, Money, Share, Score}
	intervals = []string{"", Wilson, Delta, NPS}
	betters   = []string{"higher", "lower", "neutral"}
)

// compile checks the definition and parses its expressions. An error names the
// field.
func (d *Definition) compile(sources Sources) error {
	wrong := func(field, format string, args ...any) error {
		return fmt.Errorf("%s: %s: %s", d.ID, field, fmt.Sprintf(format, args...))
	}
	switch {
	case !isName(d.ID):
		return fmt.Errorf("%q is no id: write lower-case letters, digits and _", d.ID)
	case d.Label == "" || d.Text == "":
		return wrong("definition", "a metric needs a label and a definition in words")
	case !slices.Contains(kinds, d.Kind):
		return wrong("kind", "there is no kind %q; valid: %v", d.Kind, kinds)
	case !slices.Contains(units, d.Unit):
		return wrong("unit", "there is no unit %q; valid: %v", d.Unit, units)
	case !slices.Contains(betters, d.Better):
		return wrong("better", "is %q; valid: %v", d.Better, betters)
	case !slices.Contains(intervals, d.Interval):
		return wrong("interval", "there is no interval %q; valid: %v", d.Interval, intervals[1:])
	case d.Divides() != (d.Denominator != ""):
		return wrong("denominator", "a ratio or cohort, and only these, has one")
	case (d.Kind == Cohort) != (d.Horizon > 0):
		return wrong("horizon", "a cohort, and only a cohort, has a number of days")
	case d.Interval != "" && !d.Divides():
		return wrong("interval", "only a ratio or cohort has one")
	case d.Change != "" && d.Kind != Stock:
		return wrong("change", "only a stock has one")
	}
	if _, ok := d.Variants[d.Fallback]; d.Fallback != "" && !ok {
		return wrong("fallback", "there is no variant %q; it has %v", d.Fallback, slices.Sorted(maps.Keys(d.Variants)))
	}
	for _, x := range []struct {
		field string
		text  *string
		to    *Expression
	}{{"numerator", &d.Numerator, &d.numerator}, {"denominator", &d.Denominator, &d.denominator}, {"n", &d.N, &d.n}, {"change", &d.Change, &d.change}} {
		*x.to = nil
		if *x.text == "" && x.field != "numerator" {
			continue
		}
		e, err := Parse(*x.text, sources)
		if err != nil {
			return wrong(x.field, "%v", err)
		}
		if err := d.horizons(e, sources); err != nil {
			return wrong(x.field, "%v", err)
		}
		*x.text, *x.to = e.String(), e
	}
	if d.Interval == NPS && (len(d.numerator) != 2 || len(d.denominator) != 1) {
		return wrong("numerator", "an NPS is promoters less detractors over answers")
	}
	return d.compileDaily(sources)
}

// compileDaily parses what the metric is followed by from day to day.
func (d *Definition) compileDaily(sources Sources) (err error) {
	d.daily, d.dailyDenominator = nil, nil
	if d.Daily == nil {
		return nil
	}
	if d.daily, err = Parse(d.Daily.Numerator, sources); err != nil {
		return fmt.Errorf("%s: daily.numerator: %w", d.ID, err)
	}
	if isName(d.Daily.Denominator) {
		return nil // a stock, which Catalog.check looks up
	}
	if d.dailyDenominator, err = Parse(d.Daily.Denominator, sources); err != nil {
		return fmt.Errorf("%s: daily.denominator: %w", d.ID, err)
	}
	return nil
}

// horizons refuses what looks at the days after a row in any metric but a
// cohort.
func (d *Definition) horizons(e Expression, sources Sources) error {
	for _, m := range e.Measures() {
		source, _ := sources.Find(m.Source)
		for _, name := range m.Columns() {
			if c, _ := source.Column(name); c.Horizon && d.Kind != Cohort {
				return fmt.Errorf("%s.%s looks at the days after the row, which only a cohort with a horizon may", m.Source, name)
			}
		}
	}
	return nil
}
