package diagnosehealth

// Points of the diagnoses that other packages cite.
const (
	PointLapseRate    = "health/churn/lapse_rate"
	PointNewlyLapsed  = "health/churn/newly_lapsed_rate"
	PointAlive        = "health/churn/p_alive"
	PointPurchases    = "health/churn/expected_purchases"
	PointRevenue      = "health/churn/expected_revenue"
	PointAtRisk       = "health/churn/revenue_at_risk"
	PointAtRiskShare  = "health/churn/revenue_at_risk_share"
	PointGross        = "health/liability/gross"
	PointOutstanding  = "health/liability/outstanding_points"
	PointGrowth       = "health/liability/growth"
	PointExpiring     = "health/liability/expiring_30d"
	PointRedemptions  = "health/liability/expected_redemptions"
	PointRate         = "health/liability/redemption_rate"
	PointExpectedCost = "health/liability/expected_cost"
	PointDeferred     = "health/liability/deferred_revenue"
	PointExpiredShare = "health/breakage/expired_share"
	PointUltimate     = "health/breakage/ultimate_redemption_rate"
	PointBreakage     = "health/breakage/ultimate_breakage"
)

// Further points, cited here alone.
const (
	pointUpper           = "health/tier_mix/upper_change"
	pointLapsed          = "health/churn/lapsed_members"
	pointReactivation    = "health/churn/reactivation_rate"
	pointNeverActive     = "health/churn/never_active_members"
	pointGrossCost       = "health/liability/gross_cost"
	pointExpiringMembers = "health/liability/expiring_30d_members"
	pointExpiring60      = "health/liability/expiring_60d"
	pointExpiring90      = "health/liability/expiring_90d"
)
