package trend_test

import (
	"fmt"
	"time"

	"loyaltymcp/tools/trend"
)

// Orders with a busy weekend; in the last week half of them are missing.
func ExampleJudge() {
	first := time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC)
	var days []trend.Bucket
	for i := range 500 {
		orders := float64(380 + i*7919%41) // 380 to 420
		if i%7 >= 5 {
			orders += 100
		}
		if i >= 493 {
			orders = float64(int(orders / 2))
		}
		days = append(days, trend.Bucket{Start: first.AddDate(0, 0, i), Numerator: orders, N: orders, Known: true})
	}
	j, err := trend.Judge(trend.Flow, days, 493, trend.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.0f orders, %.0f expected (%.0f to %.0f)\n", j.Value, j.Expected, j.Low, j.High)
	fmt.Printf("alarm: %v, since %s\n", j.Alarm, j.ChangePoint.Format(time.DateOnly))
	// Output:
	// 1493 orders, 2987 expected (2810 to 3187)
	// alarm: true, since 2025-05-08
}
