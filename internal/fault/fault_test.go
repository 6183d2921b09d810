package fault_test

import (
	"errors"
	"fmt"
	"testing"

	"loyaltymcp/internal/fault"
)

func TestErrorSaysWhatIsWrongValidAndNext(t *testing.T) {
	err := fault.New(fault.Invalid, "window", "%q is no window", "30").
		OneOf("30", []string{"quarter", "7d", "30d"}).Then("Pass one of them")
	got := err.Error()
	want := `window: "30" is no window; valid: 30d, 7d, quarter. Pass one of them.`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestKindSurvivesWrapping(t *testing.T) {
	err := fmt.Errorf("pulling orders: %w", fault.New(fault.Config, "feeds.orders", "no such table"))
	if !fault.Is(err, fault.Config) {
		t.Errorf("Is(Config) = false for %v", err)
	}
	if got := fault.KindOf(errors.New("disk full")); got != fault.Internal {
		t.Errorf("KindOf(plain error) = %s, want internal", got)
	}
}

func TestNearestPutsTheTypoFirst(t *testing.T) {
	got := fault.Nearest("redemtion_rate", []string{"revenue", "redeemer_rate", "redemption_rate"})[0]
	if got != "redemption_rate" {
		t.Errorf("nearest = %s, want redemption_rate", got)
	}
}
