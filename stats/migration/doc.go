// Package migration is about members who move between a few states, such as
// tiers: how they move in a period, what mix that leads to, how long until
// they are gone, and whether a Markov chain may be used to say so.
//
// A chain of order one says that where a member goes next depends on where
// they are, not on how they came there or on the calendar. Tier programs break
// both rules easily: members are reviewed at the end of a qualification
// period, so moves cluster in months, and a member who was just promoted is
// safer than the rest. Take the qualification period as the step, or test
// first: [OrderTest] for the memory, [HomogeneityTest] for the calendar. When
// they reject, a projection is a sketch and should be called one.
//
// Matrices are square, with a row for the state that is left and a column for
// the state that is entered, in the caller's order of states. Counts are
// numbers of moves, staying included. They may be weights, but intervals and
// tests then take them for so many independent moves.
package migration
