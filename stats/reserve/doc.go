// Package reserve attributes the points members have spent to the points they
// were issued, and reconciles the movements of a point balance over a period.
//
// Amounts are integers of one type of the caller's choice, for example whole
// points or ten-thousandths of a point; the arithmetic is exact as long as
// totals fit the type.
package reserve
