package expr

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/ipc"
)

// Wire is an expression as encoding/gob takes it. Functions are in a table beside it, since one may stand in many places.
type Wire struct {
	Node     wireNode
	Name     string // of a column, an alias, a function or an aggregate
	Op       uint8
	Value    wireValue
	Type     []byte // of a cast, or of decimals, as a schema
	Function []int  // in the table; -1 for none
	Args     []Wire
	Else     bool // the last of a Case's Args stands alone
	Window   *wireWindowParts
	Bits     []uint64 // of a set, from Value on
}

type wireNode uint8

const (
	wireNone wireNode = iota // a nil expression
	wireColumn
	wireLiteral
	wireBinary
	wireUnary
	wireCall
	wireCase
	wireAlias
	wireCast
	wireAggregate
	wireApply
	wireFold
	wireWindow
	wireMember
	wireScaled
)

// wireValue is a literal; Kind says which field holds it.
type wireValue struct {
	Kind  uint8
	Bool  bool
	Int   int64
	Uint  uint64
	Float float64
	Text  string
	Time  time.Time
}

const (
	wireNull uint8 = iota
	wireBool
	wireInt
	wireUint
	wireFloat
	wireString
	wireBytes
	wireTime
	wireDuration
)

// Encoder turns expressions into Wires, and gathers their functions.
type Encoder struct {
	Functions []*Function
	index     map[string]int
}

// Function is the number of a function in the table; -1 for nil. A compiled Go function can't leave its process.
func (e *Encoder) Function(f *Function) (int, error) {
	if f == nil {
		return -1, nil
	}
	if f.Source == "" {
		return 0, fmt.Errorf("function %s: it is compiled Go, which can't leave this process", f.Name)
	}
	if e.index == nil {
		e.index = map[string]int{}
	}
	h := f.Hash()
	i, ok := e.index[h]
	if !ok {
		i = len(e.Functions)
		e.index[h] = i
		e.Functions = append(e.Functions, f)
	}
	return i, nil
}

// Expr is an expression for the wire.
func (e *Encoder) Expr(x Expr) (Wire, error) {
	switch x := x.(type) {
	case nil:
		return Wire{}, nil
	case Column:
		return Wire{Node: wireColumn, Name: x.Name}, nil
	case Literal:
		v, err := encodeValue(x.Value)
		return Wire{Node: wireLiteral, Value: v}, err
	case Binary:
		return e.node(Wire{Node: wireBinary, Op: uint8(x.Op)}, x.Left, x.Right)
	case Unary:
		return e.node(Wire{Node: wireUnary, Op: uint8(x.Op)}, x.X)
	case Call:
		return e.node(Wire{Node: wireCall, Name: x.Func}, x.Args...)
	case Case:
		return e.node(Wire{Node: wireCase, Else: x.Else != nil}, x.Children()...)
	case Alias:
		return e.node(Wire{Node: wireAlias, Name: x.Name}, x.X)
	case Cast:
		t, err := encodeType(x.To)
		if err != nil {
			return Wire{}, err
		}
		return e.node(Wire{Node: wireCast, Type: t}, x.X)
	case Aggregate:
		return e.node(Wire{Node: wireAggregate, Name: string(x.Func)}, append([]Expr{x.X}, x.Args...)...)
	case Member:
		return e.node(Wire{Node: wireMember, Value: wireValue{Kind: wireInt, Int: x.Keys.Least}, Bits: x.Keys.Bits}, x.X)
	case Scaled:
		t, err := encodeType(x.To)
		if err != nil {
			return Wire{}, err
		}
		return e.node(Wire{Node: wireScaled, Type: t}, x.X)
	case Apply:
		i, err := e.Function(x.Func)
		if err != nil {
			return Wire{}, err
		}
		return e.node(Wire{Node: wireApply, Function: []int{i}}, x.Args...)
	case Fold:
		w := Wire{Node: wireFold, Name: x.Name}
		for _, f := range []*Function{x.Init, x.Step, x.Merge, x.Finish} {
			i, err := e.Function(f)
			if err != nil {
				return Wire{}, err
			}
			w.Function = append(w.Function, i)
		}
		return e.node(w, x.Args...)
	}
	if w, ok := x.(Window); ok {
		return e.window(w)
	}
	return Wire{}, fmt.Errorf("%T can't be sent", x)
}

func (e *Encoder) node(w Wire, args ...Expr) (Wire, error) {
	for _, a := range args {
		arg, err := e.Expr(a)
		if err != nil {
			return Wire{}, err
		}
		w.Args = append(w.Args, arg)
	}
	return w, nil
}

func encodeValue(v any) (wireValue, error) {
	switch v := v.(type) {
	case nil:
		return wireValue{}, nil
	case bool:
		return wireValue{Kind: wireBool, Bool: v}, nil
	case int64:
		return wireValue{Kind: wireInt, Int: v}, nil
	case int:
		return wireValue{Kind: wireInt, Int: int64(v)}, nil
	case uint64:
		return wireValue{Kind: wireUint, Uint: v}, nil
	case float64:
		return wireValue{Kind: wireFloat, Float: v}, nil
	case string:
		return wireValue{Kind: wireString, Text: v}, nil
	case []byte:
		return wireValue{Kind: wireBytes, Text: string(v)}, nil
	case time.Time:
		return wireValue{Kind: wireTime, Time: v}, nil
	case time.Duration:
		return wireValue{Kind: wireDuration, Int: int64(v)}, nil
	}
	return wireValue{}, fmt.Errorf("a literal of %T can't be sent", v)
}

func (v wireValue) decode() any {
	switch v.Kind {
	case wireBool:
		return v.Bool
	case wireInt:
		return v.Int
	case wireUint:
		return v.Uint
	case wireFloat:
		return v.Float
	case wireString:
		return v.Text
	case wireBytes:
		return []byte(v.Text)
	case wireTime:
		return v.Time
	case wireDuration:
		return time.Duration(v.Int)
	}
	return nil
}

// Decoder turns Wires back into expressions over a table of functions.
type Decoder struct{ Functions []*Function }

var errWire = errors.New("an expression is cut off or damaged")

// Check says whether the functions are of this version.
func (d *Decoder) Check() error {
	for _, f := range d.Functions {
		if f == nil {
			return errWire
		}
		if f.Version != FunctionVersion {
			return fmt.Errorf("function %s: it is of version %d, this process knows version %d", f.Name, f.Version, FunctionVersion)
		}
	}
	return nil
}

// Function is a function of the table; nil for -1.
func (d *Decoder) Function(i int) (*Function, error) {
	switch {
	case i == -1:
		return nil, nil
	case i < 0 || i >= len(d.Functions):
		return nil, errWire
	}
	return d.Functions[i], nil
}

// Expr is an expression from the wire.
func (d *Decoder) Expr(w Wire) (Expr, error) {
	args := make([]Expr, len(w.Args))
	for i, a := range w.Args {
		var err error
		if args[i], err = d.Expr(a); err != nil {
			return nil, err
		}
	}
	functions := make([]*Function, len(w.Function))
	for i, f := range w.Function {
		var err error
		if functions[i], err = d.Function(f); err != nil {
			return nil, err
		}
	}
	want := map[wireNode]int{wireBinary: 2, wireUnary: 1, wireAlias: 1, wireCast: 1, wireMember: 1, wireScaled: 1}
	wantFunctions := map[wireNode]int{wireApply: 1, wireFold: 4}
	if n, ok := want[w.Node]; ok && len(args) != n || len(functions) != wantFunctions[w.Node] {
		return nil, errWire
	}
	switch w.Node {
	case wireNone:
		return nil, nil
	case wireColumn:
		return Column{w.Name}, nil
	case wireLiteral:
		return Literal{w.Value.decode()}, nil
	case wireBinary:
		return Binary{BinaryOp(w.Op), args[0], args[1]}, nil
	case wireUnary:
		return Unary{UnaryOp(w.Op), args[0]}, nil
	case wireCall:
		return Call{w.Name, args}, nil
	case wireCase:
		return decodeCase(args, w.Else)
	case wireAlias:
		return Alias{args[0], w.Name}, nil
	case wireCast:
		t, err := decodeType(w.Type)
		return Cast{args[0], t}, err
	case wireAggregate:
		return decodeAggregate(w, args)
	case wireApply:
		return Apply{functions[0], args}, nil
	case wireMember:
		return Member{args[0], &KeySet{w.Value.Int, w.Bits}}, nil
	case wireScaled:
		t, err := decodeType(w.Type)
		if err != nil {
			return nil, err
		}
		to, ok := t.(*arrow.Decimal128Type)
		if !ok {
			return nil, errWire
		}
		return Scaled{args[0], to}, nil
	case wireWindow:
		return decodeWindow(w, args)
	case wireFold:
		return Fold{Name: w.Name, Init: functions[0], Step: functions[1], Merge: functions[2], Finish: functions[3], Args: args}, nil
	}
	return nil, errWire
}

func decodeAggregate(w Wire, args []Expr) (Expr, error) {
	if len(args) == 0 {
		return nil, errWire
	}
	a := Aggregate{Func: AggFunc(w.Name), X: args[0]}
	if len(args) > 1 {
		a.Args = args[1:]
	}
	return a, nil
}

func decodeCase(args []Expr, otherwise bool) (Expr, error) {
	var c Case
	if otherwise {
		if len(args) == 0 {
			return nil, errWire
		}
		c.Else, args = args[len(args)-1], args[:len(args)-1]
	}
	if len(args)%2 != 0 {
		return nil, errWire
	}
	for ; len(args) > 0; args = args[2:] {
		c.Whens = append(c.Whens, When{args[0], args[1]})
	}
	return c, nil
}

// EncodeSchema is a schema in Arrow's IPC format.
func EncodeSchema(s *arrow.Schema) ([]byte, error) {
	var b bytes.Buffer
	err := ipc.NewWriter(&b, ipc.WithSchema(s)).Close()
	return b.Bytes(), err
}

// DecodeSchema reads what EncodeSchema wrote.
func DecodeSchema(b []byte) (s *arrow.Schema, err error) {
	defer func() {
		if r := recover(); r != nil { // the reader trusts what it is given
			s, err = nil, fmt.Errorf("%w: %v", errWire, r)
		}
	}()
	r, err := ipc.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	defer r.Release()
	return r.Schema(), nil
}

func encodeType(t arrow.DataType) ([]byte, error) {
	if t == nil {
		return nil, errors.New("a cast has no type")
	}
	return EncodeSchema(arrow.NewSchema([]arrow.Field{{Name: "t", Type: t}}, nil))
}

func decodeType(b []byte) (arrow.DataType, error) {
	s, err := DecodeSchema(b)
	if err != nil {
		return nil, err
	}
	if s.NumFields() != 1 {
		return nil, errWire
	}
	return s.Field(0).Type, nil
}
