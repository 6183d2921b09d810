// Package basis is by what a run's figures were computed: the metric
// definitions, the program's choices, thresholds and targets, how the feeds are
// mapped, and the engine. A run keeps its basis beside its figures and a plan
// carries it on, so that two of them can be compared (Compare): figures whose
// basis differs make no trend. It holds no SQL, path or secret: a mapping is
// known by its hash only.
package basis

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"loyaltymcp/tools/config"
	"loyaltymcp/tools/metric"
)

// Basis is by what figures were computed.
type Basis struct {
	Engine  string `json:"engine"`
	Version string `json:"version"`     // of this program
	Config  string `json:"config_hash"` // of all of loyalty.yaml that can change a figure
	// Other is the hash of those settings that are nowhere else in the basis:
	// owners, the ladder, experiments.
	Other string `json:"other_hash"`
	// Choices are settings by their keys in loyalty.yaml.
	Choices     map[string]string  `json:"choices"`
	Definitions []Definition       `json:"definitions"`
	Thresholds  []Threshold        `json:"thresholds"`
	Targets     map[string]float64 `json:"targets"` // by KPI, in its unit
	Feeds       []Feed             `json:"feeds"`

	// partial says that only the hashes of definitions and the plain fields are
	// known, see Partial.
	partial bool
}

// Definition is a metric's definition as the feeds carried it, and what its
// value hangs on.
type Definition struct {
	ID          string `json:"id"`
	Hash        string `json:"hash"`
	Label       string `json:"label"`
	Kind        string `json:"kind"`
	Unit        string `json:"unit"`
	Better      string `json:"better"`
	Numerator   string `json:"numerator"`
	Denominator string `json:"denominator,omitempty"`
	N           string `json:"n,omitempty"`
	Interval    string `json:"interval,omitempty"`
	Horizon     int    `json:"horizon_days,omitempty"`
	Lookback    int    `json:"lookback_days,omitempty"`
	Change      string `json:"change,omitempty"`
	Daily       string `json:"daily,omitempty"`
	Variant     string `json:"variant,omitempty"` // "" for the catalogue's own formula
	Custom      bool   `json:"custom,omitempty"`  // the operator's
	Text        string `json:"definition"`

	Feeds   []string `json:"feeds"`             // that it reads
	Columns []string `json:"columns,omitempty"` // FEED.COLUMN, optional ones that it names
	Choices []string `json:"choices,omitempty"` // keys of Basis.Choices that its value hangs on
}

// Threshold is a band of a KPI.
type Threshold struct {
	KPI      string `json:"kpi"`
	Severity string `json:"severity"` // warning or critical
	Source   string `json:"source"`   // config or request
	Band     string `json:"band"`     // as it is written
}

// Feed is how a feed is mapped.
type Feed struct {
	Name    string   `json:"name"`
	Mapping string   `json:"mapping_hash"` // of table, file or sql, with time zone and grain
	Columns []string `json:"columns"`      // of the contract and dimensions, as far as they are there
}

// hash returns twelve hexadecimal digits that stand for a value.
func hash(value any) string {
	b, err := json.Marshal(value)
	if err != nil {
		panic("basis: marshalling: " + err.Error()) // plain data
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])[:12]
}

// The choices that bear on figures of every KPI, or of those in money.
const (
	choiceProgram  = "program.name"
	choiceZone     = "program.time_zone"
	choiceCurrency = "program.currency"
	choiceScope    = "request" // what a run was narrowed to
)

// choices returns the settings of the config that are told one by one.
func choices(c *config.Config) map[string]string {
	amount := func(x *float64) string {
		if x == nil {
			return ""
		}
		return number(*x)
	}
	p, d := c.Program, c.Definitions
	out := map[string]string{
		choiceProgram: p.Name, choiceZone: p.TimeZone, choiceCurrency: p.Currency,
		"program.fiscal_year_start": strconv.Itoa(p.FiscalYearStart),
		"program.point_value":       amount(p.PointValue), "program.cost_per_point": amount(p.CostPerPoint),
		"dimensions":                  strings.Join(c.Dimensions, ", "),
		"definitions.active_events":   strings.Join(d.ActiveEvents, ", "),
		"definitions.lapse_days":      strconv.Itoa(d.LapseDays),
		"definitions.near_tier_share": number(d.NearTierShare), "definitions.tier_review": d.TierReview, "definitions.expiring_days": strconv.Itoa(d.ExpiringDays),
		"liability_spike":               spike(c),
		"metrics.preset":                c.Metrics.Preset,
		"privacy.min_members":           strconv.Itoa(c.Privacy.MinMembers),
		"privacy.min_members_for_rates": strconv.Itoa(c.Privacy.MinMembersForRates),
	}
	for key, value := range out {
		if value == "" {
			delete(out, key)
		}
	}
	return out
}

// spike returns the rule for a spike of the liability.
func spike(c *config.Config) string {
	if c.LiabilitySpike > 0 {
		return number(c.LiabilitySpike)
	}
	l := c.Health.Liability
	return fmt.Sprintf("beyond %s robust sigmas of %d windows", number(l.SpikeSigmas), l.SpikeWindows)
}

// other returns the hash of the settings that the basis tells nowhere else.
func other(c *config.Config) string {
	rest := *c
	rest.Program, rest.Definitions, rest.Privacy = config.Program{}, config.Definitions{}, config.Privacy{}
	rest.Warehouse, rest.Engine, rest.Sync, rest.Dimensions = "", config.Engine{}, config.Sync{}, nil
	rest.Feeds, rest.Targets, rest.Thresholds, rest.LiabilitySpike = nil, nil, nil, 0
	rest.Metrics = metric.Choice{} // what it comes to stands in the definitions
	return hash(&rest)
}

// number writes a number without exponent.
func number(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// Known is what older plans say of their basis.
type Known struct {
	Program, Currency, Zone string
	Engine, Version, Config string
	Definitions             map[string]string // hash by metric id
}

// Partial returns the basis of a plan that was written before plans carried
// one: of its definitions the hashes are known, of loyalty.yaml only whether it
// is the same. Compare makes the most of it.
func Partial(k Known) *Basis {
	b := &Basis{Engine: k.Engine, Version: k.Version, Config: k.Config, partial: true,
		Choices: map[string]string{choiceProgram: k.Program, choiceZone: k.Zone, choiceCurrency: k.Currency}}
	for id, hash := range k.Definitions {
		b.Definitions = append(b.Definitions, Definition{ID: id, Hash: hash})
	}
	return b
}

// Whole reports whether the basis tells all; one of an older plan does not.
func (b *Basis) Whole() bool { return !b.partial }
