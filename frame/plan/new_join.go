package plan

import (
	"errors"
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// DefaultSuffix is what a right column's name gets where the left has a column of that name.
const DefaultSuffix = "_right"

// NewJoin joins left and right where leftKeys equal rightKeys, pair by pair. The right side is held in memory (or
// spilled) while the left streams past it. An empty suffix means DefaultSuffix.
func NewJoin(left, right Node, leftKeys, rightKeys []string, kind JoinKind, suffix string) (Node, error) {
	return NewJoinWhere(left, right, leftKeys, rightKeys, kind, suffix, nil)
}

// NewJoinWhere is NewJoin with a condition on the joined columns: rows match only where it is true. where nil is no condition.
func NewJoinWhere(left, right Node, leftKeys, rightKeys []string, kind JoinKind, suffix string, where expr.Expr) (Node, error) {
	if len(leftKeys) == 0 || len(leftKeys) != len(rightKeys) {
		if len(leftKeys) == len(rightKeys) {
			return nil, errors.New("Join: no key columns given")
		}
		return nil, fmt.Errorf("Join: %d left keys against %d right keys", len(leftKeys), len(rightKeys))
	}
	if suffix == "" {
		suffix = DefaultSuffix
	}
	for i := range leftKeys {
		if err := checkColumn("Join: left side", leftKeys[i], left.Schema()); err != nil {
			return nil, err
		}
		if err := checkColumn("Join: right side", rightKeys[i], right.Schema()); err != nil {
			return nil, err
		}
		l, r := fieldType(left.Schema(), leftKeys[i]), fieldType(right.Schema(), rightKeys[i])
		if !arrow.TypeEqual(l, r) {
			return nil, fmt.Errorf("Join: column %q is %s on the left, %q is %s on the right: cast one of them",
				leftKeys[i], l, rightKeys[i], r)
		}
	}
	j := &Join{
		Left: left, Right: right, LeftKeys: slices.Clone(leftKeys), RightKeys: slices.Clone(rightKeys),
		Kind: kind, Suffix: suffix,
	}
	j.schema = joinSchema(j)
	if err := unique(j.Pairs().Fields()); err != nil {
		return nil, fmt.Errorf("Join: %w", err)
	}
	if where == nil {
		return j, nil
	}
	if err := checkPredicate("Join", where, j.Pairs()); err != nil {
		return nil, err
	}
	if kind == Inner {
		return &Filter{Input: j, Predicate: where}, nil
	}
	j.Where = where
	return j, nil
}

// Pairs is the columns of rows that match: what an inner join gives.
func (j *Join) Pairs() *arrow.Schema {
	pairs := *j
	pairs.Kind = Inner
	return joinSchema(&pairs)
}

// joinSchema is the left's columns, then the right's without its keys, renamed where the left has the name.
func joinSchema(j *Join) *arrow.Schema {
	fields := slices.Clone(j.Left.Schema().Fields())
	if j.Kind.OnlyLeft() {
		return arrow.NewSchema(fields, nil)
	}
	for i := range fields {
		fields[i].Nullable = fields[i].Nullable || j.Kind == Full
	}
	for _, f := range j.Right.Schema().Fields() {
		if slices.Contains(j.RightKeys, f.Name) {
			continue
		}
		f.Name = j.outputName(f.Name)
		f.Nullable = true
		fields = append(fields, f)
	}
	return arrow.NewSchema(fields, nil)
}

// outputName is what the right side's column is called in the output.
func (j *Join) outputName(right string) string {
	if len(j.Left.Schema().FieldIndices(right)) > 0 {
		return right + j.Suffix
	}
	return right
}

func fieldType(s *arrow.Schema, name string) arrow.DataType {
	return s.Field(s.FieldIndices(name)[0]).Type
}
