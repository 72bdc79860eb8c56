package exec

import (
	"context"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"

	"github.com/rivulet-go/rivulet/frame/batch"
	"github.com/rivulet-go/rivulet/frame/expr"
)

// groupState is groups and their accumulators: the working set of an aggregate.
type groupState struct {
	env          *Env
	spec         *AggSpec
	aggs         []*expr.BoundAgg // over what update takes
	table        *groupKeys
	accumulators []expr.Accumulator
	groups       []uint32
}

// newGroupState makes a state of input rows.
func newGroupState(env *Env, spec *AggSpec) (*groupState, error) {
	table, err := newGroupKeys(env.Mem, spec.keyTypes())
	if err != nil {
		return nil, err
	}
	table.shared = spec.codes
	return &groupState{env: env, spec: spec, aggs: spec.aggs, table: table}, nil
}

// open makes accumulators where reset dropped them.
func (s *groupState) open() {
	if s.accumulators == nil {
		s.accumulators = expr.NewAccumulators(s.env.Mem, s.aggs)
	}
}

// update adds input rows.
func (s *groupState) update(ctx context.Context, rec arrow.Record) error {
	keys, err := evalCoded(ctx, s.env, s.spec.keys, rec)
	if err != nil {
		return err
	}
	defer releaseArrays(keys)
	return s.add(ctx, keys, rec)
}

// add adds rows with these keys.
func (s *groupState) add(ctx context.Context, keys []arrow.Array, rec arrow.Record) error {
	groups, err := s.assign(keys, int(rec.NumRows()))
	if err != nil {
		return err
	}
	for _, a := range s.accumulators {
		if err := a.Update(ctx, rec, groups, s.table.len()); err != nil {
			return err
		}
	}
	return nil
}

// singles gives each row of rec, which it takes over, as a group of its own: its keys and operands where they are enough,
// its state otherwise. The groups stay as they are.
func (s *groupState) singles(ctx context.Context, rec arrow.Record, emit emitFunc) error {
	return eachChunk(rec, func(piece arrow.Record) error {
		out, err := s.passed(ctx, piece)
		if err != nil || out == nil {
			return err
		}
		return emit(out)
	})
}

func (s *groupState) passed(ctx context.Context, rec arrow.Record) (arrow.Record, error) {
	defer rec.Release()
	if rec.NumRows() == 0 {
		return nil, nil
	}
	columns, err := evalCoded(ctx, s.env, s.spec.keys, rec)
	schema, valuesOf := s.spec.rows, s.operands
	if schema == nil {
		schema, valuesOf = s.spec.state, s.single
	}
	if err == nil {
		var values []arrow.Array
		values, err = valuesOf(ctx, rec)
		columns = append(columns, values...)
	}
	if err != nil {
		releaseArrays(columns)
		return nil, err
	}
	return newRecord(schema, columns, int(rec.NumRows())), nil
}

// operands evaluates what the aggregates are of.
func (s *groupState) operands(ctx context.Context, rec arrow.Record) ([]arrow.Array, error) {
	var all []arrow.Array
	for _, a := range s.aggs {
		operands, _ := a.Operands()
		values, err := evalAll(ctx, s.env, operands, rec)
		all = append(all, values...)
		if err != nil {
			return all, err
		}
	}
	return all, nil
}

// single is the aggregates' states of rows that are groups of their own.
func (s *groupState) single(ctx context.Context, rec arrow.Record) ([]arrow.Array, error) {
	rows := int(rec.NumRows())
	s.open()
	defer s.dropAccumulators()
	s.groups = sized(s.groups, rows)
	for i := range s.groups {
		s.groups[i] = uint32(i)
	}
	for _, a := range s.accumulators {
		if err := a.Update(ctx, rec, s.groups, rows); err != nil {
			return nil, err
		}
	}
	return s.values(func(a expr.Accumulator) ([]arrow.Array, error) { return a.State(ctx) })
}

// merge adds partial states, or rows.
func (s *groupState) merge(ctx context.Context, state arrow.Record) error {
	columns := state.Columns()
	if s.spec.holdsRows(state) {
		return s.add(ctx, columns[:len(s.spec.keys)], state)
	}
	groups, err := s.assign(columns[:len(s.spec.keys)], int(state.NumRows()))
	if err != nil {
		return err
	}
	columns = columns[len(s.spec.keys):]
	for i, a := range s.accumulators {
		n := len(s.spec.aggs[i].StateTypes())
		if err := a.Merge(ctx, columns[:n], groups, s.table.len()); err != nil {
			return err
		}
		columns = columns[n:]
	}
	return nil
}

func (s *groupState) assign(keys []arrow.Array, rows int) ([]uint32, error) {
	s.open()
	s.groups = sized(s.groups, rows)
	return s.groups, s.table.assign(keys, rows, s.groups)
}

// partials gives the state of all groups, in batches, and forgets them.
func (s *groupState) partials(ctx context.Context, emit emitFunc) error {
	return s.drain(s.spec.state, func(a expr.Accumulator) ([]arrow.Array, error) { return a.State(ctx) }, emit)
}

// results gives the result of all groups, in batches, and forgets them.
func (s *groupState) results(ctx context.Context, emit emitFunc) error {
	return s.drain(s.spec.output, resultOf(ctx, s.table.len()), emit)
}

// resultOf gives the result of the first n groups.
func resultOf(ctx context.Context, n int) func(expr.Accumulator) ([]arrow.Array, error) {
	return func(a expr.Accumulator) ([]arrow.Array, error) {
		arr, err := a.Result(ctx, n)
		if err != nil {
			return nil, err
		}
		return []arrow.Array{arr}, nil
	}
}

func (s *groupState) drain(schema *arrow.Schema, values func(expr.Accumulator) ([]arrow.Array, error), emit emitFunc) error {
	defer s.reset()
	rows := s.table.len()
	columns, err := s.values(values)
	defer func() { releaseArrays(columns) }()
	if err != nil {
		return err
	}
	s.dropAccumulators()
	for from := 0; from < rows; from += maxRows {
		to := min(from+maxRows, rows)
		rec, err := s.slice(schema, columns, from, to)
		if err != nil {
			return err
		}
		if to == rows { // the last batch leaves alone
			releaseArrays(columns)
			columns = nil
			s.reset()
		}
		if err := emit(rec); err != nil {
			return err
		}
	}
	return nil
}

// values is the accumulators' columns, one row for each group; the caller releases them, also after an error.
func (s *groupState) values(of func(expr.Accumulator) ([]arrow.Array, error)) (columns []arrow.Array, err error) {
	for _, a := range s.accumulators {
		arrays, err := of(a)
		if err != nil {
			return columns, err
		}
		columns = append(columns, arrays...)
	}
	return columns, nil
}

// slice makes a record of groups [from, to).
func (s *groupState) slice(schema *arrow.Schema, columns []arrow.Array, from, to int) (arrow.Record, error) {
	var all []arrow.Array
	if len(s.spec.keys) > 0 {
		keys, err := s.table.columns(from, to)
		if err != nil {
			return nil, err
		}
		all = keys
	}
	for _, c := range columns {
		all = append(all, array.NewSlice(c, int64(from), int64(to)))
	}
	return newRecord(schema, all, to-from), nil
}

// snapshot is the result so far of the first n groups as one record; the state goes on.
func (s *groupState) snapshot(ctx context.Context, n int) (arrow.Record, error) {
	columns, err := s.values(resultOf(ctx, n))
	defer func() { releaseArrays(columns) }()
	if err != nil {
		return nil, err
	}
	return s.slice(s.spec.output, columns, 0, n)
}

// ensureRow makes the one group of an aggregation without keys, which exists also over no rows.
func (s *groupState) ensureRow(ctx context.Context) error {
	if len(s.spec.keys) > 0 || s.table.len() > 0 {
		return nil
	}
	empty := batch.Empty(s.env.Mem, s.spec.state)
	defer empty.Release()
	return s.merge(ctx, empty)
}

// bytes is the memory held.
func (s *groupState) bytes() int64 {
	n := s.table.bytes()
	for _, a := range s.accumulators {
		n += a.Bytes()
	}
	return n
}

// growth estimates the memory that merging a state record adds at its peak. Keys are counted as if all were new.
func (s *groupState) growth(state arrow.Record) int64 {
	rows := state.NumRows()
	n := s.table.growth(int(rows), keyBytes(state.Columns()[:len(s.spec.keys)]))
	at := len(s.spec.keys)
	groups := int64(s.table.len())
	for i, a := range s.spec.aggs {
		switch {
		case a.KeepsValues(): // twice what the state brings, and a group and a run for each list
			if lists, ok := state.Column(at).(*array.List); ok && rows > 0 {
				from, _ := lists.ValueOffsets(0)
				_, to := lists.ValueOffsets(int(rows) - 1)
				n += 16*(to-from) + 64*rows
			}
		case groups > 0 && i < len(s.accumulators):
			n += s.accumulators[i].Bytes() * rows / max(groups, rows)
		default:
			n += 32 * rows
		}
		at += len(a.StateTypes())
	}
	return n
}

// keyBytes is at least what the encoded keys of these columns take.
func keyBytes(keys []arrow.Array) int64 {
	n := int64(0)
	for _, k := range keys {
		switch kind, _ := keyKindOf(k.DataType()); kind {
		case keyString:
			_, offsets := bytesOf(k)
			n += int64(offsets[k.Len()]-offsets[0]) + 5*int64(k.Len())
		case keyNested:
			n += 2 * int64(k.Data().SizeInBytes())
		default:
			n += 17 * int64(k.Len())
		}
	}
	return n
}

func (s *groupState) dropAccumulators() {
	for _, a := range s.accumulators {
		a.Release()
	}
	s.accumulators = nil
}

// reset forgets everything; the state can be used again.
func (s *groupState) reset() {
	s.dropAccumulators()
	s.table.reset()
}
