package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"

	"loyaltymcp/internal/fault"
	"loyaltymcp/server/mcpserver"
	"loyaltymcp/tools"
)

// configName is the name of a program's config in its folder.
const configName = "loyalty.yaml"

// configFile returns the file of the config. A folder stands for the loyalty.yaml in
// it, or else for that of a folder below: where there are several, whoever asks has
// to choose, and a server asks its user.
func configFile(ctx context.Context, path string) (string, error) {
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return path, nil
	}
	own := filepath.Join(path, configName)
	if _, err := os.Stat(own); err == nil {
		return own, nil
	}
	found, err := filepath.Glob(filepath.Join(path, "*", configName))
	switch {
	case err != nil:
		return "", err
	case len(found) == 0:
		return own, nil // which is not there, as reading it will say
	case len(found) == 1:
		return found[0], nil
	}
	var names []string
	for _, file := range found {
		names = append(names, filepath.Base(filepath.Dir(file)))
	}
	chosen := tools.Answer(ctx, mcpserver.ProgramChoice)
	if i := slices.Index(names, chosen); i >= 0 {
		return found[i], nil
	}
	return "", &tools.Choice{ID: mcpserver.ProgramChoice, Message: "Which loyalty program is meant?", Options: names,
		Err: fault.New(fault.Invalid, "config", "%s holds %d programs", path, len(found)).OneOf(chosen, names).
			Then("Name one with --config, or in LOYALTY_CONFIG: %s", filepath.Dir(found[0]))}
}
