package demo

import "time"

// Truth is what is true of a generated program: the parameters of its
// processes, and what came out of them. Money is in units of currency.
type Truth struct {
	Version     string            `json:"version"`
	Seed        uint64            `json:"seed"`
	Members     int               `json:"members"`
	TestMembers int               `json:"test_members"`
	Start       time.Time         `json:"start"` // inclusive
	End         time.Time         `json:"end"`   // exclusive
	TimeZone    string            `json:"time_zone"`
	Purchases   PurchaseTruth     `json:"purchases"`
	Points      PointsTruth       `json:"points"`
	Tiers       []TierTruth       `json:"tiers"`
	Campaigns   []CampaignTruth   `json:"campaigns"`
	Experiments []ExperimentTruth `json:"experiments"`

	CancellationsPerYear  float64 `json:"cancellations_per_year"` // hazard
	EngagementCorrelation float64 `json:"engagement_correlation"` // with the logarithm of the purchase rate

	Realized Realized `json:"realized"`

	Planted *PlantedTruth `json:"planted,omitempty"` // nil where nothing is
}

// PurchaseTruth holds the parameters of the purchase process: a modified
// BG/NBD, in which a member may leave right after the enrollment and after
// every purchase. Cancelled orders aren't purchases; refunded ones are.
type PurchaseTruth struct {
	RateShape      float64     `json:"rate_shape"`      // r of the Gamma distribution
	RateScaleDays  float64     `json:"rate_scale_days"` // alpha; the mean rate per day is r / alpha
	DropoutA       float64     `json:"dropout_a"`       // of the Beta distribution
	DropoutB       float64     `json:"dropout_b"`
	MonthFactors   [12]float64 `json:"month_factors"`   // January first; a day's factor is month times weekday
	WeekdayFactors [7]float64  `json:"weekday_factors"` // Sunday first

	// The logarithm of gross less discount.
	ValueLogMean      float64 `json:"value_log_mean"`
	ValueLogSDBetween float64 `json:"value_log_sd_between"` // between members
	ValueLogSDWithin  float64 `json:"value_log_sd_within"`  // between orders of a member

	MarginRate     float64 `json:"margin_rate"`
	RefundShare    float64 `json:"refund_share"` // of purchases; some come after the end of the data
	CancelledShare float64 `json:"cancelled_share"`
	NonMemberShare float64 `json:"non_member_share"` // of all orders
}

// PointsTruth holds the rules of the ledger.
type PointsTruth struct {
	PerUnit      int    `json:"per_unit"`      // per whole unit paid, times the tier's multiplier
	ExpiryMonths int    `json:"expiry_months"` // after the month of the earn
	Expiry       string `json:"expiry"`
	Consumption  string `json:"consumption"`
}

// TierTruth is one tier.
type TierTruth struct {
	Tier       string  `json:"tier"`
	Rank       int     `json:"rank"`
	Threshold  float64 `json:"threshold"` // spend within twelve months
	Multiplier float64 `json:"multiplier"`
}

// CampaignTruth is one bonus campaign.
type CampaignTruth struct {
	ID   string `json:"id"`
	Rule string `json:"rule"`
}

// ExperimentTruth is one experiment with its true effects by arm.
type ExperimentTruth struct {
	ID                 string             `json:"id"`
	Start              time.Time          `json:"start"`
	End                *time.Time         `json:"end"` // nil while it runs
	Control            string             `json:"control"`
	Shares             map[string]float64 `json:"shares"`
	PurchaseRateFactor map[string]float64 `json:"purchase_rate_factor"` // while it runs
	EarnFactor         map[string]float64 `json:"earn_factor"`
	Units              map[string]int     `json:"units"`

	// Only where something is planted: further true effects, which are
	// factors too, and what the units did while the experiment ran, by arm and
	// where there are strata by stratum and arm.
	OrderValueFactor map[string]float64             `json:"order_value_factor,omitempty"`
	RedemptionFactor map[string]float64             `json:"redemption_factor,omitempty"`
	Outcomes         map[string]*Outcome            `json:"outcomes,omitempty"`
	Strata           map[string]map[string]*Outcome `json:"strata,omitempty"`
}

// Realized is what came out, without the test members.
type Realized struct {
	OpenMembers     int   `json:"open_members"`     // not cancelled at the end
	AliveMembers    int   `json:"alive_members"`    // of them, truly able to buy again
	ActiveMembers   int   `json:"active_members"`   // open, a purchase in the last 90 days
	Purchases       int   `json:"purchases"`        // member orders that aren't cancelled
	CancelledOrders int   `json:"cancelled_orders"` // of members
	NonMemberOrders int   `json:"non_member_orders"`
	PointsIssued    int64 `json:"points_issued"` // earn and bonus
	PointsRedeemed  int64 `json:"points_redeemed"`
	PointsExpired   int64 `json:"points_expired"`   // with the forfeited
	PointsForfeited int64 `json:"points_forfeited"` // expired by a cancellation
	Reimbursed      int64 `json:"points_reimbursed"`
	Reversed        int64 `json:"points_reversed"`
	Adjusted        int64 `json:"points_adjusted"`
	Outstanding     int64 `json:"points_outstanding"`
}

func newTruth(o Options, c *calendar) Truth {
	t := Truth{
		Version: Version, Seed: o.Seed, Members: o.Members, TestMembers: testMembers,
		Start: launch, End: end.time(), TimeZone: "UTC",
		Purchases: PurchaseTruth{
			RateShape: rateShape, RateScaleDays: rateScale, DropoutA: dropoutA, DropoutB: dropoutB,
			MonthFactors: c.byMonth, WeekdayFactors: weekdayShape,
			ValueLogMean: valueLogMean, ValueLogSDBetween: valueLogMember, ValueLogSDWithin: valueLogOrder,
			MarginRate: marginMean, RefundShare: refundShare, CancelledShare: cancelledShare,
			NonMemberShare: nonMemberShare,
		},
		Points: PointsTruth{PerUnit: pointsPerUnit, ExpiryMonths: expiryMonths,
			Expiry: "start of a month", Consumption: "earliest expiry first"},
		CancellationsPerYear: cancellationsPerYear, EngagementCorrelation: latentCorrelation,
	}
	for i, x := range tiers {
		t.Tiers = append(t.Tiers, TierTruth{x.name, i + 1, float64(x.threshold) / 100, float64(x.quarters) / 4})
	}
	t.addCampaigns()
	for i := range experiments {
		e := &experiments[i]
		x := ExperimentTruth{ID: e.id, Start: e.start.time(), Control: control,
			Shares:             map[string]float64{control: 0.5, treatment: 0.5},
			PurchaseRateFactor: map[string]float64{control: 1, treatment: 1},
			EarnFactor:         map[string]float64{control: 1, treatment: 1},
			Units:              map[string]int{control: 0, treatment: 0}}
		if e.end < end {
			at := e.end.time()
			x.End = &at
		}
		t.Experiments = append(t.Experiments, x)
	}
	t.Experiments[springDouble].PurchaseRateFactor[treatment] = springDoubleEffect
	t.Experiments[springDouble].EarnFactor[treatment] = 2
	return t
}
