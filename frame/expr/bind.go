package expr

import (
	"context"
	"fmt"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/memory"

	"github.com/rivulet-go/rivulet/frame/batch"
)

// Bound is an expression with types, ready to be evaluated over batches of the schema it was bound to. It is immutable:
// lanes may share it.
type Bound struct {
	root node
	expr Expr
}

// node is a bound operator. eval gives one value for each row of the block; the caller releases it.
type node interface {
	typ() arrow.DataType
	eval(*block) (arrow.Array, error)
}

// block is the batch, or the slice of it, that is evaluated.
type block struct {
	ctx   context.Context // of the evaluation: calls of functions look at it between rows
	mem   memory.Allocator
	rec   arrow.Record
	rows  int
	first int // the batch's row at which the block begins, for errors
}

// Bind checks e against the schema and gives it types. Errors name the expression, the column or the types, and the
// way out.
func Bind(e Expr, s *arrow.Schema) (*Bound, error) {
	b := binder{schema: s}
	n, err := b.bind(e)
	if err != nil {
		return nil, err
	}
	if n.typ().ID() == arrow.NULL {
		// Column types are canonical, and a column of nothing but nil is most easily filled as text.
		n = &constant{dt: arrow.BinaryTypes.String}
	}
	return &Bound{root: n, expr: e}, nil
}

// Type is the type of the column that Eval gives.
func (b *Bound) Type() arrow.DataType { return b.root.typ() }

// Expr is what was bound.
func (b *Bound) Expr() Expr { return b.expr }

// Column is the index of the column that the expression is, unchanged; false where it computes something.
func (b *Bound) Column() (int, bool) {
	c, ok := b.root.(*columnNode)
	if !ok {
		return 0, false
	}
	return c.index, true
}

// Eval gives one value for each row of rec, whose columns must be those of the schema bound to. The caller releases the
// array. A column as it is is retained, not copied, but where it is coded. Errors are those of the values: overflow, casts.
func (b *Bound) Eval(ctx context.Context, mem memory.Allocator, rec arrow.Record) (arrow.Array, error) {
	return b.root.eval(&block{ctx: ctx, mem: mem, rec: rec, rows: int(rec.NumRows())})
}

type binder struct {
	schema *arrow.Schema
	words  bool // it binds what a codedNode is made of
}

func (b *binder) bind(e Expr) (node, error) {
	if n, err := b.coded(e); n != nil || err != nil {
		return n, err
	}
	switch e := e.(type) {
	case nil:
		return nil, errorOf(ErrType, "the expression is missing (nil)")
	case Column:
		return b.column(e)
	case Literal:
		return literalConstant(e)
	case Binary:
		return b.binary(e)
	case Unary:
		return b.unary(e)
	case Call:
		return b.call(e)
	case Case:
		return b.choice(e)
	case Alias:
		return b.bind(e.X)
	case Cast:
		x, err := b.bind(e.X)
		if err != nil {
			return nil, err
		}
		return newCast(x, e.To, e)
	case Member:
		return b.member(e)
	case Scaled:
		return b.scaled(e)
	case Apply:
		return b.apply(e)
	case Fold:
		return nil, errorOf(ErrType, "%s: an aggregate is allowed only in Agg", e)
	case Aggregate:
		return nil, errorOf(ErrType, "%s: an aggregate is allowed only in Agg, or over a window: x.Over(…)", e)
	case Window:
		return nil, errorOf(ErrType, "%s: a window function is allowed only in WithColumn, Select and Filter; make it a column first", e)
	default:
		return nil, fmt.Errorf("%T: no such expression", e)
	}
}

func (b *binder) column(c Column) (node, error) {
	at := b.schema.FieldIndices(c.Name)
	if len(at) == 0 {
		return nil, UnknownColumn(c.Name, fieldNames(b.schema))
	}
	return &columnNode{name: c.Name, index: at[0], dt: b.schema.Field(at[0]).Type}, nil
}

// columnNode is a column of the batch.
type columnNode struct {
	name  string
	index int
	dt    arrow.DataType
}

func (c *columnNode) typ() arrow.DataType { return c.dt }

func (c *columnNode) eval(b *block) (arrow.Array, error) {
	if c.index >= int(b.rec.NumCols()) {
		return nil, fmt.Errorf("column %q: the batch has %d columns, not the schema bound to", c.name, b.rec.NumCols())
	}
	a := b.rec.Column(c.index)
	if batch.IsCoded(a) {
		return batch.PlainArray(b.mem, a)
	}
	if a.DataType().ID() != c.dt.ID() {
		return nil, fmt.Errorf("column %q: the batch has %s, the schema bound to %s", c.name, a.DataType(), c.dt)
	}
	a.Retain()
	return a, nil
}

// folded evaluates a node whose operands are all constants, once, at Bind. Where that is an error it stays as it is: it
// may stand where it is never evaluated.
func folded(n node, operands ...node) node {
	for _, o := range operands {
		if _, ok := o.(*constant); !ok {
			return n
		}
	}
	a, err := n.eval(&block{ctx: context.Background(), mem: memory.DefaultAllocator, rows: 1})
	if err != nil {
		return n
	}
	defer a.Release()
	return constantOf(a)
}
