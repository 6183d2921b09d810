package metric

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
)

// Kind is which rule a metric follows over time.
type Kind string

// The kinds of metric.
const (
	Flow   Kind = "flow"   // sum in the window
	Stock  Kind = "stock"  // state at the end of the window
	Ratio  Kind = "ratio"  // sum over sum in the window, never a mean of ratios
	Cohort Kind = "cohort" // sum over sum of those whose horizon ends in the window
)

// Unit is what a value is counted in.
type Unit string

// The units.
const (
	Count  Unit = "count"
	Points Unit = "points"
	Money  Unit = "money"
	Share  Unit = "ratio" // 0 to 1, but for ratios of flows, which may exceed 1
	Score  Unit = "score"
)

// The intervals that a definition may ask for.
const (
	Wilson = "wilson" // the numerator counts some of the denominator's units
	Delta  = "delta"  // a ratio of sums over members
	NPS    = "nps"    // shares of promoters less detractors
	None   = "none"   // of a variant: none, whichever the definition has
)

// Standard names the formula of a definition itself among its variants.
const Standard = "standard"

// Formula is what a definition and its variants may each say of their own.
// Expressions are in the grammar of Parse.
type Formula struct {
	Numerator   string `yaml:"numerator" json:"numerator,omitempty"`
	Denominator string `yaml:"denominator" json:"denominator,omitempty"`
	// N counts the units behind the value; the denominator, or else the
	// numerator, if empty.
	N        string `yaml:"n" json:"n,omitempty"`
	Interval string `yaml:"interval" json:"interval,omitempty"`
	// Horizon is, of a cohort, the days for which each of its units is
	// watched. The cohort are those whose horizon ends in the window.
	Horizon int `yaml:"horizon" json:"horizon,omitempty"`
	// Lookback is the days before the end of the window that are looked at
	// instead of the window; 0 for the window itself.
	Lookback int    `yaml:"lookback" json:"lookback,omitempty"`
	Daily    *Daily `yaml:"daily" json:"daily,omitempty"`
	// Matures says that rows go on changing for a while after their day, so
	// that the last days are never like those before: it is not followed from
	// day to day.
	Matures bool   `yaml:"matures" json:"matures,omitempty"`
	Text    string `yaml:"definition" json:"definition,omitempty"`
	Source  string `yaml:"source" json:"source,omitempty"` // who defines it so
}

// Daily is how a metric is followed from day to day, where that is not by its
// own numerator and denominator.
type Daily struct {
	Numerator   string `yaml:"numerator" json:"numerator"`
	Denominator string `yaml:"denominator" json:"denominator,omitempty"` // an expression, or the id of a stock
}

// Definition is one metric.
type Definition struct {
	ID      string   `yaml:"id" json:"id"`
	Label   string   `yaml:"label" json:"label"`
	Aliases []string `yaml:"aliases" json:"aliases,omitempty"`
	Group   string   `yaml:"group" json:"group"` // membership, engagement, points, satisfaction, revenue, tiers
	Kind    Kind     `yaml:"kind" json:"kind"`
	Unit    Unit     `yaml:"unit" json:"unit"`
	Better  string   `yaml:"better" json:"better"` // higher, lower or neutral
	Formula `yaml:",inline"`
	// Members is false where breaking down by what members are means nothing.
	Members  *bool `yaml:"members" json:"members,omitempty"`
	Headline bool  `yaml:"headline" json:"headline,omitempty"`
	// Change is, of a stock, the expression of its change in a span, by which
	// it is followed from day to day.
	Change string `yaml:"change" json:"change,omitempty"`
	// Variants are other formulas for the same metric, by name. What a variant
	// leaves empty it has from the definition, but for Source.
	Variants map[string]Formula `yaml:"variants" json:"variants,omitempty"`
	// Fallback is the variant for programs whose feeds can't carry the formula.
	Fallback string `yaml:"fallback" json:"fallback,omitempty"`
	// Variant is the chosen variant, "" for the formula itself.
	Variant string `yaml:"-" json:"variant,omitempty"`
	// Custom says that the operator defined or overrode it.
	Custom bool `yaml:"-" json:"custom,omitempty"`

	numerator, denominator, n Expression
	change                    Expression
	daily, dailyDenominator   Expression
	own                       *Formula // the definition's, where a variant stands in its place
	ofState                   bool     // the formula reads a state, which no single day adds to
}

// Top returns the numerator, Bottom the denominator (nil for none), and Behind
// the expression that counts the units behind the value (nil: as N says).
func (d Definition) Top() Expression { return d.numerator }

// Bottom returns the denominator, nil for none.
func (d Definition) Bottom() Expression { return d.denominator }

// Behind returns the expression that counts the units behind the value, nil
// where the definition names none.
func (d Definition) Behind() Expression { return d.n }

// Moves returns the expression of a stock's change, nil for none.
func (d Definition) Moves() Expression { return d.change }

// ByDay returns by which expressions the metric is followed from day to day;
// stock is the id of the stock that stands for the denominator, if one does. ok
// is false where it can't be followed.
func (d Definition) ByDay() (numerator, denominator Expression, stock string, ok bool) {
	switch {
	case d.Matures:
		return nil, nil, "", false
	case d.Daily != nil && d.dailyDenominator == nil:
		return d.daily, nil, d.Daily.Denominator, true
	case d.Daily != nil:
		return d.daily, d.dailyDenominator, "", true
	case d.Kind == Stock:
		return d.change, nil, "", d.change != nil
	case d.Kind == Cohort || d.Lookback > 0 || d.ofState:
		return nil, nil, "", false
	}
	return d.numerator, d.denominator, "", true
}

// Measures returns the measures that the metric's value is made of.
func (d Definition) Measures() []Measure {
	return slices.Concat(d.numerator.Measures(), d.denominator.Measures(), d.n.Measures())
}

// ByMember reports whether the metric can be broken down by what members are.
func (d Definition) ByMember() bool { return d.Members == nil || *d.Members }

// Divides reports whether the metric is one sum over another.
func (d Definition) Divides() bool { return d.Kind == Ratio || d.Kind == Cohort }

// VariantNames returns the names of the variants, sorted.
func (d Definition) VariantNames() []string { return slices.Sorted(maps.Keys(d.Variants)) }

// Standard returns the definition's own formula, whichever variant is chosen.
func (d Definition) Standard() Formula {
	if d.own != nil {
		return *d.own
	}
	return d.Formula
}

// With returns the definition by one of its variants, or by its own formula
// where that is Standard. An error is a *fault.Error of kind config; its field
// is the part of the formula at fault, empty where there is no such variant.
func (d Definition) With(variant string, sources Sources) (Definition, error) {
	v, ok := d.Variants[variant]
	if !ok && variant != Standard {
		return d, wrong("%s has no variant %s", d.ID, quote(variant)).OneOf(variant, append(d.VariantNames(), Standard))
	}
	own := d.Standard()
	d.Formula, d.Variant, d.own = own, "", nil
	if variant != Standard {
		d.Formula, d.Variant, d.own = own.with(v), variant, &own
	}
	return d, d.compile(sources)
}

// with returns the formula by a variant.
func (f Formula) with(v Formula) Formula {
	for _, x := range []struct {
		to   *string
		from string
	}{{&f.Numerator, v.Numerator}, {&f.Denominator, v.Denominator}, {&f.N, v.N}, {&f.Interval, v.Interval}, {&f.Text, v.Text}} {
		if x.from != "" {
			*x.to = x.from
		}
	}
	if v.Horizon > 0 {
		f.Horizon = v.Horizon
	}
	if v.Lookback > 0 {
		f.Lookback = v.Lookback
	}
	if v.Daily != nil {
		f.Daily = v.Daily
	}
	if f.Interval == None {
		f.Interval = ""
	}
	f.Source = v.Source // who defines the one need not define the other
	return f
}

// Hash identifies what the definition says, not how it is shown nor which
// other variants there are.
func (d Definition) Hash() string {
	d.Label, d.Group, d.Headline, d.Aliases = "", "", false, nil
	d.Source, d.Variants, d.Fallback, d.Custom = "", nil, "", false
	b, err := json.Marshal(d)
	if err != nil {
		panic("metric: marshalling a definition: " + err.Error()) // plain data
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])[:8]
}

// Ref is the definition's id and hash, as results carry it.
func (d Definition) Ref() string { return d.ID + "@" + d.Hash() }
