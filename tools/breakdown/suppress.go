package breakdown

import "sort"

// Cell is a breakdown cell as suppression sees it.
type Cell struct {
	N float64 // units behind the value
}

// Suppress marks the cells that may not be shown: those with fewer than
// minimum units and, because the total of the row is known, as many of the
// next smallest as it takes for the hidden ones to number at least two and to
// hold at least minimum units together. Cells with no unit at all hide
// nothing and are neither marked nor counted.
func Suppress(cells []Cell, minimum float64) []bool {
	hidden := make([]bool, len(cells))
	order := make([]int, 0, len(cells))
	for i, c := range cells {
		if c.N > 0 {
			order = append(order, i)
		}
	}
	sort.SliceStable(order, func(a, b int) bool { return cells[order[a]].N < cells[order[b]].N })
	count, units := 0, 0.0
	for _, i := range order {
		small := cells[i].N < minimum
		exposed := count > 0 && (count < 2 || units < minimum)
		if !small && !exposed {
			break
		}
		hidden[i] = true
		count++
		units += cells[i].N
	}
	return hidden
}
