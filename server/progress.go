package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"

	"golang.org/x/term"

	"loyaltymcp/tools"
	"loyaltymcp/warehouse"
)

// withProgress shows a progress line on standard error when that is a
// terminal. The returned function wipes it.
func withProgress(ctx context.Context, t *terminal) (context.Context, func()) {
	file, ok := t.err.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return ctx, func() {}
	}
	p := &progressLine{out: file}
	p.show("opening the data ...")
	ctx = tools.WithProgress(ctx, func(done, total int, what string) {
		p.step(fmt.Sprintf("[%d/%d] ", done, total), what)
	})
	ctx = warehouse.Observe(ctx, func(e warehouse.Event) {
		if !e.Done {
			p.show(e.Query + " ...")
		}
	})
	return ctx, p.wipe
}

// showing returns what writes the progress line, where there is one.
func showing(t *terminal) func(string) {
	file, ok := t.err.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return func(string) {}
	}
	return (&progressLine{out: file}).show
}

// progressLine is one line that is written over and over, by several
// goroutines.
type progressLine struct {
	mu     sync.Mutex
	out    io.Writer
	prefix string
}

func (p *progressLine) step(prefix, what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.prefix = prefix
	fmt.Fprintf(p.out, "\r\x1b[K%s%s ...", p.prefix, what)
}

func (p *progressLine) show(what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.out, "\r\x1b[K%s%s", p.prefix, what)
}

func (p *progressLine) wipe() {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprint(p.out, "\r\x1b[K")
}
