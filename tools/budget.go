package tools

import (
	"encoding/json"
	"fmt"
)

// The budgets of a result in tokens, by detail.
const (
	SummaryTokens = 2000
	FullTokens    = 8000
)

// bytesPerToken is how much JSON of numbers and short names a token holds, on
// the cautious side.
const bytesPerToken = 3

// Tokens estimates how many tokens a text costs an agent.
func Tokens(text []byte) int { return (len(text) + bytesPerToken - 1) / bytesPerToken }

// Trimmer is a result that can drop its least important part.
type Trimmer interface {
	// Trim drops one part and records that it did; false when nothing is left
	// to drop.
	Trim() bool
}

// Fit trims a result until it costs no more than the budget of its detail.
func Fit(result Trimmer, full bool) error {
	budget := SummaryTokens
	if full {
		budget = FullTokens
	}
	for {
		raw, err := json.Marshal(result)
		if err != nil {
			return fmt.Errorf("sizing a result: %w", err)
		}
		if Tokens(raw) <= budget || !result.Trim() {
			return nil
		}
	}
}
