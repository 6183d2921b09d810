package run

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// SaltFile is the file that holds the salt of hashed keys.
func (s *Store) SaltFile() string { return filepath.Join(s.dir, "salt") }

// Salt returns the secret with which keys from the data are hashed before they
// leave: 32 random bytes in hexadecimal, made once for each store, so that one
// row has one hash in all runs, and readable by the store's owner only.
func (s *Store) Salt() (string, error) {
	b, err := os.ReadFile(s.SaltFile())
	if errors.Is(err, os.ErrNotExist) {
		if err := s.makeSalt(); err != nil {
			return "", fmt.Errorf("making the salt of hashed keys: %w", err)
		}
		b, err = os.ReadFile(s.SaltFile())
	}
	if err != nil {
		return "", fmt.Errorf("reading the salt of hashed keys: %w", err)
	}
	salt := strings.TrimSpace(string(b))
	if len(salt) < 32 {
		return "", errors.New("reading the salt of hashed keys: it is too short; remove the file " + s.SaltFile())
	}
	return salt, nil
}

// makeSalt writes the salt whole or not at all. Of two that make it at once,
// the first wins.
func (s *Store) makeSalt() error {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	temp, err := os.CreateTemp(s.dir, "salt.*.tmp")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	var salt [32]byte
	rand.Read(salt[:]) // never fails
	_, err = temp.WriteString(hex.EncodeToString(salt[:]) + "\n")
	if err := errors.Join(err, temp.Close()); err != nil {
		return err
	}
	if err := os.Link(temp.Name(), s.SaltFile()); !errors.Is(err, os.ErrExist) {
		return err
	}
	return nil
}
