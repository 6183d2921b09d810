package run_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"loyaltymcp/tools/run"
)

// Whoever asks first, all get one salt, and a store keeps its own.
func TestSaltIsMadeOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "runs")
	salts := make([]string, 20)
	var wg sync.WaitGroup
	for i := range salts {
		wg.Go(func() {
			salt, err := run.NewStore(dir, time.Now).Salt()
			if err != nil {
				t.Error(err)
			}
			salts[i] = salt
		})
	}
	wg.Wait()
	for _, salt := range salts {
		if salt != salts[0] || len(salt) != 64 {
			t.Errorf("salt %q, want one of 64 digits for all, %q", salt, salts[0])
		}
	}
	other, err := run.NewStore(t.TempDir(), time.Now).Salt()
	if err != nil || other == salts[0] {
		t.Errorf("another store has the salt %q, %v", other, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("%d files are left in the store, %v; want the salt alone", len(entries), err)
	}
}

// A file that was cut is no salt: short ones can be guessed.
func TestCutSaltIsRefused(t *testing.T) {
	s := run.NewStore(t.TempDir(), time.Now)
	if err := os.WriteFile(s.SaltFile(), []byte("abc\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if salt, err := s.Salt(); err == nil {
		t.Errorf("salt = %q, want an error", salt)
	}
}
