package breakdown_test

import (
	"testing"

	"pgregory.net/rapid"
)

// naive hides the small cells only.
func naive(p *table) {
	for i := range p.n {
		for j := range p.n[i] {
			p.hidden[i][j] = p.small(i, j)
		}
	}
}

// byLine hides cells until every row and column by itself withstands
// subtraction: two cells or more, that hold the minimum.
func byLine(p *table) {
	naive(p)
	line := func(cells int, at func(int) (float64, *bool)) (changed bool) {
		for {
			count, units, next := 0, 0.0, -1
			for c := range cells {
				n, hidden := at(c)
				if *hidden {
					count++
					units += n
				} else if n > 0 {
					if next < 0 {
						next = c
					} else if smallest, _ := at(next); n < smallest {
						next = c
					}
				}
			}
			if count == 0 || count >= 2 && units >= minimum || next < 0 {
				return changed
			}
			_, hidden := at(next)
			*hidden, changed = true, true
		}
	}
	for changed := true; changed; {
		changed = false
		for i := range p.n {
			changed = line(p.cols, func(j int) (float64, *bool) { return p.n[i][j], &p.hidden[i][j] }) || changed
		}
		for j := range p.cols {
			changed = line(p.rows, func(i int) (float64, *bool) { return p.n[i][j], &p.hidden[i][j] }) || changed
		}
	}
}

// The attack finds what weaker schemes leave open, so that it finds nothing
// with SuppressTable says something.
func TestAttackSucceedsOnWeakerSchemes(t *testing.T) {
	for name, scheme := range map[string]func(*table){"small cells only": naive, "line by line": byLine} {
		t.Run(name, func(t *testing.T) {
			given := 0
			tables := examples(func(t *rapid.T) *table { return draw(t, "few small") })
			for _, p := range tables {
				scheme(p)
				if len(p.exposed(t, p.reader())) > 0 {
					given++
				}
			}
			if given == 0 {
				t.Errorf("the attack failed on all of %d tables", len(tables))
			}
			t.Logf("the attack succeeded on %d of %d tables", given, len(tables))
		})
	}
}
