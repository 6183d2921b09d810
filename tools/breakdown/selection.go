package breakdown

import "slices"

// Splits reports whether a selection of cells, the members that a filter lets
// through, takes some of the hidden cells and leaves others, so that its
// figures must not be told. Hidden cells are one atom: whatever selections
// that don't split it are added and subtracted, the result is of visible
// cells and of the atom as a whole. With the marks of [Suppress] that holds at
// least the minimum. Empty cells are not marked and may be selected freely.
//
// The cells are those of one dimension, or of several crossed. All selections
// of the same data must then be judged by the same cross table: one that is
// allowed in the table of tiers may split the table of tiers and regions.
func Splits(hidden, selected []bool) bool {
	if len(hidden) != len(selected) {
		panic("breakdown: one mark a cell is needed")
	}
	in, out := false, false
	for i, h := range hidden {
		in, out = in || h && selected[i], out || h && !selected[i]
	}
	return in && out
}

// SplitsTable reports whether the total of a selection of cells of a two-way
// table can't be worked out from what is published: the unmarked cells, the
// totals of rows and columns that are not hidden, and the grand total. The
// figures of such a selection must not be told. Those of any other tell
// nothing new, so any number of them leaves the protection of [SuppressTable]
// as it is. A selection is fine if it takes no marked cells, or all of them,
// or all of a row or column whose total is published, or all of those of
// every hidden row or column, or what adding and subtracting such sets gives.
// SplitsTable panics unless all arguments fit the table.
func SplitsTable(hidden [][]bool, hiddenRows, hiddenCols []bool, selected [][]bool) bool {
	rows, cols := len(hiddenRows), len(hiddenCols)
	if len(hidden) != rows || len(selected) != rows {
		panic("breakdown: one mark a row of the table is needed")
	}
	for i := range hidden {
		if len(hidden[i]) != cols || len(selected[i]) != cols {
			panic("breakdown: one mark a column of the table is needed")
		}
	}
	// The total is a sum of published ones if each row and column can be given
	// a factor so that those of a marked cell add up to 1 if it is selected and
	// to 0 if not.
	row, col := factors(hiddenRows, 0), factors(hiddenCols, rows)
	type term struct{ node, sum int }
	terms := make([][]term, rows+cols)
	for i := range hidden {
		for j, h := range hidden[i] {
			if !h {
				continue
			}
			sum, r, c := 0, row[i], col[j]
			if selected[i][j] {
				sum = 1
			}
			terms[r], terms[c] = append(terms[r], term{c, sum}), append(terms[c], term{r, sum})
		}
	}
	// In each connected part one factor is free and gives all others, or a
	// contradiction.
	factor, known := make([]int, rows+cols), make([]bool, rows+cols)
	for start := range terms {
		if known[start] {
			continue
		}
		known[start] = true
		for queue := []int{start}; len(queue) > 0; queue = queue[1:] {
			for _, t := range terms[queue[0]] {
				f := t.sum - factor[queue[0]]
				if known[t.node] && factor[t.node] != f {
					return true
				}
				if !known[t.node] {
					known[t.node], factor[t.node] = true, f
					queue = append(queue, t.node)
				}
			}
		}
	}
	return false
}

// factors numbers the factors of rows or columns from first on. Hidden ones
// have only their sum published, so they share a factor.
func factors(hidden []bool, first int) []int {
	out := make([]int, len(hidden))
	for i, h := range hidden {
		out[i] = first + i
		if h {
			out[i] = first + slices.Index(hidden, true)
		}
	}
	return out
}

// Clear reports whether no cell that holds anybody holds fewer than minimum
// units. Only then may figures of a cross table of three dimensions or more be
// told, by cell or by selection, beside those of fewer: its marks would have to
// hold against the totals of every pair of its dimensions at once.
func Clear(cells []Cell, minimum float64) bool {
	return !slices.ContainsFunc(cells, func(c Cell) bool { return c.N > 0 && c.N < minimum })
}

// Union marks what any of the marks of one table marks. Units that depend on
// each other (see the package) need shared marks, and a union is safe: marking
// more cells never narrows what is known of one.
func Union(marks ...[][]bool) [][]bool {
	var out [][]bool
	for _, m := range marks {
		if out == nil {
			out = make([][]bool, len(m))
			for i := range m {
				out[i] = make([]bool, len(m[i]))
			}
		}
		if len(m) != len(out) {
			panic("breakdown: marks of different tables")
		}
		for i := range m {
			if len(m[i]) != len(out[i]) {
				panic("breakdown: marks of different tables")
			}
			for j, h := range m[i] {
				out[i][j] = out[i][j] || h
			}
		}
	}
	return out
}
