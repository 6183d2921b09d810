package main

import "testing"

// The demo made below a relative state folder is found there again.
func TestRelativeStateOfTheDemo(t *testing.T) {
	t.Chdir(t.TempDir())
	for range 2 {
		must(t, "check", "--demo", "--state", "st")
	}
}
