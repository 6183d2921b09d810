package pgtest

import (
	"fmt"
	"net"
	"net/url"
	"sync"
	"testing"
)

// Proxy stands between a client and a server and breaks what passes as it is
// told. It knows nothing of the protocol.
type Proxy struct {
	listener net.Listener
	target   string

	mu      sync.Mutex
	turn    *sync.Cond
	pairs   map[net.Conn]net.Conn // client to server
	stalled bool
	refuses bool
	left    int // bytes from the server until the cut; negative: no cut
	closed  bool
}

// NewProxy starts a proxy to the server at the address; it ends with the test.
func NewProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{listener: l, target: target, pairs: map[net.Conn]net.Conn{}, left: -1}
	p.turn = sync.NewCond(&p.mu)
	go p.serve()
	t.Cleanup(func() {
		l.Close()
		p.mu.Lock()
		p.closed = true
		p.turn.Broadcast()
		p.mu.Unlock()
		p.Cut()
	})
	return p
}

// Proxy starts a proxy to the cluster.
func (c *Cluster) Proxy() *Proxy {
	return NewProxy(c.t, fmt.Sprintf("127.0.0.1:%d", c.Port))
}

// URL returns a server's URL as it leads through the proxy.
func (p *Proxy) URL(server string) string {
	u, err := url.Parse(server)
	if err != nil {
		panic(err) // the test's own
	}
	u.Host = p.listener.Addr().String()
	return u.String()
}

// Cut closes every connection at once.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut()
}

func (p *Proxy) cut() {
	for client, server := range p.pairs {
		client.Close()
		server.Close()
	}
}

// CutAfter closes every connection after n more bytes from the server, once.
func (p *Proxy) CutAfter(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left = n
}

// Stall keeps the connections open and passes nothing on, until Flow.
func (p *Proxy) Stall() { p.set(true, false) }

// Flow passes everything on again.
func (p *Proxy) Flow() { p.set(false, false) }

// Refuse closes new connections as they come, until Flow.
func (p *Proxy) Refuse() { p.set(false, true) }

func (p *Proxy) set(stalled, refuses bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stalled, p.refuses = stalled, refuses
	p.turn.Broadcast()
}

func (p *Proxy) serve() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		go p.join(client)
	}
}

func (p *Proxy) join(client net.Conn) {
	p.mu.Lock()
	refuses := p.refuses
	p.mu.Unlock()
	if refuses {
		client.Close()
		return
	}
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		client.Close()
		return
	}
	p.mu.Lock()
	p.pairs[client] = server
	p.mu.Unlock()
	go p.pass(server, client, false)
	p.pass(client, server, true)
	client.Close()
	server.Close()
	p.mu.Lock()
	delete(p.pairs, client)
	p.mu.Unlock()
}

// pass hands bytes on, and closes both sides when one ends.
func (p *Proxy) pass(to, from net.Conn, fromServer bool) {
	defer to.Close()
	buffer := make([]byte, 4096)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			n = p.admit(n, fromServer)
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
			p.afterwards(fromServer)
		}
		if err != nil {
			return
		}
	}
}

// admit waits while the proxy stalls, and returns how many of n bytes may pass.
func (p *Proxy) admit(n int, fromServer bool) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.stalled && !p.closed {
		p.turn.Wait()
	}
	if fromServer && p.left >= 0 {
		n = min(n, p.left)
		p.left -= n
	}
	return n
}

func (p *Proxy) afterwards(fromServer bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if fromServer && p.left == 0 {
		p.left = -1
		p.cut()
	}
}
