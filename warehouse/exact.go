package warehouse

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Exact is an exact amount of money or points in ten-thousandths, as the
// engines sum it. Its JSON form is a plain decimal number.
type Exact int64

// ExactOne is one whole unit.
const ExactOne Exact = 10_000

// Float returns the amount as the nearest float64.
func (e Exact) Float() float64 { return float64(e) / float64(ExactOne) }

// String returns the amount as a decimal without needless zeros.
func (e Exact) String() string {
	sign, n := "", uint64(e)
	if e < 0 {
		sign, n = "-", uint64(-e)
	}
	s := sign + strconv.FormatUint(n/uint64(ExactOne), 10)
	fraction := n % uint64(ExactOne)
	if fraction == 0 {
		return s
	}
	digits := strconv.FormatUint(fraction+uint64(ExactOne), 10)[1:]
	for digits[len(digits)-1] == '0' {
		digits = digits[:len(digits)-1]
	}
	return s + "." + digits
}

// MarshalJSON implements json.Marshaler.
func (e Exact) MarshalJSON() ([]byte, error) { return []byte(e.String()), nil }

// UnmarshalJSON implements json.Unmarshaler for the plain decimals that
// MarshalJSON writes.
func (e *Exact) UnmarshalJSON(data []byte) error {
	var number json.Number
	if err := json.Unmarshal(data, &number); err != nil {
		return err
	}
	whole, fraction, _ := strings.Cut(number.String(), ".")
	if len(fraction) > 4 {
		return fmt.Errorf("%s has more than four decimals", number)
	}
	n, err := strconv.ParseInt(whole+(fraction + "0000")[:4], 10, 64)
	if err != nil {
		return fmt.Errorf("%s is no exact amount", number)
	}
	*e = Exact(n)
	return nil
}
