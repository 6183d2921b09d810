package writeplan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// sealed returns the seal of the plan's content: the SHA-256 of the plan as JSON
// without the seal. It tells an edit by hand from one by the tools, which hold
// every figure against the run. It is no signature: who can write the file can
// write the seal.
func (p *Plan) sealed() (string, error) {
	plain := *p
	plain.Seal = ""
	text, err := json.Marshal(&plain)
	if err != nil {
		return "", fmt.Errorf("sealing plan %s: %w", p.ID, err)
	}
	sum := sha256.Sum256(text)
	return "sha256:" + hex.EncodeToString(sum[:]), nil
}

// unsealed reports whether the plan is of an older version, which neither sealed nor
// reviewed. Of a plan that was reviewed the seal can only have been taken off.
func (p *Plan) unsealed() bool { return p.Seal == "" && p.Review == nil }

// Sealed reports whether the plan is as the tools wrote it. Plans of older versions
// bear no seal, so nobody can tell.
func (p *Plan) Sealed() bool {
	seal, err := p.sealed()
	return err == nil && seal == p.Seal
}
