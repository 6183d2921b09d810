package run

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"loyaltymcp/internal/fault"
	"loyaltymcp/tools/config"
	"loyaltymcp/tools/metric"
)

// Band is a condition under which a KPI raises an alert.
type Band struct {
	KPI      string  `json:"kpi"`
	Op       string  `json:"op"`        // <, <=, >, >= or change
	Limit    float64 `json:"threshold"` // in the KPI's unit, or a relative change
	Severity string  `json:"severity"`  // warning or critical
	Source   string  `json:"source"`    // config or request
}

// String returns the band as it is written.
func (b Band) String() string {
	if b.Op == "change" {
		sign := "+"
		if b.Limit < 0 {
			sign = "-"
		}
		return fmt.Sprintf("%s:%s%s%%", b.KPI, sign, plain(math.Abs(b.Limit)*100))
	}
	return b.KPI + b.Op + plain(b.Limit)
}

// plain writes a number without exponent and without the noise of binary
// fractions.
func plain(x float64) string {
	return strconv.FormatFloat(math.Round(x*1e9)/1e9, 'f', -1, 64)
}

// Breached reports whether a value, with its relative change against the
// previous window, lies in the band. Unknown values breach nothing.
func (b Band) Breached(value, change *float64) bool {
	if b.Op == "change" {
		if change == nil {
			return false
		}
		if b.Limit < 0 {
			return *change <= b.Limit
		}
		return *change >= b.Limit
	}
	if value == nil {
		return false
	}
	switch b.Op {
	case "<":
		return *value < b.Limit
	case "<=":
		return *value <= b.Limit
	case ">":
		return *value > b.Limit
	case ">=":
		return *value >= b.Limit
	}
	return false
}

var (
	comparison = regexp.MustCompile(`^([a-z_0-9]+)\s*(<=|>=|<|>)\s*(-?[0-9]*\.?[0-9]+)\s*(%?)$`)
	movement   = regexp.MustCompile(`^([a-z_0-9]+)\s*:\s*([+-])\s*([0-9]*\.?[0-9]+)\s*%$`)
)

const bandHelp = "Write KPI<number, KPI>5%, or KPI:-10% for a change against the previous window; separate several by commas"

// ParseBand reads one condition.
func ParseBand(field, text string, catalog metric.Catalog) (Band, error) {
	text = strings.TrimSpace(text)
	if m := comparison.FindStringSubmatch(text); m != nil {
		d, err := catalog.Get(field, m[1])
		if err != nil {
			return Band{}, err
		}
		limit, err := strconv.ParseFloat(m[3], 64)
		if err != nil {
			return Band{}, fault.New(fault.Invalid, field, "%q holds no number", text).Then("%s", bandHelp)
		}
		if m[4] == "%" {
			limit /= 100
		}
		if err := sensible(field, d, limit); err != nil {
			return Band{}, err
		}
		return Band{KPI: d.ID, Op: m[2], Limit: limit}, nil
	}
	if m := movement.FindStringSubmatch(text); m != nil {
		d, err := catalog.Get(field, m[1])
		if err != nil {
			return Band{}, err
		}
		limit, err := strconv.ParseFloat(m[2]+m[3], 64)
		if err != nil || limit == 0 {
			return Band{}, fault.New(fault.Invalid, field, "%q names no change", text).Then("%s", bandHelp)
		}
		return Band{KPI: d.ID, Op: "change", Limit: limit / 100}, nil
	}
	return Band{}, fault.New(fault.Invalid, field, "%q is no threshold", text).Then("%s", bandHelp)
}

// CheckConfig checks what a config says of KPIs against the catalogue, and
// turns the aliases of its targets into ids.
func CheckConfig(c *config.Config, catalog metric.Catalog) error {
	if _, err := Bands(c, "", catalog); err != nil {
		return err
	}
	targets := map[string]float64{}
	for name, target := range c.Targets {
		d, err := catalog.Get("targets."+name, name)
		if err != nil {
			return asConfig(err)
		}
		if err := sensible("targets."+name, d, target); err != nil {
			return asConfig(err)
		}
		targets[d.ID] = target
	}
	c.Targets = targets
	return nil
}

// sensible refuses a share that can't be one: 80 where 80% or 0.8 is meant.
func sensible(field string, d metric.Definition, limit float64) error {
	most := 5.0 // a ratio of flows may exceed 1
	if d.Interval == "wilson" {
		most = 1
	}
	if d.Unit == metric.Share && (limit > most || limit < 0) {
		return fault.New(fault.Invalid, field, "%s is a share of 1, which is never %s", d.ID, plain(limit)).
			Then("Write %s%% or %s", plain(limit), plain(limit/100))
	}
	return nil
}

// asConfig says that a mistake is the config's, not the caller's.
func asConfig(err error) error {
	var e *fault.Error
	if errors.As(err, &e) {
		e.Kind = fault.Config
	}
	return err
}

// Bands gathers the config's bands, then the request's; a request's band is
// critical.
func Bands(c *config.Config, request string, catalog metric.Catalog) ([]Band, error) {
	bands := []Band{}
	for _, kpi := range slices.Sorted(maps.Keys(c.Thresholds)) {
		both := c.Thresholds[kpi]
		for _, one := range []struct{ severity, text string }{{"warning", both.Warning}, {"critical", both.Critical}} {
			if one.text == "" {
				continue
			}
			b, err := ParseBand("thresholds."+kpi+"."+one.severity, kpi+one.text, catalog)
			if err != nil {
				return nil, asConfig(err)
			}
			b.Severity, b.Source = one.severity, "config"
			bands = append(bands, b)
		}
	}
	for _, text := range strings.Split(request, ",") {
		if strings.TrimSpace(text) == "" {
			continue
		}
		b, err := ParseBand("alert_threshold", text, catalog)
		if err != nil {
			return nil, err
		}
		b.Severity, b.Source = "critical", "request"
		bands = append(bands, b)
	}
	return bands, nil
}
