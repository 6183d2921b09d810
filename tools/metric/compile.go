package metric

import (
	"errors"
	"slices"

	"loyaltymcp/internal/fault"
)

var (
	kinds     = []string{string(Flow), string(Stock), string(Ratio), string(Cohort)}
	units     = []string{string(Count), string(Points), string(Money), string(Share), string(Score)}
	intervals = []string{Wilson, Delta, NPS}
	betters   = []string{"higher", "lower", "neutral"}
)

// maxDays bounds a horizon and a lookback.
const maxDays = 1826

// within puts an error under a field: the numerator of a definition under
// metrics.define[0].
func within(field string, err error) error {
	var e *fault.Error
	if !errors.As(err, &e) {
		return fault.New(fault.Config, field, "%v", err)
	}
	under := *e
	if under.Field = field; e.Field != "" {
		under.Field += "." + e.Field
	}
	return &under
}

// whole compiles the definition and each of its variants. An error is a
// *fault.Error whose field is the definition's.
func (d *Definition) whole(sources Sources) error {
	if err := d.compile(sources); err != nil {
		return err
	}
	for _, name := range d.VariantNames() {
		field := "variants." + name
		if !isName(name) || name == Standard {
			return fault.New(fault.Config, field, "%q is no name for a variant: write lower-case letters, digits and _; %s is the formula itself", name, Standard)
		}
		if _, err := d.With(name, sources); err != nil {
			return within(field, err)
		}
	}
	return nil
}

// compile checks the definition and parses its expressions. An error is a
// *fault.Error whose field is the definition's.
func (d *Definition) compile(sources Sources) error {
	if err := d.shape(); err != nil {
		return err
	}
	d.ofState = false
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
		if err == nil {
			err = d.fits(x.field, e, sources)
		}
		if err != nil {
			return within(x.field, err)
		}
		*x.text, *x.to = e.String(), e
	}
	if err := d.interval(); err != nil {
		return err
	}
	return d.compileDaily(sources)
}

// shape checks what the definition says beside its expressions.
func (d *Definition) shape() error {
	refuse := func(field, format string, args ...any) *fault.Error {
		return fault.New(fault.Config, field, format, args...)
	}
	if !isName(d.ID) {
		return refuse("id", "%q is no id: write lower-case letters, digits and _", d.ID)
	}
	for _, alias := range d.Aliases {
		if !isName(alias) {
			return refuse("aliases", "%q is no alias: write lower-case letters, digits and _", alias)
		}
	}
	for _, x := range []struct{ field, text string }{{"label", d.Label}, {"group", d.Group}, {"definition", d.Text}, {"numerator", d.Numerator}} {
		if x.text == "" {
			return refuse(x.field, "a metric needs one")
		}
	}
	for _, x := range []struct {
		field, got string
		valid      []string
	}{{"kind", string(d.Kind), kinds}, {"unit", string(d.Unit), units}, {"better", d.Better, betters}, {"interval", d.Interval, intervals}} {
		if !slices.Contains(x.valid, x.got) && (x.got != "" || x.field != "interval") {
			return fault.New(fault.Config, x.field, "there is no %s %q", x.field, x.got).OneOf(x.got, x.valid)
		}
	}
	if _, ok := d.Variants[d.Fallback]; d.Fallback != "" && !ok {
		return refuse("fallback", "%s has no variant %q", d.ID, d.Fallback).OneOf(d.Fallback, d.VariantNames())
	}
	switch {
	case d.Divides() && d.Denominator == "":
		return refuse("denominator", "a %s needs one", d.Kind)
	case !d.Divides() && d.Denominator != "":
		return refuse("denominator", "a %s has none; a ratio or a cohort has", d.Kind)
	case !d.Divides() && d.Interval != "":
		return refuse("interval", "a %s has none; a ratio or a cohort may have one", d.Kind)
	case d.Kind == Cohort && (d.Horizon < 1 || d.Horizon > maxDays):
		return refuse("horizon", "is %d; a cohort is watched for 1 to %d days", d.Horizon, maxDays)
	case d.Kind != Cohort && d.Horizon != 0:
		return refuse("horizon", "a %s has none; a cohort has", d.Kind)
	case d.Lookback < 0 || d.Lookback > maxDays:
		return refuse("lookback", "is %d; 1 to %d days are possible", d.Lookback, maxDays)
	case d.Lookback > 0 && d.Kind == Stock:
		return refuse("lookback", "a stock has none: it is what there is at the end of the window")
	case d.Change != "" && d.Kind != Stock:
		return refuse("change", "a %s has none; a stock has", d.Kind)
	}
	return nil
}

// fits refuses measures that don't fit the kind of metric.
func (d *Definition) fits(field string, e Expression, sources Sources) error {
	for _, m := range e.Measures() {
		source, _ := sources.Find(m.Source)
		state := source.state()
		d.ofState = d.ofState || state && (field == "numerator" || field == "denominator")
		switch {
		case field == "n":
		case d.Kind == Stock && field == "numerator" && !state:
			return wrong("%s is no state: its rows are %s", m.Source, source.Means)
		case (d.Kind == Flow || field == "change" || d.Kind == Cohort) && state:
			return wrong("%s is a state, of which a %s or a change is not made: its rows are %s", m.Source, d.Kind, source.Means)
		case d.Kind == Cohort && !source.cohort():
			return wrong("the rows of %s are not watched for a horizon", m.Source).OneOf(m.Source, cohorts(sources))
		}
		for _, name := range m.Columns() {
			if c, _ := source.Column(name); c.Horizon && d.Kind != Cohort {
				return wrong("%s.%s looks at the days after the row, which only a cohort with a horizon may", m.Source, name)
			}
		}
	}
	return nil
}

// cohorts returns the sources whose rows are watched for a horizon.
func cohorts(sources Sources) []string {
	var out []string
	for _, s := range sources {
		if s.cohort() {
			out = append(out, s.Name)
		}
	}
	return out
}

// interval refuses an interval that the formula can't have.
func (d *Definition) interval() error {
	refuse := func(format string, args ...any) error { return fault.New(fault.Config, "interval", format, args...) }
	sums := slices.ContainsFunc(slices.Concat(d.numerator, d.denominator), func(t Term) bool { return t.Measure.Aggregate == SumColumn })
	switch d.Interval {
	case Wilson:
		if sums || d.Unit != Share {
			return refuse("%s is of a share of counted units; delta is of a ratio of sums", Wilson)
		}
		for _, t := range d.denominator {
			if t.Factor != 1 {
				return refuse("%s is of a share of counted units, and the denominator weighs them", Wilson)
			}
		}
	case NPS:
		if len(d.numerator) != 2 || d.numerator[0].Factor != -d.numerator[1].Factor || len(d.denominator) != 1 || sums {
			return refuse("%s is of promoters less detractors over answers, each of them a count", NPS)
		}
	}
	return nil
}

// compileDaily parses what the metric is followed by from day to day.
func (d *Definition) compileDaily(sources Sources) (err error) {
	d.daily, d.dailyDenominator = nil, nil
	if d.Daily == nil {
		return nil
	}
	if d.daily, err = parseDay(d.Daily.Numerator, sources); err != nil {
		return within("daily.numerator", err)
	}
	switch text := d.Daily.Denominator; {
	case (text != "") != d.Divides():
		return fault.New(fault.Config, "daily.denominator", "a ratio, and only a ratio, is followed by one")
	case text == "" || isName(text): // a name is a stock, which Catalog.check looks up
		return nil
	}
	if d.dailyDenominator, err = parseDay(d.Daily.Denominator, sources); err != nil {
		return within("daily.denominator", err)
	}
	return nil
}

// parseDay parses an expression that is taken day by day, which what there is
// at a moment, or what looks at later days, can't be.
func parseDay(text string, sources Sources) (Expression, error) {
	e, err := Parse(text, sources)
	if err != nil {
		return nil, err
	}
	for _, m := range e.Measures() {
		source, _ := sources.Find(m.Source)
		if source.state() {
			return nil, wrong("%s is a state, which is not taken day by day; name a stock as the denominator instead", m.Source)
		}
		for _, name := range m.Columns() {
			if c, _ := source.Column(name); c.Horizon {
				return nil, wrong("%s.%s looks at the days after the row, so it is not taken day by day", m.Source, name)
			}
		}
	}
	return e, nil
}
