package config

// Health is how the diagnoses of the program's health are judged.
type Health struct {
	Churn Churn `json:"churn"`
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
	return Health{Churn: Churn{
		HorizonDays: 365, TotalError: 0.25, CalibrationError: 0.05,
		NewlyLapsed: Lines{Watch: 0.05, Act: 0.10}, AtRisk: Lines{Watch: 0.35, Act: 0.50},
	}}
}
