package pgtest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// Bouncer starts a PgBouncer in transaction mode before the cluster, with so
// many connections to the server, and returns the URL of a database through
// it. Where PgBouncer is not installed the test skips; in CI it fails.
func (c *Cluster) Bouncer(t testing.TB, database string, connections int) string {
	t.Helper()
	path, err := exec.LookPath("pgbouncer")
	if err != nil {
		if path = "/usr/sbin/pgbouncer"; !exists(path) {
			Absent(t, "pgbouncer")
		}
	}
	port := FreePort(t)
	dir, err := os.MkdirTemp(c.Dir, "bouncer-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(dir, "pgbouncer.ini")
	// auth_type=any takes no user from the client: the database names one.
	text := fmt.Sprintf("[databases]\n%s = host=127.0.0.1 port=%d user=tester\n"+
		"[pgbouncer]\nlisten_addr=127.0.0.1\nlisten_port=%d\nunix_socket_dir=\nauth_type=any\npool_mode=transaction\ndefault_pool_size=%d\nquery_wait_timeout=20\n",
		database, c.Port, port, connections)
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := Command(path, config)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr.Setpgid = true
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM)
		_ = cmd.Wait()
		log.Close()
	})
	for range 100 {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			conn.Close()
			return fmt.Sprintf("postgres://tester@127.0.0.1:%d/%s?sslmode=disable", port, database)
		}
		time.Sleep(50 * time.Millisecond)
	}
	said, _ := os.ReadFile(log.Name())
	t.Fatalf("pgbouncer does not listen:\n%s", said)
	return ""
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
