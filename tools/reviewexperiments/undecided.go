package reviewexperiments

import (
	"fmt"
	"math"
	"slices"
)

// goOn speaks of a running experiment that decides nothing yet.
func (v *reviewer) goOn(all, hurt, unsure []standing, best *standing) {
	days, reached, reason := v.missing(all)
	text := "Keep it running: "
	switch {
	case best != nil:
		text += fmt.Sprintf("%s is ahead, but %d days are too few to have seen every weekday twice.", best.arm, v.ran)
		v.wait = leastDays - int64(v.ran)
	case len(unsure) > 0:
		text += fmt.Sprintf("%s gained in %s, but %s", unsure[0].arm, unsure[0].gains(), guards(unsure[0]))
	case reached:
		if v.x.ended.IsZero() && len(hurt) == 0 && v.ran >= leastDays {
			v.say(Inconclusive, byNothing, fmt.Sprintf("End it: it has the units to find a change of %s, and none shows.", percent(v.x.minimum)))
			return
		}
		text += fmt.Sprintf("no change of %s shows yet; read it at its planned end.", percent(v.x.minimum))
	case reason != "":
		text += reason
	case days > longestDays:
		v.say(ByDesign, byPower, fmt.Sprintf("It can't tell: to find a change of %s takes %d more days at the pace at which units join. Make it bolder, or larger.", percent(v.x.minimum), days))
		return
	default:
		text += fmt.Sprintf("to find a change of %s it takes about %d more days at the pace at which units join.", percent(v.x.minimum), days)
		v.wait = days
	}
	v.say(KeepRunning, byTime, text)
}

// single says of a primary metric that it is worse by its own test, though not once
// that is corrected for all that could have been; "" where none is.
func (v *reviewer) single() string {
	for _, c := range v.all {
		if c.Role == primary && worse(c.Comparison) {
			return fmt.Sprintf(" By itself %s of %s is worse than in control (p %s): keep control.", c.Metric, c.Arm, pText(*c.P))
		}
	}
	return ""
}

// missing returns how many days more the experiment needs to find the change worth
// having, whether it has enough units, or why neither is known.
func (v *reviewer) missing(all []standing) (days int64, reached bool, reason string) {
	reached = true
	for _, s := range all {
		if s.goal == nil || s.goal.P == nil || s.goal.est.control == 0 || s.goal.est.few {
			return 0, false, "too little has happened yet to tell anything."
		}
		e := s.goal.est.effect
		tuning := 0.0
		if v.look.anytime {
			tuning = v.look.tuning
		}
		growth, err := e.Growth(v.x.minimum*math.Abs(s.goal.est.control), v.power(), v.level(primary), tuning)
		if err != nil {
			return longestDays + 1, false, ""
		}
		if growth <= 1 {
			continue
		}
		reached = false
		if v.traffic == 0 {
			return 0, false, "nothing is decided yet, and all units joined at once; read it at its end."
		}
		more := (growth - 1) * float64(v.entries.all()) / v.traffic
		days = max(days, int64(math.Ceil(more)))
	}
	return days, reached, ""
}

// nothing speaks of an experiment that has ended without a clear difference.
func (v *reviewer) nothing(all []standing) {
	worst := 0.0
	for _, s := range all {
		if s.goal == nil || s.goal.Detectable == nil {
			worst = math.Inf(1)
		} else {
			worst = math.Max(worst, *s.goal.Detectable)
		}
	}
	single := slices.ContainsFunc(v.all, func(c compared) bool {
		return c.Role == primary && c.PAdjusted != nil && *c.P <= alpha && *c.PAdjusted > alpha
	})
	if worst > v.x.minimum {
		text := fmt.Sprintf("It could not tell: with its units a change below %s was not to be found, and %s is what is worth having.", percent(worst), percent(v.x.minimum))
		if math.IsInf(worst, 1) {
			text = "It could not tell: too little happened in it for any change to be found."
		}
		if single {
			text += " A difference looks clear by itself, but not once corrected for the number of comparisons."
		}
		v.say(ByDesign, byPower, text+v.single())
		return
	}
	v.say(Inconclusive, byNothing, fmt.Sprintf("No change worth having shows: it had the units to find one of %s with a chance of %.0f %%. Keep control.", percent(worst), 100*v.trials.Power)+v.single())
}
