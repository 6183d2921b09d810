package postgres_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"loyaltymcp/internal/fault"
	"loyaltymcp/warehouse/postgres"
	"loyaltymcp/warehouse/postgres/pgtest"
)

// certificate makes a self-signed certificate for the address 127.0.0.1.
func certificate(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "loyalty test"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: plain}))
}

func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TLS and passwords come by the usual variables and files; what is wrong with
// them is said without the secret.
func TestLogin(t *testing.T) {
	const secret = "correct-horse"
	cert, key := certificate(t)
	other, _ := certificate(t)
	c := pgtest.StartTLS(t, cert, key)
	c.Exec("postgres", "CREATE ROLE reader LOGIN PASSWORD '"+secret+"'")
	c.Exec("postgres", "CREATE DATABASE other")
	trusted, stranger := file(t, "ca.pem", cert), file(t, "other.pem", other)
	passfile := file(t, "pass", fmt.Sprintf("127.0.0.1:%d:*:reader:%s\n", c.Port, secret))
	service := file(t, "service", fmt.Sprintf("[loyalty]\nhost=127.0.0.1\nport=%d\nuser=reader\ndbname=postgres\nsslmode=verify-full\nsslrootcert=%s\n", c.Port, trusted))
	full := fmt.Sprintf("postgres://reader@127.0.0.1:%d/postgres?sslmode=verify-full", c.Port)
	by := func(host string) string { return strings.Replace(full, "127.0.0.1", host, 1) }
	for name, l := range map[string]struct {
		url  string
		env  map[string]string
		want string // of the error; "" for none
	}{
		"password in the environment": {full, map[string]string{"PGSSLROOTCERT": trusted, "PGPASSWORD": secret}, ""},
		"password file":               {full, map[string]string{"PGSSLROOTCERT": trusted, "PGPASSFILE": passfile}, ""},
		"everything in the environment": {"postgres://", map[string]string{"PGHOST": "127.0.0.1", "PGPORT": fmt.Sprint(c.Port), "PGUSER": "reader",
			"PGDATABASE": "postgres", "PGSSLMODE": "verify-full", "PGSSLROOTCERT": trusted, "PGPASSFILE": passfile}, ""},
		"a service":                  {"postgres://?service=loyalty", map[string]string{"PGSERVICEFILE": service, "PGPASSFILE": passfile}, ""},
		"a service by variable":      {"postgres://", map[string]string{"PGSERVICE": "loyalty", "PGSERVICEFILE": service, "PGPASSFILE": passfile}, ""},
		"wrong password":             {full, map[string]string{"PGSSLROOTCERT": trusted, "PGPASSWORD": "hunter2"}, "refuses the login"},
		"wrong password in the URL":  {strings.Replace(full, "reader@", "reader:hunter2@", 1), map[string]string{"PGSSLROOTCERT": trusted}, "password file"},
		"no password":                {full, map[string]string{"PGSSLROOTCERT": trusted, "PGPASSFILE": stranger}, "refuses the login"},
		"another authority":          {full, map[string]string{"PGSSLROOTCERT": stranger, "PGPASSWORD": "hunter2"}, "authority that is not trusted"},
		"no authority":               {full, map[string]string{"PGPASSWORD": "hunter2"}, "PGSSLROOTCERT"},
		"another host":               {by("localhost"), map[string]string{"PGSSLROOTCERT": trusted, "PGPASSWORD": "hunter2"}, "for another host"},
		"no such authority file":     {full, map[string]string{"PGSSLROOTCERT": "/nowhere/ca.pem", "PGPASSWORD": "hunter2"}, "/nowhere/ca.pem"},
		"no TLS where it is a must":  {strings.Replace(full, "verify-full", "disable", 1), map[string]string{"PGPASSWORD": "hunter2"}, "refuses the login"},
		"no such database":           {strings.Replace(full, "/postgres?", "/nowhere?", 1), map[string]string{"PGSSLROOTCERT": trusted, "PGPASSWORD": secret}, "nowhere"},
		"no such service":            {"postgres://?service=nowhere", map[string]string{"PGSERVICEFILE": service, "PGPASSWORD": "hunter2"}, "PGSERVICE"},
		"no such host":               {by("nowhere.invalid"), map[string]string{"PGSSLROOTCERT": trusted, "PGPASSWORD": "hunter2"}, "host"},
		"a port that is no number":   {"postgres://reader:hunter2@127.0.0.1:x/postgres", nil, "is no PostgreSQL URL"},
		"an unknown mode of TLS":     {strings.Replace(full, "verify-full", "perhaps", 1), map[string]string{"PGPASSWORD": "hunter2"}, "TLS"},
		"a database without a grant": {strings.Replace(full, "/postgres?", "/other?", 1), map[string]string{"PGSSLROOTCERT": trusted, "PGPASSWORD": secret}, "permission denied"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, variable := range []string{"PGHOST", "PGPORT", "PGUSER", "PGDATABASE", "PGPASSWORD", "PGSSLMODE", "PGSSLROOTCERT", "PGSERVICE", "PGSERVICEFILE"} {
				t.Setenv(variable, l.env[variable])
			}
			t.Setenv("PGPASSFILE", l.env["PGPASSFILE"])
			if name == "a database without a grant" {
				c.Exec("postgres", "REVOKE CONNECT ON DATABASE other FROM public")
			}
			started := time.Now()
			e, err := postgres.Open(hasty(t.Context()), postgres.Options{URL: l.url})
			if err == nil {
				e.Close()
			}
			switch {
			case l.want == "" && err != nil:
				t.Errorf("%v, want the login", err)
			case l.want != "" && (!fault.Is(err, fault.Config) || !strings.Contains(err.Error(), l.want)):
				t.Errorf("%v, want an error of kind config with %q", err, l.want)
			case err != nil && (strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), secret)):
				t.Errorf("the password is in %v", err)
			}
			if took := time.Since(started); took > 5*time.Second {
				t.Errorf("that took %v", took)
			}
		})
	}
}
