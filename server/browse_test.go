package main

import (
	"slices"
	"testing"
)

func TestOpener(t *testing.T) {
	for system, want := range map[string][]string{
		"linux": {"xdg-open", "a b.html"}, "darwin": {"open", "a b.html"}, "windows": {"rundll32", "url.dll,FileProtocolHandler", "a b.html"}, "freebsd": {"xdg-open", "a b.html"},
	} {
		if got := opener(system, "a b.html").Args; !slices.Equal(got, want) {
			t.Errorf("on %s: %v, want %v", system, got, want)
		}
	}
}
