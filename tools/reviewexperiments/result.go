package reviewexperiments

import (
	"fmt"
	"strings"

	"loyaltymcp/tools/metric"
	"loyaltymcp/tools/run"
)

// Result is what review_experiments finds.
type Result struct {
	run.Head
	Verdict     string         `json:"verdict"`
	Experiments []Readout      `json:"experiments"`
	Past        *Past          `json:"past,omitempty"`
	Unavailable []Unavailable  `json:"unavailable"`
	Caveats     []string       `json:"caveats"`
	Truncated   *run.Truncated `json:"truncated,omitempty"`
	Next        string         `json:"next"`
}

// The decisions.
const (
	Ship          = "ship"
	RollBack      = "roll_back"
	KeepRunning   = "keep_running"
	Inconclusive  = "inconclusive"
	ByDesign      = "inconclusive_by_design" // the effect worth having could not have been found
	DontTrust     = "dont_trust"
	Observational = "observational"
	Unreadable    = "unavailable"
)

// Running is the status of an experiment that has not ended.
const Running = "running"

// Readout is one experiment.
type Readout struct {
	ID         string       `json:"id"`
	Name       string       `json:"name"`
	Status     string       `json:"status"` // running or ended
	Decision   string       `json:"decision"`
	Arm        string       `json:"arm,omitempty"`  // to ship
	Rule       string       `json:"rule,omitempty"` // which clause decided
	Says       string       `json:"says"`           // the decision's reason, for a manager
	Hypothesis string       `json:"hypothesis,omitempty"`
	Owner      string       `json:"owner,omitempty"`
	Assignment string       `json:"assignment"` // randomized or observational
	Started    string       `json:"started,omitempty"`
	Ended      string       `json:"ended,omitempty"` // "" while it runs
	Control    string       `json:"control_arm"`
	Analysis   *Analysis    `json:"analysis,omitempty"`
	Arms       []Arm        `json:"arms"`
	Checks     []Check      `json:"checks"`
	Results    []Comparison `json:"results"`
	Worth      []Worth      `json:"worth,omitempty"`
	Who        []Trait      `json:"who,omitempty"`
	Weeks      []Week       `json:"weeks,omitempty"`
	NextTest   NextTest     `json:"next_test"`
}

// Analysis is by which rules the outcomes were counted and judged.
type Analysis struct {
	Counted    string `json:"counted"` // from when to when outcomes count
	Method     string `json:"method"`  // fixed or anytime
	Looks      int    `json:"looks,omitempty"`
	Incomplete int64  `json:"left_out"` // units whose days are not over, or not exposed
	Before     int    `json:"days_before"`
	Strata     string `json:"strata,omitempty"`
}

// The methods of an analysis.
const (
	fixed   = "fixed"   // one look, at the end
	anytime = "anytime" // holds however often it is looked at
)

// Arm is one arm and its units.
type Arm struct {
	Arm     string   `json:"arm"`
	Units   int64    `json:"units"`
	Planned *float64 `json:"planned_share,omitempty"`
}

// Check is one validity check.
type Check struct {
	ID     string `json:"id"`
	Status string `json:"status"` // ok, warning, failed or unknown
	Says   string `json:"says"`
}

// The roles of a metric.
const (
	primary   = "primary"
	secondary = "secondary" // looked at, decides nothing
	guardrail = "guardrail"
	watched   = "watched" // a guardrail that this program suggests, decides nothing
)

// The directions of a metric.
const (
	higher = "higher"
	lower  = "lower"
)

// What is known of a guardrail.
const (
	holds  = "holds"  // not worse by the margin or more
	harmed = "harmed" // worse
	open   = "open"   // neither can be told
)

// Comparison is one metric of one arm against control.
type Comparison struct {
	Metric     string      `json:"metric"`
	Role       string      `json:"role"`             // primary, secondary, guardrail or watched
	Better     string      `json:"better,omitempty"` // higher or lower
	Arm        string      `json:"arm"`
	Unit       metric.Unit `json:"unit"`
	Control    *float64    `json:"control"` // mean per unit, not adjusted
	Treatment  *float64    `json:"treatment"`
	Difference *float64    `json:"difference"` // treatment - control, adjusted as Method says
	Interval   *[2]float64 `json:"interval"`   // 95 %
	P          *float64    `json:"p_value"`
	PAdjusted  *float64    `json:"p_adjusted,omitempty"` // Holm over primary metrics and arms, Benjamini-Hochberg over secondary ones
	// IntervalAdjusted holds together with those of the other arms and primary
	// metrics, or of the secondary metrics found.
	IntervalAdjusted *[2]float64 `json:"interval_adjusted,omitempty"`
	Lift             *float64    `json:"lift"`          // relative to control
	LiftRange        *[2]float64 `json:"lift_interval"` // 95 %, Fieller; null when unbounded
	LiftShrunk       *float64    `json:"lift_shrunk,omitempty"`
	Chance           *float64    `json:"chance_better,omitempty"`
	Loss             *float64    `json:"expected_loss,omitempty"` // relative to control, by choosing the arm
	Method           string      `json:"method,omitempty"`
	Reduction        *float64    `json:"variance_reduction,omitempty"`
	Detectable       *float64    `json:"detectable,omitempty"` // relative change that was to be found
	Guardrail        string      `json:"guardrail,omitempty"`  // holds, harmed or open
	Margin           *float64    `json:"margin,omitempty"`
	MarginOf         string      `json:"margin_of,omitempty"` // control, or unit
	Capped           *float64    `json:"capped_at,omitempty"`
	NControl         int64       `json:"n_control,omitempty"`
	NTreatment       int64       `json:"n_treatment,omitempty"`
	Label            string      `json:"label,omitempty"` // causal or observational
	Reason           string      `json:"reason,omitempty"`
	Point            string      `json:"point"` // of the difference

	base string // of the points
}

// Worth is what an arm brings and costs, per unit against control.
type Worth struct {
	Arm           string      `json:"arm"`
	Counts        string      `json:"counts"` // margin or net sales
	Value         *float64    `json:"value"`
	ValueInterval *[2]float64 `json:"value_interval"`
	Points        *float64    `json:"points"`
	Cost          *float64    `json:"cost"`
	Net           *float64    `json:"net"`
	NetInterval   *[2]float64 `json:"net_interval"`
	ROI           *float64    `json:"roi"` // (value - cost)/cost
	ROIInterval   *[2]float64 `json:"roi_interval"`
	Reason        string      `json:"reason,omitempty"`
	Later         *float64    `json:"sales_after,omitempty"` // difference in the days after the end
	LaterInterval *[2]float64 `json:"sales_after_interval,omitempty"`
	LaterDays     int         `json:"days_after,omitempty"`
	Channels      []Channel   `json:"channels,omitempty"`
	Moved         string      `json:"moved"` // whether spend moved in time or between channels
	Point         string      `json:"point"` // of the net value
}

// Channel is the difference of spend in one channel.
type Channel struct {
	Channel    string      `json:"channel"`
	Difference *float64    `json:"difference"`
	Interval   *[2]float64 `json:"interval"`
	P          *float64    `json:"p_adjusted"`
}

// Trait is for whom an arm works, by one thing that units were before the start.
type Trait struct {
	Trait  string   `json:"trait"`
	Arm    string   `json:"arm"`
	P      *float64 `json:"p_adjusted"` // that the effect is the same for all
	Differ bool     `json:"differ"`
	Says   string   `json:"says"`
	Levels []Level  `json:"levels,omitempty"`
	Hidden int      `json:"suppressed,omitempty"`  // levels with few units
	More   int      `json:"more_levels,omitempty"` // the smaller ones, which are not shown

	best      string // the level for which it is best
	bestUnits int64
	bestGood  bool // and there it is good
}

// Level is the effect among the units that were so.
type Level struct {
	Level      string      `json:"level"`
	Units      int64       `json:"units"`
	Difference *float64    `json:"difference"`
	Interval   *[2]float64 `json:"interval"`
	Shrunk     *float64    `json:"shrunk"` // pulled to the mean of all levels
	P          *float64    `json:"p_adjusted"`
	Point      string      `json:"point"`
}

// Week is the effect in one week since the start of units.
type Week struct {
	Week       int         `json:"week"` // from 1
	Arm        string      `json:"arm"`
	Difference *float64    `json:"difference"`
	Interval   *[2]float64 `json:"interval"`
	Units      int64       `json:"units"`
}

// NextTest is what to test next.
type NextTest struct {
	Says       string   `json:"says"`
	Hypothesis string   `json:"hypothesis,omitempty"`
	Arm        string   `json:"arm,omitempty"`
	Where      string   `json:"where,omitempty"` // among whom
	Metric     string   `json:"metric,omitempty"`
	Guardrails []string `json:"guardrails,omitempty"`
	Effect     *float64 `json:"effect,omitempty"`        // relative, that is to be found
	Units      *int64   `json:"units_per_arm,omitempty"` // that takes
	Days       *int64   `json:"days,omitempty"`          // until they have joined, at the pace of this test
}

// Past is what the program's tests have shown so far.
type Past struct {
	Metric string   `json:"metric"`
	Tests  int      `json:"tests"`
	Mean   *float64 `json:"mean_lift"`
	Spread *float64 `json:"spread"` // deviation between true lifts
}

// UnitsPoint is the id of the number of units in an arm.
func (x Readout) UnitsPoint(arm string) string {
	return fmt.Sprintf("experiments/%s/units{arm=%s}", x.ID, arm)
}

// PointOf is the id of one figure of the comparison: difference, lift,
// control, treatment or p_value. Of an observational comparison the id says so,
// wherever it is cited.
func (c Comparison) PointOf(name string) string {
	base := c.Point[:strings.LastIndexByte(c.Point, '/')+1]
	if c.Label == Observational {
		return base + "observational_" + name
	}
	return base + name
}

// Unavailable is an experiment or feed that can't be read.
type Unavailable struct {
	ID     string `json:"id"`
	Reason string `json:"reason"`
}

// Points implements run.Figures.
func (r *Result) Points() []run.Point {
	var out []run.Point
	add := func(id string, value *float64, unit metric.Unit) {
		if value != nil {
			out = append(out, run.Point{ID: id, Value: *value, Unit: unit})
		}
	}
	for _, x := range r.Experiments {
		for _, a := range x.Arms {
			units := float64(a.Units)
			add(x.UnitsPoint(a.Arm), &units, metric.Count)
		}
		if x.Decision == DontTrust {
			continue // what can't be trusted can't be cited
		}
		for _, c := range x.Results {
			add(c.PointOf("difference"), c.Difference, c.Unit)
			add(c.PointOf("lift"), c.Lift, metric.Share)
			add(c.PointOf("control"), c.Control, c.Unit)
			add(c.PointOf("treatment"), c.Treatment, c.Unit)
			add(c.PointOf("p_value"), c.P, metric.Share)
			add(c.PointOf("lift_shrunk"), c.LiftShrunk, metric.Share)
			add(c.PointOf("chance_better"), c.Chance, metric.Share)
		}
		for _, w := range x.Worth {
			base := strings.TrimSuffix(w.Point, "net")
			add(base+"value", w.Value, metric.Money)
			add(base+"cost", w.Cost, metric.Money)
			add(base+"net", w.Net, metric.Money)
			add(base+"roi", w.ROI, metric.Share)
		}
		for _, t := range x.Who {
			for _, l := range t.Levels {
				add(l.Point, l.Difference, x.Results[0].Unit)
			}
		}
	}
	return out
}

// Caveat implements run.Stage.
func (r *Result) Caveat(text string) { r.Caveats = append(r.Caveats, text) }
