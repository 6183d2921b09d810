package breakdown_test

import (
	"fmt"

	"loyaltymcp/tools/breakdown"
)

// Four Gold members are in the North. Their cell alone would follow from the
// totals, and so would it with any one cell beside it.
func ExampleSuppressTable() {
	n := [][]float64{ // by tier and region
		{4, 90, 20},
		{30, 80, 25},
		{60, 99, 70},
	}
	shown := make([]bool, 3) // no tier and no region is small
	hidden := breakdown.SuppressTable(n, shown, shown, 10)
	for i := range n {
		for j := range n[i] {
			if hidden[i][j] {
				fmt.Print("  *")
			} else {
				fmt.Printf("%3.0f", n[i][j])
			}
		}
		fmt.Println()
	}
	least, most := breakdown.Bounds(n, hidden, shown, shown)
	fmt.Println("Gold in the North:", least[0][0], "to", most[0][0])

	gold := [][]bool{{true, true, true}, {false, false, false}, {false, false, false}}
	north := [][]bool{{true, false, false}, {false, false, false}, {true, false, false}}
	fmt.Println("refused:", breakdown.SplitsTable(hidden, shown, shown, gold), breakdown.SplitsTable(hidden, shown, shown, north))
	// Output:
	//   * 90  *
	//   * 80  *
	//  60 99 70
	// Gold in the North: 0 to 24
	// refused: false true
}
