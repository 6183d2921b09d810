package mcpserver

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/mark3labs/mcp-go/server"

	"loyaltymcp/internal/fault"
)

// Path is where MCP is served over HTTP.
const Path = "/mcp"

const (
	// largestBody bounds a request, in bytes: the longest backlog that write_plan
	// takes is a tenth of it.
	largestBody = 1 << 20
	// idle is how long a session of the older protocols lives without a request.
	idle = 10 * time.Minute
	// farewell is how long calls in flight may take when the server ends.
	farewell = 5 * time.Second
)

// Handler serves the server over Streamable HTTP. The newest protocol has no sessions;
// those of the older ones hold nothing but the protocol's own state, and end when
// nobody asks any more. Requests of another origin are refused, as a page in a browser could otherwise ask from the
// user's own machine; a token that is set must come with every request.
func Handler(s *server.MCPServer, token string) http.Handler {
	mcp := server.NewStreamableHTTPServer(s, server.WithEndpointPath(Path), server.WithSessionIdleTTL(idle))
	mux := http.NewServeMux()
	mux.Handle(Path, http.MaxBytesHandler(mcp, largestBody))
	return http.NewCrossOriginProtection().Handler(authorized(mux, token))
}

// authorized lets requests pass that bear the token.
func authorized(next http.Handler, token string) http.Handler {
	if token == "" {
		return next
	}
	want := sha256.Sum256([]byte(token))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		given, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		got := sha256.Sum256([]byte(given))
		if subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, "the bearer token is missing or wrong", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// ServeHTTP serves until ctx is done; ready is told the address. Only a loopback
// address may be served without a token.
func ServeHTTP(ctx context.Context, s *server.MCPServer, address, token string, ready func(net.Addr)) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fault.New(fault.Invalid, "--http", "%q is no address", address).Then("Name host and port, as in 127.0.0.1:8080")
	}
	if ip := net.ParseIP(host); token == "" && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fault.New(fault.Invalid, "--http", "%q can be reached from other machines, and no token is set", address).
			Then("Set LOYALTY_HTTP_TOKEN to a long random text that clients send as a bearer token, or serve on 127.0.0.1")
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fault.New(fault.Config, "--http", "%s can't be listened on", address).Because(err).Then("Name another address or port")
	}
	// A stream of a long call has no limit of time; a slow head has.
	web := &http.Server{Handler: Handler(s, token), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 1 << 16}
	ready(listener.Addr())
	ended := make(chan error, 1)
	go func() { ended <- web.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	if err := web.Shutdown(last); errors.Is(err, context.DeadlineExceeded) {
		return web.Close()
	} else if err != nil {
		return err
	}
	return nil
}
