package renderdashboard

import (
	"fmt"
	"path/filepath"

	"loyaltymcp/internal/fault"
	"loyaltymcp/internal/wholefile"
)

// temporary is how the names of pages begin that are still being written.
const temporary = ".dashboard-"

// write puts the page into the folder under its name, whole or not at all, and
// replaces the page of an earlier call.
func write(dir, name string, text []byte) (path string, err error) {
	root, err := wholefile.Open(dir)
	if err != nil {
		return "", err
	}
	defer root.Close()
	wholefile.Sweep(root, temporary)
	if info, err := root.Lstat(name); err == nil && !info.Mode().IsRegular() {
		return "", fault.New(fault.Config, "plans", "%s is no regular file", name).Then("Remove it and call again")
	}
	temp, err := wholefile.Spill(root, temporary, text)
	if err != nil {
		return "", wholefile.Unwritable(name, err)
	}
	defer root.Remove(temp) // nothing is left to remove once it is renamed
	if err := root.Rename(temp, name); err != nil {
		return "", wholefile.Unwritable(name, err)
	}
	if err := wholefile.SyncFolder(root, "."); err != nil {
		return "", fmt.Errorf("%s is written, but may not survive what comes: %w", name, err)
	}
	return filepath.Join(dir, name), nil
}
