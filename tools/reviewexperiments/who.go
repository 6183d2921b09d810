package reviewexperiments

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"loyaltymcp/stats/abtest"
	"loyaltymcp/tools/run"
)

// mostLevels bounds the levels of a trait that are shown.
const mostLevels = 8

// levelled is one level of a trait while it is judged.
type levelled struct {
	name   string
	units  int64
	effect abtest.Effect
}

// who tells for whom an arm works: by each trait first whether its effect differs
// at all between the levels, corrected for the number of traits and arms; and only
// then by how much, pulled to the mean of the levels by as much as their own error
// asks.
func (v *reviewer) who(m *measured, c *compared) {
	var traits []Trait
	var p []float64
	var found [][]levelled
	for i, name := range v.taken.traits {
		if name == "" {
			continue
		}
		levels, hidden := v.levels(m, c.arm, i)
		if len(levels) < 2 {
			continue
		}
		het, err := abtest.Heterogeneous(studiesOf(levels))
		if err != nil {
			continue
		}
		traits = append(traits, Trait{Trait: name, Arm: c.Arm, Hidden: hidden})
		p, found = append(p, math.Min(1, het.P)), append(found, levels)
	}
	for i, adjusted := range abtest.Holm(p) {
		t := &traits[i]
		t.P, t.Differ = run.Significant(adjusted), adjusted <= alpha && !v.look.anytime
		t.Levels = v.show(c, t.Trait, found[i])
		if v.look.anytime {
			t.Says = fmt.Sprintf("Whether the effect differs by %s is told of tests that were looked at once, at their end.", t.Trait)
			t.shorten()
			continue
		}
		if !t.Differ {
			t.shorten()
			t.Says = fmt.Sprintf("No sign that the effect differs by %s (p %s): read nothing into single ones.", t.Trait, pText(adjusted))
			continue
		}
		best, least := 0, 0
		for k, l := range t.Levels {
			if *l.Shrunk > *t.Levels[best].Shrunk {
				best = k
			}
			if *l.Shrunk < *t.Levels[least].Shrunk {
				least = k
			}
		}
		if c.Better == lower {
			best, least = least, best
		}
		t.Says = fmt.Sprintf("The effect differs by %s (p %s): it is best for %s (%.4g) and worst for %s (%.4g).", t.Trait, pText(adjusted),
			t.Levels[best].Level, *t.Levels[best].Shrunk, t.Levels[least].Level, *t.Levels[least].Shrunk)
		t.best, t.bestUnits = t.Levels[best].Level, t.Levels[best].Units
		t.bestGood = (*t.Levels[best].Shrunk > 0) == (c.Better == higher)
		t.shorten()
	}
	v.out.Who = append(v.out.Who, traits...)
}

// shorten keeps the largest levels, in their order.
func (t *Trait) shorten() {
	for len(t.Levels) > mostLevels {
		least := 0
		for i, l := range t.Levels {
			if l.Units < t.Levels[least].Units {
				least = i
			}
		}
		t.Levels = slices.Delete(t.Levels, least, least+1)
		t.More++
	}
}

// levels compares the arm with control within each level of a trait, those with
// few units left out.
func (v *reviewer) levels(m *measured, arm string, trait int) (out []levelled, hidden int) {
	names := map[string]bool{}
	for _, c := range m.cells {
		names[c.traits[trait]] = true
	}
	least := int64(max(minUnits, v.privacy))
	for _, name := range sortedKeys(names) {
		e, err := m.estimate(v.x.control, arm, func(c cell) bool { return c.traits[trait] == name })
		if e.nControl < least || e.nArm < least {
			hidden++
			continue
		}
		if err != nil || e.few || !(e.effect.Variance > 0) {
			continue
		}
		out = append(out, levelled{name, e.nControl + e.nArm, e.effect})
	}
	return out, hidden
}

func studiesOf(levels []levelled) []abtest.Study {
	studies := make([]abtest.Study, len(levels))
	for i, l := range levels {
		studies[i] = abtest.Study{Estimate: l.effect.Difference, SE: math.Sqrt(l.effect.Variance)}
	}
	return studies
}

// show lists levels with their shrunk effects and corrected p-values.
func (v *reviewer) show(c *compared, trait string, levels []levelled) []Level {
	studies := studiesOf(levels)
	shrunk := make([]float64, len(levels))
	if meta, err := abtest.MetaAnalysis(studies, abtest.REML, false, run.Confidence); err == nil {
		shrunk = meta.Shrink(shrunk, studies)
	} else {
		for i, s := range studies {
			shrunk[i] = s.Estimate
		}
	}
	p := make([]float64, len(levels))
	for i, l := range levels {
		p[i] = v.look.test(l.effect).P
	}
	adjusted := abtest.BenjaminiHochberg(p)
	var out []Level
	for i, l := range levels {
		d := v.look.test(l.effect)
		name := run.Label(l.name)
		out = append(out, Level{Level: name, Units: l.units, Difference: run.Round(d.Estimate), Interval: limits(d.Low, d.High),
			Shrunk: run.Round(shrunk[i]), P: run.Significant(adjusted[i]), Point: c.levelPoint(trait, name)})
	}
	return out
}

// levelPoint is the id of the difference within a level.
func (c *compared) levelPoint(trait, level string) string {
	name := "difference"
	if c.Label == Observational {
		name = "observational_difference"
	}
	if base, ok := strings.CutSuffix(c.base, "}"); ok {
		return fmt.Sprintf("%s,%s=%s}/%s", base, trait, level, name)
	}
	return fmt.Sprintf("%s{%s=%s}/%s", c.base, trait, level, name)
}
