package config

// Health is how the diagnoses of the program's health are judged.
type Health struct {
	Churn     Churn     `json:"churn"`
	Liability Liability `json:"liability"`
	Breakage  Lines     `json:"breakage"` // of the ultimate breakage rate
	TierMix   TierMix   `json:"tier_mix"`
}

// TierMix is how the tier mix is judged.
type TierMix struct {
	// Shrinking is by how much members above the lowest tier may shrink in 30
	// days, Losing the share of members reviewed next who will lose their tier.
	Shrinking Lines `json:"shrinking"`
	Losing    Lines `json:"losing"`
}

// From when on the periods of a tier count.
const (
	SinceEnrolment = "enrolment"
	SinceTier      = "tier_start"
)

// Which lots points are taken from.
const (
	FirstIn        = "fifo"
	EarliestExpiry = "earliest_expiry"
	NamedLot       = "lot_id"
)

// Liability is how the point liability is told and judged.
type Liability struct {
	// Lots is FirstIn, EarliestExpiry or NamedLot.
	Lots string `json:"lots"`
	// SpikeWindows is how many earlier windows make the band outside which the
	// growth of the outstanding points is a spike, SpikeSigmas its half width in
	// robust standard deviations.
	SpikeWindows int     `json:"spike_windows"`
	SpikeSigmas  float64 `json:"spike_sigmas"`
}

// Churn is how churn risk is told and judged.
type Churn struct {
	// HorizonDays is how far ahead purchases and what is at risk are told.
	HorizonDays int `json:"horizon_days"`
	// TotalError and CalibrationError are what a model may be off by in its
	// backtest: all purchases, relative to the expected ones; and the share of
	// members that bought, as the mean over ten bands.
	TotalError       float64 `json:"total_error"`
	CalibrationError float64 `json:"calibration_error"`
	// NewlyLapsed is the share of going members that lapsed, by 30 days; AtRisk
	// the revenue at risk as a share of what all open members would bring.
	NewlyLapsed Lines `json:"newly_lapsed"`
	AtRisk      Lines `json:"at_risk"`
}

// Lines are the values above which a diagnosis says watch, and act.
type Lines struct {
	Watch float64 `json:"watch"`
	Act   float64 `json:"act"`
}

func defaultHealth() Health {
	return Health{
		Churn: Churn{
			HorizonDays: 365, TotalError: 0.25, CalibrationError: 0.05,
			NewlyLapsed: Lines{Watch: 0.05, Act: 0.10}, AtRisk: Lines{Watch: 0.35, Act: 0.50},
		},
		Liability: Liability{Lots: FirstIn, SpikeWindows: 8, SpikeSigmas: 3},
		Breakage:  Lines{Watch: 0.50, Act: 0.70},
		TierMix:   TierMix{Shrinking: Lines{Watch: 0.02, Act: 0.05}, Losing: Lines{Watch: 0.40, Act: 0.60}},
	}
}
