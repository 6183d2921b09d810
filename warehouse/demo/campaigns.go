package demo

// Campaigns that give points outside the ordinary earn.
const (
	welcome              = "welcome"
	welcomePoints        = 50
	referral             = "refer-a-friend"
	referralPoints       = 150
	challengePoints      = 100
	birthdayCampaign     = "birthday-surprise"
	birthdayPoints       = 200
	springDoubleCampaign = "spring-double"
)

// campaign is a bonus on the orders of a period: points for an order of at
// least a minimum, or a percentage of what the order earns.
type campaign struct {
	id       string
	from, to instant
	minimum  Cents
	points   int64
	percent  int64
	channel  string // any, if empty
	rule     string
}

var campaigns = [...]campaign{
	{"holiday-bonus-2024", on(2024, 11, 22), on(2024, 12, 25), 60_00, 60, 0, "", "60 points per order of 60 or more"},
	{"app-week-2025", on(2025, 9, 8), on(2025, 9, 15), 0, 0, 50, "app", "half of the earned points again on app orders"},
	{"holiday-bonus-2025", on(2025, 11, 22), on(2025, 12, 25), 60_00, 60, 0, "", "60 points per order of 60 or more"},
}

// bonus returns the points that the campaign adds to an order.
func (c *campaign) bonus(o *order) int64 {
	if o.at < c.from || o.at >= c.to || o.paid() < c.minimum || c.channel != "" && o.channel != c.channel {
		return 0
	}
	return c.points + o.earned*c.percent/100
}
