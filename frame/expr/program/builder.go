package program

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// ErrTooLarge says that a program has more operations than are worth to run for each row.
var ErrTooLarge = errors.New("it has too many operations")

// mostOperations is far beyond what a person writes; branches that are followed twice can get there.
const mostOperations = 4096

// Builder makes a Program. The same operation on the same values is made once, so that values may be used many times.
type Builder struct {
	program Program
	code    []Instr
	consts  map[Const]int
	known   map[string]int
	// Values are numbered as they are made; Program numbers them anew.
	values []builderValue
	err    error
}

type builderValue struct {
	kind  Kind
	param int // None, or which
	konst int
	code  int
}

// NewBuilder begins a program of the parameters, whose values are 0, 1, …
func NewBuilder(params []Param) *Builder {
	b := &Builder{consts: map[Const]int{}, known: map[string]int{}}
	b.program.Version = Version
	b.program.Params = slices.Clone(params)
	for i, p := range params {
		b.values = append(b.values, builderValue{p.Kind, i, None, None})
	}
	return b
}

// KindOf is the kind of a value.
func (b *Builder) KindOf(value int) Kind { return b.values[value].kind }

// Err is the first mistake, such as ErrTooLarge.
func (b *Builder) Err() error { return b.err }

// Const is the value of a constant.
func (b *Builder) Const(c Const) int {
	if c.Kind.Float() {
		if f := math.Float64frombits(c.Bits); f != f {
			c.Bits = math.Float64bits(math.NaN())
		}
	}
	if v, ok := b.consts[c]; ok {
		return v
	}
	b.program.Consts = append(b.program.Consts, c)
	b.values = append(b.values, builderValue{c.Kind, None, len(b.program.Consts) - 1, None})
	b.consts[c] = len(b.values) - 1
	return len(b.values) - 1
}

// Bool is the value of a constant.
func (b *Builder) Bool(v bool) int { return b.Const(Const{Kind: Bool, Bits: uint64(byteOf(v))}) }

// Op is the value of an operation of kind k. Where it can fail, guard says in which rows that counts (None: in all).
func (b *Builder) Op(op Op, k Kind, guard int, args ...int) int {
	return b.instr(Instr{Op: op, Kind: k, Args: args, Guard: guard})
}

// Call is the value of a function of the table. Only in the rows of guard (None: in all) does the value matter.
func (b *Builder) Call(name string, guard int, args ...int) int {
	return b.instr(Instr{Op: Call, Kind: functions[name].result, Args: args, Guard: guard, Func: name})
}

// Fail makes the rows of guard fail, for the reason that note gives.
func (b *Builder) Fail(guard int, note string) {
	b.instr(Instr{Op: Fail, Kind: Bool, Guard: guard, Note: note})
}

// Convert is the value converted to a kind: the value itself where it has it.
func (b *Builder) Convert(value int, to Kind) int {
	if b.KindOf(value) == to {
		return value
	}
	return b.Op(Convert, to, None, value)
}

// And is the value that says where both hold; None is true everywhere.
func (b *Builder) And(x, y int) int {
	switch {
	case x == None || x == y:
		return y
	case y == None:
		return x
	}
	return b.Op(BitAnd, Bool, None, x, y)
}

// Not is where x does not hold.
func (b *Builder) Not(x int) int { return b.Op(Not, Bool, None, x) }

// Select is yes where cond holds, else no.
func (b *Builder) Select(cond, yes, no int) int {
	return b.Op(Select, b.KindOf(yes), None, cond, yes, no)
}

func (b *Builder) instr(in Instr) int {
	if !in.Op.fails(in.Kind) && in.Op != Call {
		in.Guard = None
	}
	if v, ok := b.folded(in); ok {
		return v
	}
	key := fmt.Sprint(in.Op, in.Kind, in.Args, in.Guard, in.Func, in.Note)
	if v, ok := b.known[key]; ok {
		return v
	}
	if len(b.code) >= mostOperations {
		b.err = ErrTooLarge
		return 0
	}
	in.Args = slices.Clone(in.Args)
	b.code = append(b.code, in)
	b.values = append(b.values, builderValue{in.Kind, None, None, len(b.code) - 1})
	b.known[key] = len(b.values) - 1
	return len(b.values) - 1
}

// constBool is the value of a constant bool.
func (b *Builder) constBool(value int) (v, ok bool) {
	k := b.values[value].konst
	if k == None || b.program.Consts[k].Capture != "" || b.program.Consts[k].Kind != Bool {
		return false, false
	}
	return b.program.Consts[k].Bits != 0, true
}

// folded simplifies what conditions are made of.
func (b *Builder) folded(in Instr) (int, bool) {
	switch {
	case in.Op == Select && in.Args[1] == in.Args[2]:
		return in.Args[1], true
	case in.Op == Select:
		if c, ok := b.constBool(in.Args[0]); ok {
			if c {
				return in.Args[1], true
			}
			return in.Args[2], true
		}
		if in.Kind == Bool {
			return b.chosenBool(in.Args[0], in.Args[1], in.Args[2])
		}
	case in.Kind != Bool:
	case in.Op == Not:
		if c, ok := b.constBool(in.Args[0]); ok {
			return b.Bool(!c), true
		}
		if k := b.values[in.Args[0]].code; k != None && b.code[k].Op == Not {
			return b.code[k].Args[0], true
		}
	case in.Op == BitAnd || in.Op == BitOr:
		for i, a := range in.Args {
			if c, ok := b.constBool(a); ok {
				if c == (in.Op == BitOr) {
					return a, true
				}
				return in.Args[1-i], true
			}
		}
	}
	return 0, false
}

// chosenBool is a choice between bools of which one is constant.
func (b *Builder) chosenBool(cond, yes, no int) (int, bool) {
	y, yesConst := b.constBool(yes)
	n, noConst := b.constBool(no)
	switch {
	case yesConst && noConst && y: // they differ
		return cond, true
	case yesConst && noConst:
		return b.Not(cond), true
	case yesConst && y:
		return b.Op(BitOr, Bool, None, cond, no), true
	case noConst && !n:
		return b.And(cond, yes), true
	}
	return 0, false
}

// Program is the program that gives result, or null where the value null holds (None: never). What nothing uses is left
// out.
func (b *Builder) Program(result, null int) (*Program, error) {
	if b.err != nil {
		return nil, b.err
	}
	used := make([]bool, len(b.values))
	var mark func(v int)
	mark = func(v int) {
		if v == None || used[v] {
			return
		}
		used[v] = true
		if k := b.values[v].code; k != None {
			for _, a := range b.code[k].Args {
				mark(a)
			}
			mark(b.code[k].Guard)
		}
	}
	mark(result)
	mark(null)
	for v, value := range b.values {
		if value.code != None && b.code[value.code].Op.fails(b.code[value.code].Kind) {
			if c, ok := b.guardConst(b.code[value.code].Guard); !ok || c {
				mark(v)
			}
		}
	}
	p := b.program
	p.Consts, p.Code = nil, nil
	number := make([]int, len(b.values)+1)
	number[len(b.values)] = None
	for v, value := range b.values {
		switch {
		case value.param != None:
			number[v] = value.param
		case value.konst != None && used[v]:
			number[v] = len(p.Params) + len(p.Consts)
			p.Consts = append(p.Consts, b.program.Consts[value.konst])
		}
	}
	renumber := func(v int) int {
		if v == None {
			return None
		}
		return number[v]
	}
	for v, value := range b.values {
		if value.code == None || !used[v] {
			continue
		}
		in := b.code[value.code]
		args := make([]int, len(in.Args))
		for i, a := range in.Args {
			args[i] = renumber(a)
		}
		in.Args, in.Guard = args, renumber(in.Guard)
		number[v] = p.first() + len(p.Code)
		p.Code = append(p.Code, in)
	}
	p.Result, p.Null = renumber(result), renumber(null)
	return &p, check(&p)
}

// guardConst is the value of a guard that is constant.
func (b *Builder) guardConst(guard int) (v, ok bool) {
	if guard == None {
		return true, true
	}
	return b.constBool(guard)
}
