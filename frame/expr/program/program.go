package program

import "slices"

// Version is that of the operations' meaning. A Program of another version is not loaded.
const Version = 1

// None is where a Program refers to no value.
const None = -1

// Program is a function of one row, as plain data. Its values are numbered: first the parameters, then the constants,
// then what each instruction computes.
type Program struct {
	Version int
	Params  []Param
	Consts  []Const
	Code    []Instr
	Result  int
	// Null is the value that says whether the result is null; None where it never is.
	Null int
}

// Param is a parameter. A Nullable one is a pointer: only Null and Deref look at it.
type Param struct {
	Name     string
	Kind     Kind
	Nullable bool
}

// Const is a constant, or the place of a captured value that is put in when the plan is made.
type Const struct {
	Kind Kind
	Bits uint64 // of a bool, an integer (extended to 64 bits) or a float64
	Text string
	// Capture names the captured variable, and behind it, after points, fields of it; "" for a constant. Known says that
	// its value was put in.
	Capture string
	Known   bool
}

// Instr is an operation on values before it.
type Instr struct {
	Op   Op
	Kind Kind // of its value
	Args []int
	// Guard is the value that says for which rows a failure counts, and a Call is needed; None for all.
	Guard int
	Func  string // of Call: the function's name, such as math.Sqrt
	Note  string // of Fail: what happened
}

// Op is an operation.
type Op uint8

// The operations. Args are of the kind of the value unless it is said otherwise.
const (
	Add     Op = iota + 1
	Sub        // numbers
	Mul        // numbers
	Div        // numbers; integers fail where the divisor is zero
	Rem        // integers; fails where the divisor is zero
	BitAnd     // integers; of bools: and
	BitOr      // integers; of bools: or
	BitXor     // integers; of bools: not equal
	AndNot     // integers
	Shl        // integers; the count is any integer and fails where it is negative
	Shr        // as Shl
	Neg        // numbers
	Not        // integers: all bits; bools
	Eq         // a Bool of two of one kind
	Ne         // as Eq
	Lt         // as Eq, not of bools
	Le         // as Lt
	Min        // the builtin of two numbers or strings
	Max        // as Min
	Select     // a Bool, then the values where it is true and where it is false
	Convert    // from any number to a number
	Len        // an Int: the bytes of a String
	Index      // a Uint8: byte of a String at an Int; fails out of range
	Slice      // of a String, from an Int to an Int; fails out of range
	Null       // a Bool: whether a Nullable parameter is null
	Deref      // of a Nullable parameter; fails where it is null
	Call       // a function of the table, by name
	Fail       // a Bool, always false; fails in every row of its guard
)

var opNames = [...]string{
	Add: "+", Sub: "-", Mul: "*", Div: "/", Rem: "%", BitAnd: "&", BitOr: "|", BitXor: "^", AndNot: "&^", Shl: "<<", Shr: ">>",
	Neg: "neg", Not: "not", Eq: "==", Ne: "!=", Lt: "<", Le: "<=", Min: "min", Max: "max", Select: "when", Convert: "convert",
	Len: "len", Index: "index", Slice: "slice", Null: "is_nil", Deref: "deref", Call: "call", Fail: "fail",
}

// String is the operator, or a name.
func (op Op) String() string {
	if int(op) < len(opNames) && opNames[op] != "" {
		return opNames[op]
	}
	return "unknown"
}

// fails says whether the operation can fail for kind k of its value.
func (op Op) fails(k Kind) bool {
	switch op {
	case Div, Rem:
		return k.Integer()
	case Shl, Shr, Index, Slice, Deref, Fail:
		return true
	}
	return false
}

// first is the number of the first instruction's value.
func (p *Program) first() int { return len(p.Params) + len(p.Consts) }

// KindOf is the kind of a value; Invalid where there is no such value.
func (p *Program) KindOf(value int) Kind {
	switch first := p.first(); {
	case value < 0 || value >= first+len(p.Code):
		return Invalid
	case value < len(p.Params):
		return p.Params[value].Kind
	case value < first:
		return p.Consts[value-len(p.Params)].Kind
	default:
		return p.Code[value-first].Kind
	}
}

// Operations is how many operations the program has.
func (p *Program) Operations() int { return len(p.Code) }

// CanFail says whether some row may fail.
func (p *Program) CanFail() bool {
	return slices.ContainsFunc(p.Code, func(i Instr) bool { return i.Op.fails(i.Kind) })
}

// Captures are the names of the captured values that have yet to be put in, each once.
func (p *Program) Captures() []string {
	var names []string
	for _, c := range p.Consts {
		if c.Capture != "" && !c.Known && !slices.Contains(names, c.Capture) {
			names = append(names, c.Capture)
		}
	}
	return names
}

// WithCaptures is the program with captured values put in. value gives them as constants, of which Kind is ignored.
func (p *Program) WithCaptures(value func(name string) (Const, error)) (*Program, error) {
	out := *p
	out.Consts = slices.Clone(p.Consts)
	for i, c := range out.Consts {
		if c.Capture == "" {
			continue
		}
		v, err := value(c.Capture)
		if err != nil {
			return nil, err
		}
		out.Consts[i].Bits, out.Consts[i].Text, out.Consts[i].Known = v.Bits, v.Text, true
	}
	return &out, nil
}
