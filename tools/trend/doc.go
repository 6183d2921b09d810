// Package trend judges the value of one KPI in a window by the KPI's own past:
// what was to be expected, how odd the value is, since when, which days are odd
// by themselves, and where it heads. It is pure: buckets in, a [Judgement] out.
//
// # Method
//
// A window is compared by its rate. The rate of a ratio is sum over sum. That of
// a flow is its sum over what the weekdays, and days of the month on which
// something always happens (points that expire on the first, a mailing on the
// twelfth), let expect. That of a stock is its growth. Positive rates are
// compared by their logarithms.
//
// The recent course (the median level of the last four weeks that tell one, with
// a damped Theil-Sen slope of the last eight where these agree on one) lets
// expect one rate. With a year and four weeks before the window there is a
// second: the same, moved by how far the window a year ago was from its own
// recent course; of up to three such years by their mean. Which of the two holds
// can't be told from so few years, so the score is 0 between them, and counts
// from the nearer one. Nothing of the window enters what is expected.
//
// The scale of the score is how far past windows of the same length were from
// what the same rules let expect of them, from quantiles that a tenth of odd
// windows don't move. As sums of days are compared with sums of days, how days
// depend on one another is in it; no root of n is assumed. Windows of more than
// four weeks are tried as four weeks, and their spread is extended as that of a
// random walk. Few past windows widen the bounds as Student's t does. Where
// units are counted, the score is no more than chance alone leaves of it. Without
// a year the bounds are widened by what a yearly season may do, for flows to less
// than half and more than twice: a change within that can't be told from a season.
//
// A window of up to a week takes 53 days with data before it, one of four weeks
// or more 128. With fewer there is no score but a reason.
//
// An alarm is a score beyond 3.29, Bonferroni's bound for one false alarm in
// twenty runs of fifty KPIs, that leaving out no single day takes back. What
// rests on one day is told by OneDay and Points: a late day, an outage.
//
// # Measured
//
// On demo programs without planted faults, in windows that don't overlap, of 27
// KPIs (12 programs of 24,000 members; shares with 95 % Wilson intervals, which
// are too narrow as far as the KPIs of a program move together):
//
//	window     scored  alarms
//	7 days     27,001     141  0.0052 (0.0044 to 0.0062)
//	30 days     5,901      54  0.0092 (0.0070 to 0.0119)
//	90 days     1,771       8  0.0045 (0.0023 to 0.0089)
//	13 weeks    1,764       8  0.0045 (0.0023 to 0.0089)
//	quarter     1,882       0  0      (0      to 0.0020)
//	all        38,319     211  0.0055 (0.0048 to 0.0063)
//
// Of the 211, 181 are where the program does change: the push for enrolments in
// November 2025 and its end (111), the double points of spring 2026 and their end
// (67), the first expiry of points (3). The other 30 are 0.0008 of the windows.
// Of 719,667 buckets 1,420 (0.2 %) were odd by themselves.
//
// With planted faults (6 programs of 12,000 members, whose daily orders are
// around 165): programs in which some KPI of those that the fault moves raises an
// alarm in the fault's first week, and of those KPIs, in how many windows the
// alarm is raised:
//
//	fault                              programs  7d, day 7  30d, day 14  30d, day 30  90d, day 45
//	60 % of purchases lost             6 of 6    18 of 18    1           18            0
//	25 % of purchases lost             2 of 6     3 of 18    0            4            0
//	half of the West's (8 %) lost      0 of 6     0 of 18    0            0            0
//	no redemption for 10 days          6 of 6    18 of 18    1            0            0
//	none on the web (35 %) for 10 days 1 of 6     1 of 18    0            0            0
//	5 % of members leave in 14 days    6 of 6    18 of 18   14           14            0
//	15 % of Gold leave in 14 days      4 of 6     7 of 12    4            3            0
//	400 points to each in the South    6 of 6    16 of 18   15           14            2
//
// Of 181 alarms on faults that are dated, 153 are on the day, and 171 within a week. So: a
// fault that lasts for less than half of the window, or is small against what
// chance and season do, raises no alarm of the window. Judge the last week beside
// a longer window, and a region by its own series. Of the KPIs of the total outage
// two thirds have days that are odd by themselves, in windows of each length.
//
// The tables are those of
//
//	go test ./tools/trend -run FalseAlarms -v -programs 12 -members 24000 -timeout 1h
//	go test ./tools/trend -run Power -v -programs 6 -members 12000 -timeout 1h
//
// # Limits
//
// The KPIs are judged one by one; an odd value in several is one event. A feast
// that moves between the years is like any other week. Whether an alarm is a fault
// or the campaign that was meant, the series doesn't know. What counts members
// once in a window is no sum of days; judge its daily count instead.
package trend
