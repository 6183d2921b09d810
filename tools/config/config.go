// Package config reads loyalty.yaml: the program, where its data is, and how
// its figures are judged. The contract is schemas/config.schema.json; an error
// names the line.
package config

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"loyaltymcp/internal/fault"
	"loyaltymcp/schemas"
	"loyaltymcp/tools/metric"
	"loyaltymcp/warehouse"
	"loyaltymcp/warehouse/propose"
)

// Config is a valid loyalty.yaml with its defaults filled in.
type Config struct {
	Program        Program            `json:"program"`
	Warehouse      string             `json:"warehouse"`
	Engine         Engine             `json:"engine"`
	Sync           Sync               `json:"sync"`
	Dimensions     []string           `json:"dimensions"`
	Feeds          map[string]Feed    `json:"feeds"`
	Definitions    Definitions        `json:"definitions"`
	Metrics        metric.Choice      `json:"metrics,omitzero"`
	Targets        map[string]float64 `json:"targets"`
	Thresholds     map[string]Bands   `json:"thresholds"`
	LiabilitySpike float64            `json:"liability_spike"` // 0 where the band of Health.Liability decides
	Health         Health             `json:"health"`
	Segments       []Segment          `json:"segments"`
	Insights       Insights           `json:"insights"`
	Export         Export             `json:"export"`
	Owners         Owners             `json:"owners"`
	Ladder         []string           `json:"ladder"`
	FallbackAgents map[string]string  `json:"fallback_agents"`
	Privacy        Privacy            `json:"privacy"`
	Experiments    []Experiment       `json:"experiments"`
	Trials         Trials             `json:"experiment_defaults"`

	// Folder is where relative paths count from.
	Folder string `json:"-"`
	zone   *time.Location
	locate func(pointer string) string // file and line of a value; nil for a config that was not read
}

// Program is what the program is.
type Program struct {
	Name            string   `json:"name"`
	TimeZone        string   `json:"time_zone"`
	Currency        string   `json:"currency"`
	Locale          string   `json:"locale,omitempty"`  // a BCP 47 tag: how the dashboard writes numbers; "" is English
	FiscalYearStart int      `json:"fiscal_year_start"` // month, 1 to 12
	PointValue      *float64 `json:"point_value"`       // currency per point, to the member
	CostPerPoint    *float64 `json:"cost_per_point"`    // currency per point, to the program
}

// NoCurrency is the ISO 4217 code for no currency: it stands where the
// program's is not filled in yet.
const NoCurrency = propose.NoCurrency

// Engine is how much of the machine, or of a server, the engine may take; a
// zero leaves its default.
type Engine struct {
	Threads          int `json:"threads"`
	MemoryMB         int `json:"memory_mb"`
	Connections      int `json:"connections"`
	StatementTimeout int `json:"statement_timeout_seconds"`
}

// Sync is the copy of the warehouse that runs read instead of it, where there
// is one.
type Sync struct {
	File string `json:"file"` // a relative path counts from Folder
}

// Feed is where a feed comes from.
type Feed struct {
	Table    string          `json:"table"`
	File     string          `json:"file"`
	SQL      string          `json:"sql"`
	TimeZone string          `json:"time_zone"`
	Grain    warehouse.Grain `json:"grain"`
}

// Definitions are the program's choices where vendors disagree.
type Definitions struct {
	ActiveEvents  []string `json:"active_events"`
	LapseDays     int      `json:"lapse_days"`
	NearTierShare float64  `json:"near_tier_share"`
	TierReview    string   `json:"tier_review"` // SinceEnrolment or SinceTier
	ExpiringDays  int      `json:"expiring_days"`
}

// Bands are the alert bands of one KPI, in the grammar of run.ParseBand.
type Bands struct {
	Warning  string `json:"warning,omitempty"`
	Critical string `json:"critical,omitempty"`
}

// Owners are who owns actions of each kind.
type Owners struct {
	Journey   string `json:"journey"`
	Rewards   string `json:"rewards"`
	Messaging string `json:"messaging"`
	Data      string `json:"data"`
	Finance   string `json:"finance"`
}

// Privacy are the sizes below which breakdown cells are suppressed.
type Privacy struct {
	MinMembers         int `json:"min_members"`
	MinMembersForRates int `json:"min_members_for_rates"`
}

// defaults returns a config with every optional setting at its default.
func defaults() *Config {
	return &Config{
		Program: Program{TimeZone: "UTC", FiscalYearStart: 1},
		Definitions: Definitions{
			ActiveEvents: []string{"order", "earn", "redeem"}, LapseDays: 120, NearTierShare: 0.15, TierReview: SinceTier, ExpiringDays: 30,
		},
		Health:   defaultHealth(),
		Insights: Insights{WindowDays: 90},
		Trials:   Trials{GuardrailMargin: 0.05, MinimumEffect: 0.05, Power: 0.8, BalanceDays: 60},
		Export:   Export{Seed: "1"},
		Owners: Owners{
			Journey: "Lifecycle Marketing", Rewards: "Reward Operations", Messaging: "CRM", Data: "Business Intelligence", Finance: "Finance",
		},
		Ladder:         []string{"Member Insights Analyst", "Loyalty Strategist", "Exec sponsor"},
		FallbackAgents: map[string]string{"member-insights-analyst": "loyalty-strategist", "loyalty-strategist": "Exec sponsor"},
		Privacy:        Privacy{MinMembers: 10, MinMembersForRates: 30},
	}
}

// Zone returns the program's time zone.
func (c *Config) Zone() *time.Location { return c.zone }

// Catalog returns the metrics as the config chooses and defines them. What is
// wrong with the choice is an error that names the line.
func (c *Config) Catalog() (metric.Catalog, error) {
	all, err := metric.Load(c.Metrics)
	var e *fault.Error
	if c.locate == nil || !errors.As(err, &e) {
		return all, err
	}
	located := *e
	located.Field = c.locate(schemas.Pointer(e.Field)) + ": " + e.Field
	return nil, &located
}

// Mapping returns the feeds as the warehouse takes them.
func (c *Config) Mapping() warehouse.Mapping {
	mapping := warehouse.Mapping{}
	for name, f := range c.Feeds {
		mapped := warehouse.Mapped{Table: f.Table, File: f.File, SQL: f.SQL, Grain: f.Grain}
		if f.TimeZone != "" {
			mapped.Zone, _ = time.LoadLocation(f.TimeZone) // checked when read
		}
		mapping[name] = mapped
	}
	return mapping
}

// Limits returns the engine's limits as the warehouse takes them.
func (c *Config) Limits() warehouse.Limits {
	return warehouse.Limits{Threads: c.Engine.Threads, MemoryMB: c.Engine.MemoryMB, Connections: c.Engine.Connections,
		Timeout: time.Duration(c.Engine.StatementTimeout) * time.Second}
}

// Hash identifies everything in the config that can change a figure; where
// the warehouse and its copy are, and how much they may take, does not.
func (c *Config) Hash() string {
	plain := *c
	plain.Warehouse, plain.Engine, plain.Sync = "", Engine{}, Sync{}
	b, err := json.Marshal(plain)
	if err != nil {
		panic("config: marshalling: " + err.Error()) // plain data
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])[:12]
}

// FeedNames returns the mapped feeds, sorted.
func (c *Config) FeedNames() []string { return slices.Sorted(maps.Keys(c.Feeds)) }

// Segment is a segment of members that the operator defines.
type Segment struct {
	ID      string `json:"id"`
	Label   string `json:"label"`
	Play    string `json:"play"`
	Urgency string `json:"urgency"`
	Owner   string `json:"owner"`
	Where   string `json:"where"`
	Value   string `json:"value"`
	Trigger string `json:"trigger"`
	Action  string `json:"action"`
	Metric  string `json:"metric"`
}

// Insights is how the actions on segments are priced.
type Insights struct {
	WindowDays    int                `json:"window_days"`     // for which the effect of an action is measured
	Uplift        map[string]float64 `json:"uplift"`          // of purchases, by play
	CostPerMember map[string]float64 `json:"cost_per_member"` // in the currency, by play
	Evidence      map[string]string  `json:"evidence"`        // the experiment that showed the uplift, by play
	DiscountRate  float64            `json:"discount_rate"`   // a year, of sales to come
}

// Export is what may be exported, and whereto.
type Export struct {
	Folder  string   `json:"folder"`  // below that of loyalty.yaml; "" turns exports off
	Columns []string `json:"columns"` // of the members feed, beside the id
	Seed    string   `json:"seed"`    // of the arms
}

// neverExported are columns that no export may hold.
var neverExported = []string{"is_test", "status", "cancelled_at"}

// Forbidden says which of the columns may not be exported, "" for none.
func (e Export) Forbidden() string {
	for _, column := range e.Columns {
		if slices.Contains(neverExported, column) {
			return fmt.Sprintf("%s may not be exported: those whom it marks are left out", column)
		}
	}
	return ""
}
