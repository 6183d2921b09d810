package main

import (
	"os/exec"
	"runtime"
)

// browse opens a file with the system's opener, and doesn't wait for it.
func browse(path string) error {
	command := opener(runtime.GOOS, path)
	if err := command.Start(); err != nil {
		return err
	}
	go command.Wait() // or it stays a zombie; how it ends is not ours to tell
	return nil
}

// opener is the command that opens a file on a system.
func opener(system, path string) *exec.Cmd {
	switch system {
	case "darwin":
		return exec.Command("open", path)
	case "windows":
		return exec.Command("rundll32", "url.dll,FileProtocolHandler", path)
	}
	return exec.Command("xdg-open", path)
}
