// Package migration is about members who move between a few states, such as
// tiers: how they move in a period, what mix that leads to, how long until
// they are gone, and whether a Markov chain may be used to say so.
//
//   - [Count] and [CountPairs] add up the moves of members, [Fit] turns counts into
//     probabilities with errors and intervals, and [Shrink] draws those of small
//     tiers towards a prior.
//   - [Estimate.Project] carries today's members some steps ahead. New members are
//     not in it: project each intake from when it joins.
//   - [Absorb] says how long members stay until they lapse and where they end;
//     [Stationary], of the [Live] part, the mix of those who never do.
//
// Don't use it for the time until one event, such as the first redemption, nor
// where members are seen for differing lengths of time: package survival keeps
// those whose end is not known yet, which a count of moves leaves out. And don't
// read a long projection as a forecast: it says where today's rules and habits
// lead if neither changes.
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
