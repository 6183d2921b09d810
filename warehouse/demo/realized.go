package demo

import "fmt"

// addCampaigns lists every campaign that gives points.
func (t *Truth) addCampaigns() {
	add := func(id, rule string) { t.Campaigns = append(t.Campaigns, CampaignTruth{id, rule}) }
	add(welcome, fmt.Sprintf("%d points at the enrollment", welcomePoints))
	add(referral, fmt.Sprintf("%d points per referral", referralPoints))
	for i := range campaigns {
		add(campaigns[i].id, campaigns[i].rule)
	}
	for _, c := range newChallenges() {
		add(c.campaign, fmt.Sprintf("%d points for two orders within the challenge", challengePoints))
	}
	add(springDoubleCampaign, "the earned points again, treatment of spring-double-points only")
	add(birthdayCampaign, fmt.Sprintf("%d points on the birthday, treatment of birthday-surprise only", birthdayPoints))
}

func (r *Realized) countOrder(o *order) {
	if o.cancelled {
		r.CancelledOrders++
	} else {
		r.Purchases++
	}
}

func (r *Realized) countEntry(e entry) {
	switch e.kind {
	case "earn", "bonus":
		r.PointsIssued += e.points
	case "redeem":
		r.PointsRedeemed -= e.points
	case "expire":
		r.PointsExpired -= e.points
	case "reimburse":
		r.Reimbursed += e.points
	case "reverse_earn":
		r.Reversed -= e.points
	case "adjust":
		r.Adjusted += e.points
	}
}

// count adds a member as the end of the data finds them.
func (r *Realized) count(m *member, balance int64) {
	r.Outstanding += balance
	if m.cancelled < end {
		return
	}
	r.OpenMembers++
	if m.left == never {
		r.AliveMembers++
	}
	if m.orderedSince(end - 90*day) {
		r.ActiveMembers++
	}
}
