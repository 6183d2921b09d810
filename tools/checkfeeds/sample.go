package checkfeeds

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
)

// mostSamples bounds the sample keys of a finding.
const mostSamples = 5

// hashed returns up to mostSamples of the keys, in order and each once, as the
// first 12 hexadecimal digits of SHA-256 over salt, column and key: order 1 and
// member 1 share no hash. The salt is secret: without it short keys could be
// found by trying them all.
func hashed(salt, column string, keys []string) []string {
	keys = slices.Clone(keys)
	slices.Sort(keys)
	keys = slices.Compact(keys)
	var out []string
	for _, key := range keys[:min(mostSamples, len(keys))] {
		sum := sha256.Sum256([]byte(salt + column + ":" + key))
		out = append(out, hex.EncodeToString(sum[:])[:12])
	}
	return out
}
