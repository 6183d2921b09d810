// Package browsertest starts a headless Chromium for tests of pages.
package browsertest

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// limit is how long a test may use its browser.
const limit = 45 * time.Second

// New returns a context of a browser of its own, with a window of so many pixels, that
// asks the network for nothing by itself. Its listeners, if any, see all from the
// start. Without a Chromium the test is skipped, but fails where CI is set.
func New(t testing.TB, width, height int, listeners ...func(event any)) context.Context {
	t.Helper()
	binary := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			binary = path
			break
		}
	}
	if binary == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("there is no Chromium")
		}
		t.Skip("there is no Chromium: install it to see the page tested in a browser")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(binary), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("hide-scrollbars", true), chromedp.WindowSize(width, height))
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx)
	t.Cleanup(stop)
	for _, see := range listeners {
		if err := chromedp.Listen(ctx, see); err != nil { // starts the browser
			t.Fatal(err)
		}
	}
	ctx, stop = context.WithTimeout(ctx, limit)
	t.Cleanup(stop)
	return ctx
}
