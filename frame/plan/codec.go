package plan

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr"
)

// fragmentVersion is that of the encoded form of fragments.
const fragmentVersion = 1

// wireFragment is a Fragment as encoding/gob takes it.
type wireFragment struct {
	Version   int
	Columns   []string
	AllOf     bool // Columns is nil: all
	Limit     int64
	Schema    []byte
	Functions []*expr.Function
	Steps     []wireStep
	End       *wireStep
	Sides     [2][]byte // schemas of the operands of a Join that is End
}

// wireStep is a node without its inputs.
type wireStep struct {
	Node         wireKind
	Schema       []byte
	Exprs        []expr.Wire // the predicate, the columns, or the keys
	Descending   []bool      // of sort keys
	Aggs         []wireAgg
	Names, Right []string // columns of a Distinct; keys of a Join; keys and functions of a Window
	Suffix       string
	Join         JoinKind
	AsOf         *AsOf
	N            int64
	Groups       int // of Exprs, before the sort keys of a GroupTopK
	Function     int
}

type wireAgg struct {
	Func expr.AggFunc
	X    expr.Wire
	Name string
	Args []expr.Wire
}

type wireKind uint8

const (
	wireFilter wireKind = iota + 1
	wireProject
	wireMapBatches
	wireJoin
	wireAggregate
	wireSort
	wireTopK
	wireLimit
	wireTail
	wireDistinct
	wirePreview
	wireGroupTopK
	wireWindow
)

// EncodeFragment is a fragment as bytes, for another process of the same version. Functions go as source; one that is
// compiled Go is an error that names it. Tables of joins are not in a fragment.
func EncodeFragment(f Fragment) ([]byte, error) {
	var e expr.Encoder
	w := wireFragment{Version: fragmentVersion, Columns: f.Columns, AllOf: f.Columns == nil, Limit: f.Limit}
	var err error
	if w.Schema, err = expr.EncodeSchema(f.Schema); err != nil {
		return nil, err
	}
	for _, n := range f.Steps {
		s, err := encodeStep(&e, n)
		if err != nil {
			return nil, err
		}
		w.Steps = append(w.Steps, s)
	}
	if f.End != nil {
		s, err := encodeStep(&e, f.End)
		if err != nil {
			return nil, err
		}
		w.End = &s
		if w.Sides, err = encodeSides(f.End); err != nil {
			return nil, err
		}
	}
	w.Functions = e.Functions
	var b bytes.Buffer
	err = gob.NewEncoder(&b).Encode(&w)
	return b.Bytes(), err
}

// encodeSides is the schemas of the operands of a join.
func encodeSides(n Node) (sides [2][]byte, err error) {
	join, ok := n.(*Join)
	if !ok {
		return sides, nil
	}
	for i, side := range join.Inputs() {
		if sides[i], err = expr.EncodeSchema(side.Schema()); err != nil {
			return sides, err
		}
	}
	return sides, nil
}

func encodeStep(e *expr.Encoder, n Node) (wireStep, error) {
	var s wireStep
	var exprs []expr.Expr
	var err error
	switch n := n.(type) {
	case *Filter:
		s.Node, exprs = wireFilter, []expr.Expr{n.Predicate}
	case *Project:
		s.Node, exprs = wireProject, n.Exprs
		s.Schema, err = expr.EncodeSchema(n.schema)
	case *MapBatches:
		s.Node = wireMapBatches
		if s.Function, err = e.Function(n.Func); err == nil {
			s.Schema, err = expr.EncodeSchema(n.schema)
		}
	case *Join:
		if n.Where != nil {
			exprs = []expr.Expr{n.Where}
		}
		s.Node, s.Names, s.Right, s.Suffix, s.Join, s.AsOf = wireJoin, n.LeftKeys, n.RightKeys, n.Suffix, n.Kind, n.AsOf
		s.Schema, err = expr.EncodeSchema(n.schema)
	case *Aggregate:
		s.Node, exprs = wireAggregate, n.Keys
		for _, a := range n.Aggs {
			w, err := encodeAgg(e, a)
			if err != nil {
				return s, err
			}
			s.Aggs = append(s.Aggs, w)
		}
		s.Schema, err = expr.EncodeSchema(n.schema)
	case *Sort:
		s.Node, exprs, s.Descending = wireSort, keyExprs(n.Keys), directions(n.Keys)
	case *TopK:
		s.Node, exprs, s.Descending, s.N = wireTopK, keyExprs(n.Keys), directions(n.Keys), n.N
	case *GroupTopK:
		s.Node, s.Groups, s.Descending, s.N = wireGroupTopK, len(n.Groups), directions(n.Keys), n.N
		exprs = append(slices.Clone(n.Groups), keyExprs(n.Keys)...)
	case *Limit:
		s.Node, s.N = wireLimit, n.N
	case *Tail:
		s.Node, s.N = wireTail, n.N
	case *Distinct:
		s.Node, s.Names = wireDistinct, n.Columns
	case *Window:
		s.Node, s.Names, exprs, s.Descending = wireWindow, n.By, keyExprs(n.Order), directions(n.Order)
		for _, f := range n.Funcs {
			exprs, s.Right = append(exprs, f.Expr), append(s.Right, f.Name)
		}
		s.Schema, err = expr.EncodeSchema(n.schema)
	case *Preview:
		s.Node, exprs, s.Descending, s.N = wirePreview, keyExprs(n.Keys), directions(n.Keys), n.N
	default:
		err = fmt.Errorf("%s: not a part of a fragment", n)
	}
	if err != nil {
		return s, err
	}
	s.Exprs, err = encodeExprs(e, exprs)
	return s, err
}

func encodeExprs(e *expr.Encoder, list []expr.Expr) (out []expr.Wire, err error) {
	for _, x := range list {
		w, err := e.Expr(x)
		if err != nil {
			return nil, err
		}
		out = append(out, w)
	}
	return out, nil
}

func encodeAgg(e *expr.Encoder, a Agg) (w wireAgg, err error) {
	w.Func, w.Name = a.Func, a.Name
	if w.X, err = e.Expr(a.X); err != nil {
		return w, err
	}
	w.Args, err = encodeExprs(e, a.Args)
	return w, err
}

func decodeAgg(d *expr.Decoder, w wireAgg) (a Agg, err error) {
	a.Func, a.Name = w.Func, w.Name
	if a.X, err = d.Expr(w.X); err != nil {
		return a, err
	}
	for _, arg := range w.Args {
		x, err := d.Expr(arg)
		if err != nil {
			return a, err
		}
		a.Args = append(a.Args, x)
	}
	return a, nil
}

func directions(keys []SortKey) []bool {
	out := make([]bool, len(keys))
	for i, k := range keys {
		out[i] = k.Descending
	}
	return out
}

var errFragment = errors.New("a fragment is cut off or damaged")

// DecodeFragment reads what EncodeFragment wrote. Its nodes have no inputs, but for a Join at its end, whose inputs are schemas.
func DecodeFragment(src []byte) (Fragment, error) {
	var w wireFragment
	if err := gob.NewDecoder(bytes.NewReader(src)).Decode(&w); err != nil {
		return Fragment{}, fmt.Errorf("%w: %w", errFragment, err)
	}
	if w.Version != fragmentVersion {
		return Fragment{}, fmt.Errorf("a fragment of version %d, this process knows version %d", w.Version, fragmentVersion)
	}
	d := expr.Decoder{Functions: w.Functions}
	if err := d.Check(); err != nil {
		return Fragment{}, err
	}
	f := Fragment{Columns: w.Columns, Limit: w.Limit}
	if !w.AllOf && f.Columns == nil {
		f.Columns = []string{}
	}
	var err error
	if f.Schema, err = expr.DecodeSchema(w.Schema); err != nil {
		return Fragment{}, err
	}
	for _, s := range w.Steps {
		n, err := decodeStep(&d, s)
		if err != nil {
			return Fragment{}, err
		}
		f.Steps = append(f.Steps, n)
	}
	if w.End != nil {
		if f.End, err = decodeStep(&d, *w.End); err == nil {
			err = decodeSides(f.End, w.Sides)
		}
		if err != nil {
			return Fragment{}, err
		}
	}
	return f, nil
}

// columnsOnly stands for an input of which the columns are known.
type columnsOnly struct{ schema *arrow.Schema }

func (c *columnsOnly) Schema() *arrow.Schema { return c.schema }
func (c *columnsOnly) Inputs() []Node        { return nil }
func (c *columnsOnly) String() string        { return "rows" }

// decodeSides gives a join its operands.
func decodeSides(n Node, sides [2][]byte) error {
	join, ok := n.(*Join)
	if !ok {
		return nil
	}
	var schemas [2]*arrow.Schema
	for i, side := range sides {
		var err error
		if schemas[i], err = expr.DecodeSchema(side); err != nil {
			return fmt.Errorf("%w: %w", errFragment, err)
		}
	}
	join.Left, join.Right = &columnsOnly{schemas[0]}, &columnsOnly{schemas[1]}
	return nil
}

func decodeStep(d *expr.Decoder, s wireStep) (Node, error) {
	exprs := make([]expr.Expr, len(s.Exprs))
	for i, w := range s.Exprs {
		x, err := d.Expr(w)
		if err != nil {
			return nil, err
		}
		if x == nil {
			return nil, errFragment
		}
		exprs[i] = x
	}
	if s.Groups < 0 || s.Groups > len(exprs) {
		return nil, errFragment
	}
	groups, ordered := exprs[:s.Groups], exprs[s.Groups:]
	keys := make([]SortKey, len(ordered))
	switch s.Node {
	case wireSort, wireTopK, wirePreview, wireGroupTopK:
		if len(s.Descending) != len(ordered) {
			return nil, errFragment
		}
		for i, x := range ordered {
			keys[i] = SortKey{x, s.Descending[i]}
		}
	}
	switch s.Node {
	case wireFilter:
		if len(exprs) != 1 {
			return nil, errFragment
		}
		return &Filter{Predicate: exprs[0]}, nil
	case wireSort:
		return &Sort{Keys: keys}, nil
	case wireTopK:
		return &TopK{Keys: keys, N: s.N}, nil
	case wirePreview:
		return &Preview{Keys: keys, N: s.N}, nil
	case wireGroupTopK:
		return &GroupTopK{Groups: groups, Keys: keys, N: s.N}, nil
	case wireLimit:
		return &Limit{N: s.N}, nil
	case wireTail:
		return &Tail{N: s.N}, nil
	case wireDistinct:
		return &Distinct{Columns: s.Names}, nil
	}
	return decodeWithSchema(d, s, exprs)
}

// decodeWithSchema reads the nodes that have a schema of their own.
func decodeWithSchema(d *expr.Decoder, s wireStep, exprs []expr.Expr) (Node, error) {
	schema, err := expr.DecodeSchema(s.Schema)
	if err != nil {
		return nil, err
	}
	switch s.Node {
	case wireProject:
		if schema.NumFields() != len(exprs) {
			return nil, errFragment
		}
		return &Project{Exprs: exprs, schema: schema}, nil
	case wireMapBatches:
		f, err := d.Function(s.Function)
		if err == nil && f == nil {
			err = errFragment
		}
		return &MapBatches{Func: f, schema: schema}, err
	case wireJoin:
		if len(s.Names) != len(s.Right) || s.Join > Anti || s.AsOf != nil && s.AsOf.Direction > Nearest {
			return nil, errFragment
		}
		j := &Join{LeftKeys: s.Names, RightKeys: s.Right, Suffix: s.Suffix, Kind: s.Join, AsOf: s.AsOf, schema: schema}
		if len(exprs) > 0 {
			j.Where = exprs[0]
		}
		return j, nil
	case wireWindow:
		return decodeWindow(s, exprs, schema)
	case wireAggregate:
		if schema.NumFields() != len(exprs)+len(s.Aggs) {
			return nil, errFragment
		}
		n := &Aggregate{Keys: exprs, schema: schema}
		for _, a := range s.Aggs {
			agg, err := decodeAgg(d, a)
			if err != nil {
				return nil, err
			}
			n.Aggs = append(n.Aggs, agg)
		}
		return n, nil
	}
	return nil, errFragment
}

// decodeWindow: the keys of the order come first, then the functions, whose columns are the schema's last.
func decodeWindow(s wireStep, exprs []expr.Expr, schema *arrow.Schema) (Node, error) {
	keys, at := len(s.Descending), schema.NumFields()-len(s.Right)
	if len(exprs) != keys+len(s.Right) || at < 0 {
		return nil, errFragment
	}
	n := &Window{By: s.Names, schema: schema}
	for i, descending := range s.Descending {
		n.Order = append(n.Order, SortKey{exprs[i], descending})
	}
	for i, name := range s.Right {
		w, ok := exprs[keys+i].(expr.Window)
		if !ok || w.Frame == nil {
			return nil, errFragment
		}
		n.Funcs = append(n.Funcs, WindowFunc{Name: name, Type: schema.Field(at + i).Type, Expr: w})
	}
	return n, nil
}
