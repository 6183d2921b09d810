package reviewexperiments

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"loyaltymcp/tools/metric"
)

// quantity is what is measured of each unit: a sum, whether something happened,
// the ratio of two sums, or a quantile of a sum over units.
type quantity struct {
	name        string
	unit        metric.Unit
	binary      bool              // 0 or 1
	top, bottom metric.Expression // bottom of a ratio, else nil
	quantile    float64           // 0 for the mean
	lower       bool              // less of it is better
	reason      string            // why it can't be measured
}

// ownQuantities are what units are measured by beside the metrics of the
// catalogue, as expressions over its sources.
var ownQuantities = map[string]struct {
	unit         metric.Unit
	binary       bool
	lower        bool
	numerator    string
	denominators string
}{
	"revenue_per_member":         {unit: metric.Money, numerator: "sum(orders.net)"},
	"margin_per_member":          {unit: metric.Money, numerator: "sum(orders.margin)"},
	"discount_per_member":        {unit: metric.Money, lower: true, numerator: "sum(orders.discount)"},
	"refund_per_member":          {unit: metric.Money, lower: true, numerator: "sum(orders.refund)"},
	"refund_rate":                {unit: metric.Share, lower: true, numerator: "sum(orders.refund)", denominators: "sum(orders.net)"},
	"orders_per_member":          {unit: metric.Score, numerator: "count(orders)"},
	"order_value":                {unit: metric.Money, numerator: "sum(orders.net)", denominators: "count(orders)"},
	"conversion":                 {unit: metric.Share, binary: true, numerator: "members(orders)"},
	"points_earned_per_member":   {unit: metric.Points, numerator: "sum(points.issued)"},
	"points_redeemed_per_member": {unit: metric.Points, numerator: "sum(points.redeemed)"},
	"points_kept_per_member":     {unit: metric.Points, lower: true, numerator: "sum(points.points)"},
	"redeemed_rate":              {unit: metric.Share, binary: true, numerator: "members(points where redeemed > 0)"},
	"active":                     {unit: metric.Share, binary: true, numerator: "members(activity where active)"},
	"cancelled":                  {unit: metric.Share, binary: true, lower: true, numerator: "members(cancelled)"},
	"unsubscribed":               {unit: metric.Share, binary: true, lower: true, numerator: "members(engagement where kind = unsubscribe)"},
	"clicked":                    {unit: metric.Share, binary: true, numerator: "members(engagement where kind = click)"},
	"csat_score":                 {unit: metric.Score, numerator: "sum(surveys.score where scored)", denominators: "count(surveys where scored)"},
}

// ofUnits are the sources whose rows are what a unit did at a moment. What there
// is at a moment, such as a balance, has no time from which it counts.
var ofUnits = []string{"orders", "points", "redemptions", "engagement", "activity", "surveys", "cancelled"}

var quantileForm = regexp.MustCompile(`^p([0-9]{1,2}(?:\.[0-9]+)?)\(([^()]+)\)$`)

// measurer finds what a name stands for.
type measurer struct {
	catalog metric.Catalog
	supply  metric.Supply
}

// quantity returns what is measured under a name: one of ours, a metric of the
// catalogue at the level of units, or p90(NAME) for a quantile of it. A name that
// is neither is one of ready-made outcomes, if there are such.
func (m measurer) quantity(name string) quantity {
	if parts := quantileForm.FindStringSubmatch(name); parts != nil {
		q := m.quantity(strings.TrimSpace(parts[2]))
		q.name = name
		level, err := strconv.ParseFloat(parts[1], 64)
		switch {
		case err != nil || !(level > 0 && level < 100):
			q.reason = "the quantile of " + name + " is not above 0 and below 100"
		case q.reason == "" && (q.binary || q.bottom != nil):
			q.reason = "quantiles are of sums, such as p90(revenue_per_member), not of shares or ratios"
		}
		q.quantile = level / 100
		return q
	}
	if own, ok := ownQuantities[name]; ok {
		q := quantity{name: name, unit: own.unit, binary: own.binary, lower: own.lower}
		var err error
		if q.top, err = metric.Parse(own.numerator, m.supply.Sources); err == nil && own.denominators != "" {
			q.bottom, err = metric.Parse(own.denominators, m.supply.Sources)
		}
		if err != nil {
			q.reason = err.Error()
		}
		return m.fit(q)
	}
	d, ok := m.catalog.Find(name)
	if !ok {
		return quantity{name: name, unit: metric.Score, reason: "no feed holds this outcome"}
	}
	q := quantity{name: name, unit: d.Unit, lower: d.Better == "lower", top: d.Top(), bottom: d.Bottom()}
	if q.unit == metric.Count {
		q.unit = metric.Score // a mean of counts
	}
	if d.Horizon > 0 || d.Lookback > 0 {
		q.reason = "it looks at other days than those of the experiment"
	}
	return m.fit(q)
}

// fit says why the feeds can't carry a quantity.
func (m measurer) fit(q quantity) quantity {
	for _, x := range slices.Concat(q.top.Measures(), q.bottom.Measures()) {
		if q.reason != "" {
			break
		}
		if !slices.Contains(ofUnits, x.Source) {
			q.reason = fmt.Sprintf("it counts %s, which is a state and no act of a unit from its assignment on", x.Source)
		} else if x.Source == "points" && m.supply.Catalog.Mapped("points_monthly") {
			q.reason = "the ledger's lines are not mapped, only months"
		} else if x.Source == "orders" && !m.supply.Catalog.Has("orders", "member_id") {
			q.reason = "the feed orders doesn't say whose they are"
		} else if lacks := m.supply.Lacks(x); lacks != "" {
			q.reason = lacks
		}
	}
	return q
}

// known are the names that an experiment can be measured by, for those who look
// for one.
func (m measurer) known() []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(ownQuantities)) {
		if m.quantity(name).reason == "" {
			out = append(out, name)
		}
	}
	return out
}
