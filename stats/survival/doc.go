// Package survival is about the time until something happens, when for many
// it has not happened yet: a member's churn, the redemption of a lot of points.
//
//   - [KaplanMeier] describes the time to one event, with [Curve.At] for a
//     share at a horizon, [Curve.Quantile] for a median and [Curve.RMST] for
//     the mean time within a horizon, whose difference between two groups
//     ([RMSTDifference]) is the headline that needs no model.
//   - [AalenJohansen] splits the events by cause. Use it, not Kaplan-Meier,
//     when one event rules out the other: a lot that expired can't be redeemed,
//     and taking expiry for censoring overstates redemption.
//   - [LogRank] tests whether groups differ.
//   - [Cox] relates the hazard to covariates, constant or varying in time, and
//     [CoxFit.ProportionalHazards] tests what it assumes. [Weibull] is the
//     parametric model, for times beyond the data.
//
// A retention rate over members who joined at different dates is biased when
// the recent ones are left out or counted as retained; these methods use every
// member for as long as they were seen.
//
// All of it assumes that those whose time is cut off (censored) are like those
// still seen at that time. An observation period that ends for everyone is
// fine; members who are deleted from the data because they were inactive are
// not, and no method here can repair that.
//
// Weights count a row for several. The plain standard errors take them for
// repetitions; for weights such as points or inverse probabilities use the
// robust ones, and give a cluster where rows belong together (lots of a
// member, periods of a member).
package survival
