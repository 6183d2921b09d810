package proportion

import (
	"fmt"

	"loyaltymcp/stats/internal/special"
)

// A cheaper welcome message may cost at most one point of activation.
func ExampleScoreTest() {
	control, treatment := Count{Successes: 1210, N: 4000}, Count{Successes: 1204, N: 4020}
	test, err := ScoreTest(control, treatment, -0.01)
	if err != nil {
		fmt.Println(err)
		return
	}
	iv, err := Diff(control, treatment, 0.9, MiettinenNurminen) // 5 % on the side that counts
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%+.1f points (90 %%: %+.1f to %+.1f), one-sided P %.2f that it costs less\n", 100*iv.Estimate, 100*iv.Low, 100*iv.High, special.NormalSurvival(test.Z))
	// Output: -0.3 points (90 %: -2.0 to +1.4), one-sided P 0.25 that it costs less
}

// The same as a ratio, and without any event in one group.
func ExampleRatio() {
	iv, err := Ratio(Count{Successes: 40, N: 2000}, Count{Successes: 58, N: 2000}, 0.95, RatioScore)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("returned %.2f times as often (%.2f to %.2f)\n", iv.Estimate, iv.Low, iv.High)
	iv, err = Ratio(Count{Successes: 0, N: 500}, Count{Successes: 9, N: 500}, 0.95, RatioScore)
	fmt.Printf("%v\nat least %.1f times as often\n", err, iv.Low)
	// Output:
	// returned 1.45 times as often (0.98 to 2.15)
	// proportion: a group without events leaves the ratio undefined; compare the difference
	// at least 2.4 times as often
}

// 1,000 answers to how likely members are to recommend the program.
func ExampleNPS() {
	score, err := NPS(520, 300, 180, 0.95)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%+.0f (%+.0f to %+.0f)\n", score.Estimate, score.Low, score.High)
	// Output: +34 (+29 to +39)
}
