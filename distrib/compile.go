package distrib

import (
	"context"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/exec"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// compile makes the operators that a lane applies to each split of a task's fragment: the steps, which m knows from 1 on, and then
// its part of the gather, which takes rows of schema out.
func compile(env *exec.Env, task Task, m *meter) (steps, end batch.Op, out *arrow.Schema, err error) {
	f := task.Fragment
	steps, out, err = compileSteps(env, f.Schema, f.Steps, task.Tables, m, 1)
	if err != nil {
		return nil, nil, nil, err
	}
	env = m.env(env, 1+len(f.Steps))
	if task.parts() {
		end = compilePart(env, out, task)
	} else {
		end, err = compilePartial(env, out, f.End, task.Codes)
	}
	return steps, end, out, err
}

// compileSteps makes one operator of steps, which m knows from index first on, over batches of schema in; out is the schema
// of what it gives.
func compileSteps(env *exec.Env, in *arrow.Schema, steps []plan.Node, tables []*exec.JoinTable, m *meter, first int) (
	op batch.Op, out *arrow.Schema, err error,
) {
	shared := env
	ops := make([]batch.Op, 0, len(steps))
	for i, step := range steps {
		env := m.env(shared, first+i)
		if at := first + i; i > 0 {
			ops = append(ops, func(_ context.Context, in batch.Stream) batch.Stream { return m.crossing(at-1, at, in) })
		}
		switch n := step.(type) {
		case *plan.Filter:
			predicate, err := expr.Bind(n.Predicate, in)
			if err != nil {
				return nil, nil, fmt.Errorf("Filter: %w", err)
			}
			ops = append(ops, exec.Filter(env, predicate))
		case *plan.Project:
			columns, err := bindAll(n.Exprs, in)
			if err != nil {
				return nil, nil, fmt.Errorf("Select: %w", err)
			}
			ops = append(ops, exec.Project(env, n.Schema(), columns))
			in = n.Schema()
		case *plan.MapBatches:
			ops = append(ops, exec.MapBatches(env, n.Func, n.Schema()))
			in = n.Schema()
		case *plan.Join:
			ops = append(ops, tables[0].Probe())
			tables = tables[1:]
			in = n.Schema()
		default:
			return nil, nil, fmt.Errorf("%s: not a step of a fragment", n)
		}
	}
	return batch.Chain(ops...), in, nil
}

func bindAll(exprs []expr.Expr, in *arrow.Schema) ([]*expr.Bound, error) {
	bound := make([]*expr.Bound, len(exprs))
	for i, e := range exprs {
		b, err := expr.Bind(e, in)
		if err != nil {
			return nil, err
		}
		bound[i] = b
	}
	return bound, nil
}

// compilePartial makes the lanes' part of a gather. It reduces a split to what the gather needs of it.
func compilePartial(env *exec.Env, in *arrow.Schema, n plan.Node, codes *exec.KeyCodes) (batch.Op, error) {
	switch n := n.(type) {
	case nil, *plan.Window: // a row's value may depend on all splits
		return batch.Chain(), nil
	case *plan.Aggregate:
		spec, err := exec.NewAggSpec(in, n.Keys, n.Aggs)
		if err != nil {
			return nil, err
		}
		return exec.PartialAggregate(env, spec.WithCodes(codes)), nil
	case *plan.Sort:
		return exec.PartialSort(env, in, n.Keys), nil
	case *plan.TopK:
		return exec.TopK(env, in, n.Keys, n.N), nil
	case *plan.GroupTopK:
		spec, err := exec.NewGroupTopKSpec(in, n.Groups, n.Keys, n.N)
		if err != nil {
			return nil, err
		}
		return exec.GroupTopK(env, spec), nil
	case *plan.Limit:
		return exec.Limit(n.N), nil
	case *plan.Tail:
		return exec.Tail(env, n.N), nil
	case *plan.Distinct:
		return exec.Distinct(env, in, n.Columns), nil
	case *plan.Preview:
		// The lane counts what reaches the preview and drops what no prefix of splits can show.
		if len(n.Keys) > 0 {
			return exec.TopK(env, in, n.Keys, n.N), nil
		}
		return exec.Preview(n.N), nil
	default:
		return nil, fmt.Errorf("%s: not the end of a stage", n)
	}
}
