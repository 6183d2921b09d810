package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Cluster is a server of a test's own, which ends with the test.
type Cluster struct {
	Dir  string // of its data and logs; readable by the server's user
	Port int
	t    testing.TB
	bin  string
	data string
}

// Start makes a cluster whose superuser "tester" needs no password, and starts
// it with the settings ("max_connections=5"). Without the server's programs the
// test skips; in CI it fails.
func Start(t testing.TB, settings ...string) *Cluster {
	t.Helper()
	c := newCluster(t)
	c.must("initdb", "-D", c.data, "-A", "trust", "-U", "tester", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
	c.Configure(settings...)
	c.Run()
	return c
}

func newCluster(t testing.TB) *Cluster {
	t.Helper()
	dir, err := os.MkdirTemp("", "loyalty-pg-")
	if err != nil {
		t.Fatal(err)
	}
	c := &Cluster{t: t, bin: Bin(t), Dir: dir, data: filepath.Join(dir, "data"), Port: FreePort(t)}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	give(t, dir)
	return c
}

// Bin returns the folder of the server's programs.
func Bin(t testing.TB) string {
	t.Helper()
	var found []string
	if path, err := exec.LookPath("initdb"); err == nil {
		found = append(found, path)
	}
	packaged, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	found = append(found, packaged...) // preferred: whole, and the newest last
	if len(found) == 0 {
		Absent(t, "PostgreSQL's initdb")
	}
	return filepath.Dir(found[len(found)-1])
}

// Absent skips a test for want of a program; in CI, which installs it, the test
// fails.
func Absent(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is not installed in CI", what)
	}
	t.Skipf("%s is not installed", what)
}

// FreePort returns a port that nobody listens on.
func FreePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// owner is the user that servers run as: not root, which they refuse. It is
// looked up once, as others may be changing the list of users.
var owner = sync.OnceValues(func() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(err, err2)
})

// give makes the servers' user the owner of a file or folder.
func give(t testing.TB, path string) {
	t.Helper()
	who, err := owner()
	if err == nil && who != nil {
		err = os.Chown(path, int(who.Uid), int(who.Gid))
	}
	if err != nil {
		t.Fatalf("giving %s to the servers' user: %v", path, err)
	}
}

// Command returns a command that runs as the servers' user.
func Command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	who, err := owner()
	if cmd.Err == nil {
		cmd.Err = err
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: who}
	return cmd
}

func (c *Cluster) try(name string, args ...string) ([]byte, error) {
	cmd := Command(filepath.Join(c.bin, name), args...)
	cmd.Dir = c.Dir
	return cmd.CombinedOutput()
}

func (c *Cluster) must(name string, args ...string) {
	c.t.Helper()
	if out, err := c.try(name, args...); err != nil {
		log, _ := os.ReadFile(filepath.Join(c.Dir, "log"))
		c.t.Fatalf("%s: %v\n%s\n%s", name, err, out, log)
	}
}

// Configure adds settings, which count from the next start.
func (c *Cluster) Configure(settings ...string) {
	c.t.Helper()
	text := "listen_addresses='127.0.0.1'\nfsync=off\nautovacuum=off\nunix_socket_directories='" + c.Dir + "'\nport=" + strconv.Itoa(c.Port) + "\n"
	for _, s := range settings {
		text += s + "\n"
	}
	c.Append("postgresql.auto.conf", text)
}

// Append adds text to a file of the data folder.
func (c *Cluster) Append(file, text string) {
	c.t.Helper()
	f, err := os.OpenFile(filepath.Join(c.data, file), os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = f.WriteString(text)
		f.Close()
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

// Run starts the server, and stops it at the end of the test.
func (c *Cluster) Run() {
	c.t.Helper()
	c.must("pg_ctl", "-D", c.data, "-l", filepath.Join(c.Dir, "log"), "-w", "start")
	c.t.Cleanup(func() {
		c.Resume()
		_, _ = c.try("pg_ctl", "-D", c.data, "-m", "immediate", "stop") // it may be stopped
	})
}

// Kill ends the server at once, as a crash would.
func (c *Cluster) Kill() {
	c.t.Helper()
	c.must("pg_ctl", "-D", c.data, "-m", "immediate", "-w", "stop")
}

// Restart ends every session, and starts the server again.
func (c *Cluster) Restart() {
	c.t.Helper()
	c.must("pg_ctl", "-D", c.data, "-l", filepath.Join(c.Dir, "log"), "-m", "fast", "-w", "restart")
}

// Pause stops every process of the server in its tracks; connections stay open.
func (c *Cluster) Pause() { c.signal(syscall.SIGSTOP) }

// Resume lets a paused server go on.
func (c *Cluster) Resume() { c.signal(syscall.SIGCONT) }

// signal reaches the server and its sessions: the processes of the data
// folder's own pid file, and their children.
func (c *Cluster) signal(s syscall.Signal) {
	text, err := os.ReadFile(filepath.Join(c.data, "postmaster.pid"))
	if err != nil {
		return
	}
	server, err := strconv.Atoi(strings.TrimSpace(strings.SplitN(string(text), "\n", 2)[0]))
	if err != nil {
		return
	}
	_ = syscall.Kill(server, s)
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		stat, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		// pid (name) state parent ...
		after := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err == nil && len(after) > 1 && after[1] == strconv.Itoa(server) {
			_ = syscall.Kill(pid, s)
		}
	}
}

// URL returns the URL of a database of the cluster, for its superuser.
func (c *Cluster) URL(database string) string {
	return fmt.Sprintf("postgres://tester@127.0.0.1:%d/%s?sslmode=disable", c.Port, database)
}

// Exec runs statements as the superuser in a connection of their own.
func (c *Cluster) Exec(database, sql string) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, c.URL(database))
	if err != nil {
		c.t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, sql, pgx.QueryExecModeSimpleProtocol); err != nil {
		c.t.Fatalf("%s: %v", sql, err)
	}
}

// Count returns the one number that a query returns to the superuser.
func (c *Cluster) Count(database, sql string) (n int) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, c.URL(database))
	if err != nil {
		c.t.Fatal(err)
	}
	defer conn.Close(ctx)
	if err := conn.QueryRow(ctx, sql).Scan(&n); err != nil {
		c.t.Fatalf("%s: %v", sql, err)
	}
	return n
}

// Await waits until the query returns a number above zero.
func (c *Cluster) Await(database, sql string) {
	c.t.Helper()
	for range 200 {
		if c.Count(database, sql) > 0 {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	c.t.Fatalf("never came true: %s", sql)
}

// Standby starts a server that follows the cluster and answers questions.
func (c *Cluster) Standby(settings ...string) *Cluster {
	c.t.Helper()
	s := newCluster(c.t)
	s.must("pg_basebackup", "-D", s.data, "-h", "127.0.0.1", "-p", strconv.Itoa(c.Port), "-U", "tester", "-R", "-c", "fast", "--no-sync")
	s.Configure(settings...)
	s.Run()
	return s
}

// StartTLS starts a cluster with the certificate and key, PEM both, that lets
// its superuser in without a password, and others with one and by TLS only.
func StartTLS(t testing.TB, cert, key string) *Cluster {
	t.Helper()
	c := newCluster(t)
	c.must("initdb", "-D", c.data, "-A", "trust", "-U", "tester", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
	for file, text := range map[string]string{"server.crt": cert, "server.key": key} {
		path := filepath.Join(c.data, file)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		give(t, path)
	}
	rules := "local all all trust\nhost all tester 127.0.0.1/32 trust\nhostssl all all all scram-sha-256\n"
	if err := os.WriteFile(filepath.Join(c.data, "pg_hba.conf"), []byte(rules), 0o600); err != nil {
		t.Fatal(err)
	}
	c.Configure("ssl=on")
	c.Run()
	return c
}
