package main

import (
	"context"
	"fmt"
	"os"
	"sync"

	"golang.org/x/term"

	"loyaltymcp/tools"
)

// withProgress shows a progress line on standard error when that is a
// terminal. The returned function wipes it.
func withProgress(ctx context.Context, t *terminal) (context.Context, func()) {
	file, ok := t.err.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return ctx, func() {}
	}
	var mu sync.Mutex
	line := func(text string) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintf(file, "\r\x1b[K%s", text)
	}
	line("reading the data ...")
	ctx = tools.WithProgress(ctx, func(done, total int, what string) {
		line(fmt.Sprintf("[%d/%d] %s ...", done, total, what))
	})
	return ctx, func() { line("") }
}
