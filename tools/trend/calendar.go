package trend

// profileWeeks tell how weekdays differ.
const profileWeeks = 13

// expose gives the buckets of a flow their exposure: their weekday's part of
// the week, but on days of the month on which something always happens, what
// these have lately brought. Both are taken from before the window. The mean
// before the window is about 1.
func (c *course) expose() {
	events := c.events(c.y)
	profile := c.profile(c.y, events, func(v, mean float64) float64 { return v / mean })
	base, n := []float64(nil), 0
	for i := c.start - 1; i >= 0 && len(base) < profileWeeks*c.cycle; i-- {
		if w := profile[int(c.days[i].Weekday())]; c.known[i] && events[i] == 0 && w > 0 {
			base = append(base, c.y[i]/w)
		}
	}
	level := 1.0
	if len(base) > 0 {
		level = trimmed(base)
	}
	size := c.sizes(c.y, events)
	sum := 0.0
	for i := range c.x {
		if !c.known[i] {
			continue
		}
		c.x[i] = level * profile[int(c.days[i].Weekday())]
		if d := events[i]; d > 0 {
			c.x[i] = size[d]
		}
		if i < c.start {
			sum, n = sum+c.x[i], n+1
		}
	}
	if sum == 0 {
		c.even()
		return
	}
	for i := range c.x {
		c.x[i] *= float64(n) / sum
	}
}

// takeOff takes off the yields what weekdays and such days of the month bring
// more or less than others.
func (c *course) takeOff() {
	events := c.events(c.y)
	profile := c.profile(c.y, events, func(v, mean float64) float64 { return v - mean })
	var base []float64
	for i := c.start - 1; i >= 0 && len(base) < profileWeeks*c.cycle; i-- {
		if c.known[i] && events[i] == 0 {
			base = append(base, c.y[i]-profile[int(c.days[i].Weekday())])
		}
	}
	level := 0.0
	if len(base) > 0 {
		level = trimmed(base)
	}
	size := c.sizes(c.y, events)
	c.off = make([]float64, len(c.y))
	for i := range c.y {
		if !c.known[i] {
			continue
		}
		c.off[i] = profile[int(c.days[i].Weekday())]
		if d := events[i]; d > 0 {
			c.off[i] = size[d] - level
		}
		c.y[i] -= c.off[i]
	}
}

// profile returns by weekday how values compare with the mean of the week
// around them. Of weeks, all are alike.
func (c *course) profile(y []float64, events []int, compare func(v, mean float64) float64) [7]float64 {
	var seen [7][]float64
	even := compare(1, 1)
	for i := max(3, c.start-7*profileWeeks); c.cycle == 7 && i+3 < c.start; i++ {
		sum, n := 0.0, 0
		for j := i - 3; j <= i+3; j++ {
			if c.known[j] && events[j] == 0 {
				sum, n = sum+y[j], n+1
			}
		}
		if c.known[i] && events[i] == 0 && n > 4 && (sum != 0 || even == 0) {
			d := int(c.days[i].Weekday())
			seen[d] = append(seen[d], compare(y[i], sum/float64(n)))
		}
	}
	var profile [7]float64
	mean := 0.0
	for d := range profile {
		profile[d] = even
		if len(seen[d]) >= 3 {
			profile[d] = trimmed(seen[d])
		}
		mean += profile[d] / 7
	}
	for d := range profile {
		switch {
		case even == 0:
			profile[d] -= mean
		case mean > 0:
			profile[d] /= mean
		default:
			profile[d] = 1
		}
	}
	return profile
}
