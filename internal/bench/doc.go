// Package bench measures what the stages cost, and proves what it compares.
//
// Every query that a stage runs has a hand-written partner that computes the
// same aggregates: one of handwritten.sql, and where a folder of shared queries is there
// one of its queries too. Both run on the same data, in the same process and on
// the same engine, one after the other in turns, so that what else the machine
// does falls on both. TestPairsAgree shows on a small program that the partners'
// numbers are the same; the benchmarks then show how much longer ours take.
//
// README.md has the commands and what was measured. Nothing here is a gate: on
// a shared machine a time says little by itself.
package bench
