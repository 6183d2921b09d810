package main

import (
	"context"
	"time"

	"loyaltymcp/internal/fault"
	"loyaltymcp/warehouse"
	"loyaltymcp/warehouse/propose"
)

// The bounds of init's questions to the data.
const (
	questionTime = 10 * time.Second // one question
	surveyTime   = 60 * time.Second // all of them
	surveyRounds = 4                // answers may raise further questions
)

// survey lists the tables and proposes a mapping, asking the data about small
// enumerations where that helps. A question that fails or takes too long stays
// open, and the proposal says what that makes uncertain.
func (i *initiation) survey(ctx context.Context) error {
	reader, err := i.engine.Begin(ctx)
	if err != nil {
		return err
	}
	defer reader.Close()
	lister, ok := reader.(warehouse.Lister)
	if !ok {
		return fault.New(fault.Config, "warehouse", "the engine %s can't list its tables", i.engine.Name()).Then("Map by hand: copy loyalty.example.yaml")
	}
	if i.tables, err = lister.Tables(ctx); err != nil {
		return err
	}
	answers := propose.Answers{}
	deadline := time.Now().Add(surveyTime)
	for range surveyRounds {
		i.proposal = propose.Propose(i.tables, answers)
		if len(i.proposal.Questions) == 0 {
			return nil
		}
		for _, q := range i.proposal.Questions {
			answers[q] = propose.Answer{Failed: true}
			if time.Now().Before(deadline) {
				answers[q] = ask(ctx, reader, q, i.tables)
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
	}
	i.proposal = propose.Propose(i.tables, answers)
	return nil
}

func ask(ctx context.Context, reader warehouse.Reader, q propose.Question, tables []warehouse.Table) propose.Answer {
	ctx, cancel := context.WithTimeout(ctx, questionTime)
	defer cancel()
	var answer propose.Answer
	err := reader.Query(ctx, q.SQL(tables), nil, func(row warehouse.Row) error {
		var v propose.Value
		err := row.Scan(&v.Text, &v.Rows, &v.Negative, &v.Positive)
		answer.Values = append(answer.Values, v)
		return err
	})
	if err != nil {
		return propose.Answer{Failed: true}
	}
	return answer
}
