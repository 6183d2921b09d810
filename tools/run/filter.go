package run

import (
	"maps"
	"slices"
)

// FilterNames returns the dimensions that filters are of, sorted.
func FilterNames(filters map[string][]string) []string {
	return slices.Sorted(maps.Keys(filters))
}
