package renderdashboard

import (
	"os"
	"testing"
)

// keeper is a test whose folders and clean-ups last until the test binary ends.
type keeper struct{ testing.TB }

func (k keeper) Cleanup(func()) {}

func (k keeper) TempDir() string {
	dir, err := os.MkdirTemp(kept, "")
	if err != nil {
		k.Fatal(err)
	}
	return dir
}

// kept is where keepers have their folders.
var kept string

func TestMain(m *testing.M) {
	var err error
	if kept, err = os.MkdirTemp("", "dashboard"); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(kept)
	os.Exit(code)
}
