package postgres

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"net"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"loyaltymcp/internal/fault"
)

// misconfigured is the error for a URL, or PG* variables, that say nothing
// usable. The driver's own text may quote the URL, so none of it is kept.
func misconfigured(err error) error {
	var path *fs.PathError
	switch text := err.Error(); {
	case errors.As(err, &path):
		return fault.New(fault.Config, "warehouse", "the file %s, which the connection settings name, can't be read", path.Path).
			Then("Correct PGSSLROOTCERT, PGSSLCERT, PGSSLKEY, PGPASSFILE, PGSERVICEFILE or their parameters in the URL")
	case strings.Contains(text, "failed to configure TLS"):
		return fault.New(fault.Config, "warehouse", "the TLS settings can't be used").
			Then("Write sslmode=verify-full and name the authority's certificate in sslrootcert or PGSSLROOTCERT")
	case strings.Contains(text, "service"):
		return fault.New(fault.Config, "warehouse", "the connection service can't be found").
			Then("Correct PGSERVICE or the service file that PGSERVICEFILE names")
	}
	return fault.New(fault.Config, "warehouse", "is no PostgreSQL URL").
		Then("Write postgres://user@host:port/database?sslmode=verify-full, and keep the password in PGPASSWORD or a password file")
}

// unreachable sorts an error of connecting. The driver's text names host, port,
// user and database, but none of it is needed.
func unreachable(ctx context.Context, config *pgx.ConnConfig, err error) error {
	var e *pgconn.PgError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &e):
		return turnedAway(e)
	}
	if told := untrusted(config, err); told != nil {
		return told
	}
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsNotFound {
		return fault.New(fault.Config, "warehouse", "there is no host of the URL's name").Then("Correct the host in the URL or in PGHOST")
	}
	class := "connection refused or lost"
	if pgconn.Timeout(err) || errors.Is(err, context.DeadlineExceeded) {
		class = "no answer"
	}
	t := transient(class, "the PostgreSQL server can't be reached (%s)", class)
	t.Fault = fault.New(fault.Config, "warehouse", "%s", t.Fault.Message).Then("Check host and port in the URL, and whether the server runs")
	return t
}

// turnedAway sorts the answer of a server that lets nobody in.
func turnedAway(e *pgconn.PgError) error {
	code := e.Code
	if code == "08P01" {
		// A pooler has one code for all its refusals.
		switch text := strings.ToLower(e.Message); {
		case strings.Contains(text, "authentication failed"), strings.Contains(text, "no such user"), strings.Contains(text, "password"):
			code = "28P01"
		case strings.Contains(text, "no such database"):
			code = "3D000"
		case strings.Contains(text, "unsupported startup parameter"):
			return fault.New(fault.Config, "warehouse", "the pooler refuses a parameter of the connection: %s", e.Message).
				Then("Take it out of the URL, or name it in the pooler's ignore_startup_parameters")
		}
	}
	switch {
	case code == "28P01" || code == "28000":
		return fault.New(fault.Config, "warehouse", "the server refuses the login: %s", e.Message).
			Then("Check the user, and the password in PGPASSWORD or the password file")
	case code == "3D000":
		return fault.New(fault.Config, "warehouse", "%s", e.Message).Then("Correct the database's name in the URL")
	case passing(code):
		return transient(class(code), "the server takes no connection now: %s (SQLSTATE %s)", e.Message, code)
	}
	return fault.New(fault.Config, "warehouse", "the server refuses the connection: %s (SQLSTATE %s)", e.Message, code).
		Then("Correct the URL, or ask the database's administrator")
}

// untrusted returns the error for a server whose certificate or TLS does not
// pass, nil for other errors. Where the settings allow to go on without TLS, its
// refusal is only the first of two tries: the second one's error counts.
func untrusted(config *pgx.ConnConfig, err error) error {
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var checked *tls.CertificateVerificationError
	var alert tls.AlertError
	what, next := "", "Name the certificate of the server's authority in sslrootcert or PGSSLROOTCERT"
	switch {
	case errors.As(err, &host):
		what, next = "the server's certificate is for another host", "Write the host in the URL as the certificate names it"
	case errors.As(err, &unknown):
		what = "the server's certificate is signed by an authority that is not trusted"
	case errors.As(err, &invalid):
		what = "the server's certificate is not valid"
	case errors.As(err, &checked):
		what = "the server's certificate can't be verified"
	case errors.As(err, &alert):
		what, next = "the server refuses the TLS connection", "Check the client's certificate in sslcert and sslkey"
	case mustTLS(config) && strings.Contains(err.Error(), "refused TLS"):
		what, next = "the server offers no TLS", "Switch TLS on at the server; sslmode=disable only on a network that you trust"
	default:
		return nil
	}
	return fault.New(fault.Config, "warehouse", "%s", what).Then("%s", next)
}

// mustTLS reports whether every try to connect is by TLS.
func mustTLS(config *pgx.ConnConfig) bool {
	return config.TLSConfig != nil && !slices.ContainsFunc(config.Fallbacks, func(f *pgconn.FallbackConfig) bool { return f.TLSConfig == nil })
}
