// Package clients holds the tests that drive the built program by real MCP clients
// and validators from npm: the Claude Code client against a scripted stand-in for
// the model, the conformance suite, the Inspector, and the bundler for Claude
// Desktop. They need
//
//	npm install --no-save --prefix internal/clients
//
// and skip without it; where CI is set they fail instead.
package clients
