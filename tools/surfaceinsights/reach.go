package surfaceinsights

import (
	"context"

	"loyaltymcp/tools/run"
)

// satisfaction is the share of survey answers in the top two of five.
func (v *surveyor) satisfaction(s *Segment, f *facts) {
	if f.answers < int64(v.desk.Config.Privacy.MinMembersForRates) {
		return
	}
	p := run.Proportion("", "", f.satisfied, f.answers)
	s.Satisfaction, s.SatisfactionN = p.Value, p.N
}

// leastDelivered is from how many messages on the response of a channel counts.
const leastDelivered = 100

// channel is the channel with the best response.
func (v *surveyor) channel(s *Segment, f *facts) {
	best := -1.0
	for channel, n := range f.channels {
		rate := n[1] / n[0]
		if channel != "" && n[0] >= leastDelivered && (rate > best || rate == best && channel < s.Channel) {
			best, s.Channel = rate, run.Label(channel)
			s.ClickRate = run.Round(rate)
		}
	}
}

// reach counts who is left out of segments or of their actions.
func (v *surveyor) reach(ctx context.Context) error {
	if v.snapshot.Missing("members") != "" {
		return nil
	}
	var open, contactable, closed, test int64
	if err := v.snapshot.One(ctx, queries, "reach", v.data, &open, &contactable, &closed, &test); err != nil {
		return err
	}
	least := int64(v.desk.Config.Privacy.MinMembers)
	show := func(known bool, n int64) *float64 {
		if !known || n > 0 && n < least {
			return nil
		}
		return run.Round(float64(n))
	}
	has := func(column string) bool { return v.snapshot.Has("members", column) }
	v.result.Reach = Reach{Open: show(true, open), Contactable: show(has("consent_marketing"), contactable), Closed: show(has("cancelled_at"), closed), Test: show(has("is_test"), test)}
	return nil
}
