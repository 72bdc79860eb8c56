package exec

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/expr"
	"github.com/rivulet-go/rivulet/frame/memory"
	"github.com/rivulet-go/rivulet/frame/plan"
)

// JoinSpec is a hash join of Left, which streams past, with Right, which is built into a table. Output is the left's
// columns and then, but for semi and anti joins, the right's without its keys. Null keys match nothing. Rows of the right alone,
// which a full join gives, have its keys in place of the left's.
type JoinSpec struct {
	Left, Right         *arrow.Schema
	LeftKeys, RightKeys []string
	Kind                plan.JoinKind
	Output              *arrow.Schema
	AsOf                *plan.AsOf    // at most one partner for each row; nil for all
	Where               expr.Expr     // what else is true of rows that match, over Pairs; nil for nothing
	Pairs               *arrow.Schema // the left's columns and then the right's without its keys; needed with Where alone
}

// joinColumns is a JoinSpec with names resolved.
type joinColumns struct {
	JoinSpec
	leftKeys, rightKeys []int
	payload             []int       // the right's columns in the output, or in Pairs
	where               *expr.Bound // nil for none
	ranges              *rangeSpec  // of where; nil for none
	leftOn, rightOn     int         // the columns of AsOf
}

func (s JoinSpec) resolve() (*joinColumns, error) {
	c := &joinColumns{JoinSpec: s}
	if len(s.LeftKeys) == 0 || len(s.LeftKeys) != len(s.RightKeys) {
		return nil, fmt.Errorf("join: %d left keys against %d right keys", len(s.LeftKeys), len(s.RightKeys))
	}
	for i := range s.LeftKeys {
		left, right := s.Left.FieldIndices(s.LeftKeys[i]), s.Right.FieldIndices(s.RightKeys[i])
		if len(left) == 0 || len(right) == 0 {
			return nil, fmt.Errorf("join: no column %q on the left or %q on the right", s.LeftKeys[i], s.RightKeys[i])
		}
		l, r := s.Left.Field(left[0]).Type, s.Right.Field(right[0]).Type
		if !arrow.TypeEqual(l, r) {
			return nil, fmt.Errorf("join: column %q is %s on the left, %q is %s on the right", s.LeftKeys[i], l, s.RightKeys[i], r)
		}
		if _, err := keyKindOf(l); err != nil {
			return nil, fmt.Errorf("join: column %q: %w", s.LeftKeys[i], err)
		}
		c.leftKeys, c.rightKeys = append(c.leftKeys, left[0]), append(c.rightKeys, right[0])
	}
	for i := range s.Right.NumFields() {
		if (!s.Kind.OnlyLeft() || s.Where != nil) && !slices.Contains(c.rightKeys, i) {
			c.payload = append(c.payload, i)
		}
	}
	if s.AsOf != nil {
		left, right := s.Left.FieldIndices(s.AsOf.Left), s.Right.FieldIndices(s.AsOf.Right)
		if len(left) == 0 || len(right) == 0 {
			return nil, fmt.Errorf("join: no column %q on the left or %q on the right", s.AsOf.Left, s.AsOf.Right)
		}
		c.leftOn, c.rightOn = left[0], right[0]
	}
	if s.Where != nil {
		var err error
		if c.where, err = expr.Bind(s.Where, s.Pairs); err != nil {
			return nil, fmt.Errorf("join: %w", err)
		}
		if c.ranges, err = rangesOf(c); err != nil {
			return nil, fmt.Errorf("join: %w", err)
		}
	}
	if n := s.Left.NumFields() + len(c.given()); s.Output.NumFields() != n {
		return nil, fmt.Errorf("join: the output has %d columns, the two sides %d", s.Output.NumFields(), n)
	}
	return c, nil
}

// takesCodes says whether columns may be coded: not where a condition looks at them, and not where keys come from either side.
func (c *joinColumns) takesCodes() bool {
	return c.where == nil && c.AsOf == nil && c.Kind != plan.Full
}

// given are the right's columns in the output.
func (c *joinColumns) given() []int {
	if c.Kind.OnlyLeft() {
		return nil
	}
	return c.payload
}

// JoinTable is the build side of a join: in memory, or parted by hash in a file where the budget refused.
type JoinTable struct {
	env   *Env
	spec  *joinColumns
	level int
	hash  *joinHash     // resident
	runs  []*memory.Run // not resident: one for each partition, nil for empty ones
	rows  int64         // of runs
	file  *spillFile
}

// BuildJoin consumes the build side. Close the table.
func BuildJoin(ctx context.Context, env *Env, spec JoinSpec, build batch.Stream) (t *JoinTable, err error) {
	columns, err := spec.resolve()
	if err != nil {
		return nil, err
	}
	if !columns.takesCodes() {
		build = batch.PlainStream(env.Mem, build)
	}
	err = protect("join", nil, func() error {
		t, err = buildTable(ctx, env, columns, &spillFile{env: env}, 0, build)
		return err
	})
	return t, err
}

// buildTable builds at a level of partitioning; it closes file where it fails.
func buildTable(ctx context.Context, env *Env, spec *joinColumns, file *spillFile, level int, build batch.Stream) (*JoinTable, error) {
	b := &joinBuild{env: env, spec: spec, file: file, level: level}
	built := false
	defer func() {
		b.close()
		if !built {
			file.close()
		}
	}()
	if err := each(ctx, build, func(rec arrow.Record) error { return b.add(ctx, rec) }); err != nil {
		return nil, err
	}
	t := &JoinTable{env: env, spec: spec, level: level, file: file}
	if err := b.finish(ctx, t); err != nil {
		return nil, err
	}
	built = true
	return t, nil
}

// Resident says whether the table is in memory: then Probe serves any number of lanes at once.
func (t *JoinTable) Resident() bool { return t.hash != nil }

// Close gives back memory and files. Nobody may probe any more.
func (t *JoinTable) Close() {
	if t.hash != nil {
		t.hash.close()
	}
	t.file.close()
}

// Probe joins its input with a resident table. Its rows keep their order; the matches of a row come in build order. Unmatched gives
// what is left of a full join after all input has been probed.
func (t *JoinTable) Probe() batch.Op {
	return func(ctx context.Context, in batch.Stream) batch.Stream {
		return generate(ctx, "join", func(emit emitFunc) error {
			if t.hash == nil {
				return errors.New("join: the table is not resident")
			}
			p, err := newJoinProbe(t.env, t.spec, t.hash)
			if err != nil {
				return err
			}
			if !t.spec.takesCodes() {
				in = batch.PlainStream(t.env.Mem, in)
			}
			return each(ctx, in, func(rec arrow.Record) error { return p.probe(ctx, rec, emit) })
		})
	}
}
