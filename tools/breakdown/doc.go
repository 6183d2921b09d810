// Package breakdown splits figures by what members are (tier, region, channel,
// enrolment cohort, further columns) and keeps small groups out of sight.
//
// # What is protected
//
// A cell is small if it holds somebody, but fewer than a minimum of units: of
// those who are behind the value, since it is their secret. Who that is
// depends on the measure: all members of the cell for a count of members, the
// buyers for what was bought. A measure is shown where its units are not
// marked. [Suppress] marks the cells of one dimension, [SuppressTable] those
// of two crossed, [Splits] and [SplitsTable] refuse filters.
//
// The reader is taken to know everything that is published of the same units
// in the same table: the unmarked cells, the totals of unmarked rows and
// columns, the grand total, the totals of all selections that don't split,
// which cells are empty and not marked, and that units are not negative. By
// whatever arithmetic, he must allow for a range of at least minimum units in
// each small cell, and any group of cells whose units he can work out holds
// nobody or at least minimum units. Sums of a measure, such as revenue, follow
// the marks of their units: what he can work out is of as many units. All this
// needs a grand total of minimum units itself.
//
// # Ratios
//
// A KPI is shown in a cell only where all that it is made of may be: the units
// of its numerator, of its denominator and of the n beside it are all
// unmarked. That makes arithmetic within a cell harmless. Average order value
// times orders is revenue and a rate times its n is its numerator, but these
// were free to be shown, or the KPI would not have been. A KPI that needs one
// marked measure must be left out as a whole; its n too, if the n is of the
// marked units.
//
// This holds only if no measure follows from measures of other units. Where
// one does, those units depend on each other:
//
//   - By an identity. Points issued, less redeemed, less expired are the change
//     of the balance, so earners, expirers and holders give away what two
//     redeemers redeemed. All units of an identity need shared marks: the
//     [Union] of theirs, in each one-way breakdown and in each table.
//   - By inclusion. Buyers are members, so where no member is, or four, there
//     are no buyers, or four at most. The bounds above don't reckon with it. It
//     matters where the larger group is shown and the smaller is marked; marks
//     that both share leave the reader no such cell.
//   - By complement. That 48 of 50 bought says that two did not. Counts of
//     members count all 50 as their units, so this is shown; a program to which
//     not buying is a secret must take those who did not for units as well.
//
// # What is not protected
//
//   - What all of a group have in common: a rate of 0 or 1 says it of each
//     member, whatever the size of the group. Nor what one member contributes
//     to a sum that he dominates: there is no dominance rule.
//   - Changes over time. Two runs at different times, or two windows that
//     overlap, differ by the few who joined or bought in between. Each window is
//     protected by itself.
//   - Linked tables. Tables of tier by region, tier by channel and region by
//     channel bound each other's cells through the table of all three. No table
//     is audited against another, except against its own margins. Of three
//     dimensions or more only tables without any small cell are safe beside the
//     others (see [Clear]), and a filter's dimensions count.
//   - A member who is in two cells, such as a buyer whose tier changed between
//     two orders, counts in both. Totals are then not quite the sums of their
//     cells, and the bounds are as if they were.
//   - Who knows that no marked cell is empty, as is mostly so, can take one unit
//     a marked cell off the upper bound of its neighbours: of two marked cells
//     that hold 10 together he knows that both hold 9 at most. Who is in the
//     group himself, or knows who is, can take off himself.
//   - A cell that is marked is known to be small or to stand beside a small one,
//     and who knows how the marks are found may tell the two apart.
package breakdown
