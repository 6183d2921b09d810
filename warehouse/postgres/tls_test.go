package postgres_test

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"loyaltymcp/internal/fault"
	"loyaltymcp/warehouse"
	"loyaltymcp/warehouse/postgres"
)

// A server that has no TLS and then goes away is a lost connection, and worth
// another try, unless the settings insist on TLS.
func TestAServerWithoutTLSThatGoesAway(t *testing.T) {
	for mode, want := range map[string]struct {
		text    string
		retries int
	}{
		"":        {"can't be reached", warehouse.MaxRetries},
		"prefer":  {"can't be reached", warehouse.MaxRetries},
		"allow":   {"can't be reached", warehouse.MaxRetries},
		"disable": {"can't be reached", warehouse.MaxRetries},
		"require": {"offers no TLS", 0},
	} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				go func() {
					defer conn.Close()
					request := make([]byte, 8)
					if _, err := io.ReadFull(conn, request); err == nil && string(request[4:]) == "\x04\xd2\x16\x2f" {
						_, _ = conn.Write([]byte("N")) // no TLS here
						_, _ = conn.Read(request)
					}
				}()
			}
		}()
		p := warehouse.NewPatience(warehouse.Backoff{Waits: []time.Duration{time.Millisecond, time.Millisecond}})
		url := "postgres://tester@" + l.Addr().String() + "/postgres"
		if mode != "" {
			url += "?sslmode=" + mode
		}
		e, err := postgres.Open(warehouse.WithPatience(t.Context(), p), postgres.Options{URL: url})
		if err == nil {
			e.Close()
		}
		if !fault.Is(err, fault.Config) || !strings.Contains(err.Error(), want.text) {
			t.Errorf("sslmode %q: %v, want %q", mode, err, want.text)
		}
		if n := len(p.Retries()); n != want.retries {
			t.Errorf("sslmode %q: %d retries, want %d", mode, n, want.retries)
		}
	}
}
