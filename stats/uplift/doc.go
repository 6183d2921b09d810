// Package uplift is about whom an offer changes: it judges scores that rank
// members by the expected effect of a treatment, against a randomised
// experiment, and estimates effects and the value of treating some.
//
//   - [Trial.Curve], [Trial.AUUC] and [Trial.Qini] say how well a score ranks,
//     [Trial.Groups] shows the effect by decile of the score, and [Trial.At]
//     among the top share.
//   - [Trial.Interval] says how sure these are. A score whose Qini interval
//     covers 0 must not choose whom to treat.
//   - [Scores] turns rows into doubly robust scores, one estimate of the effect
//     a member. Their mean is the effect ([Average]), their regression on
//     covariates says whom it depends on ([Projection]), [Policy] values a rule
//     that treats some at a cost, and [AUTOC] tests a priority.
//   - [CrossFit] makes the predictions that Scores needs with ridge logistic
//     regressions, each row's from the other folds.
//
// Treatment must have been random, or random given covariates with a known or
// well-modelled propensity. Otherwise all of this measures who was chosen.
//
// Judge a score on members it was not made from. Higher outcomes are better;
// for churn, give retained as outcome.
package uplift
