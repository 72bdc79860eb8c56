package program

import (
	"errors"
	"fmt"
	"sync"
)

// ErrProgram is wrapped by the errors of Load.
var ErrProgram = errors.New("program is not valid")

// maxOperations bounds what Load accepts: programs come from other processes.
const maxOperations = 1 << 16

// Runner is a Program ready to run. It is safe for concurrent use: each goroutine takes a Machine of its own.
type Runner struct {
	program  *Program
	steps    []step
	register []int   // of each value
	nulls    []int   // the register of each parameter's nulls; None where it is not nullable
	classes  []class // of each register
	machines sync.Pool
}

// step runs one instruction over the machine's rows.
type step func(m *Machine)

// Load checks a program and makes it ready to run.
func Load(p *Program) (*Runner, error) {
	if err := check(p); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrProgram, err)
	}
	r := &Runner{program: p, register: make([]int, p.first()+len(p.Code)), nulls: make([]int, len(p.Params))}
	for i, param := range p.Params {
		r.register[i] = r.newRegister(param.Kind.class())
	}
	for i, param := range p.Params {
		r.nulls[i] = None
		if param.Nullable {
			r.nulls[i] = r.newRegister(classBool)
		}
	}
	for i, c := range p.Consts {
		r.register[len(p.Params)+i] = r.newRegister(c.Kind.class())
	}
	r.allocate()
	for i := range p.Code {
		r.steps = append(r.steps, r.step(i))
	}
	r.machines.New = func() any { return newMachine(r) }
	return r, nil
}

func (r *Runner) newRegister(c class) int {
	r.classes = append(r.classes, c)
	return len(r.classes) - 1
}

// allocate gives each instruction's value a register. A register is used again when its value is no longer needed, so
// that what a program works on stays in the cache.
func (r *Runner) allocate() {
	p := r.program
	first := p.first()
	last := make([]int, first+len(p.Code))
	use := func(value, at int) {
		if value >= 0 {
			last[value] = at
		}
	}
	for i, in := range p.Code {
		use(first+i, i)
		for _, a := range in.Args {
			use(a, i)
		}
		use(in.Guard, i)
	}
	use(p.Result, len(p.Code))
	use(p.Null, len(p.Code))
	for i, in := range p.Code { // what a Deref gives is its parameter
		if in.Op == Deref {
			last[in.Args[0]] = len(p.Code)
			last[first+i] = len(p.Code)
		}
	}
	free := map[class][]int{}
	for i, in := range p.Code {
		if in.Op == Deref {
			r.register[first+i] = r.register[in.Args[0]]
			continue
		}
		// The operands of what can fail are read again after the result is written.
		if !in.Op.fails(in.Kind) {
			r.release(free, in, i, last)
		}
		c := in.Kind.class()
		if list := free[c]; len(list) > 0 {
			r.register[first+i] = list[len(list)-1]
			free[c] = list[:len(list)-1]
		} else {
			r.register[first+i] = r.newRegister(c)
		}
		if in.Op.fails(in.Kind) {
			r.release(free, in, i, last)
		}
		if last[first+i] == i { // computed only to fail
			free[c] = append(free[c], r.register[first+i])
		}
	}
}

// release frees the registers of the operands that instruction i is the last to use.
func (r *Runner) release(free map[class][]int, in Instr, i int, last []int) {
	first := r.program.first()
	operands := in.Args
	if in.Guard >= 0 {
		operands = append(append([]int(nil), in.Args...), in.Guard)
	}
	for k, a := range operands {
		if a < first || last[a] != i {
			continue
		}
		seen := false
		for _, b := range operands[:k] {
			seen = seen || b == a
		}
		if !seen {
			c := r.program.KindOf(a).class()
			free[c] = append(free[c], r.register[a])
		}
	}
}

func check(p *Program) error {
	switch {
	case p == nil:
		return errors.New("no program")
	case p.Version != Version:
		return fmt.Errorf("version %d, want %d", p.Version, Version)
	case len(p.Code)+len(p.Consts)+len(p.Params) > maxOperations:
		return fmt.Errorf("%d operations, at most %d", len(p.Code), maxOperations)
	}
	for _, param := range p.Params {
		if !param.Kind.Computed() {
			return fmt.Errorf("parameter %s: %s is not computed with", param.Name, param.Kind)
		}
	}
	for _, c := range p.Consts {
		if !c.Kind.Computed() {
			return fmt.Errorf("a constant of %s", c.Kind)
		}
	}
	for i, in := range p.Code {
		if err := checkInstr(p, i, in); err != nil {
			return fmt.Errorf("operation %d (%s): %w", i, in.Op, err)
		}
	}
	count := p.first() + len(p.Code)
	if p.Result < 0 || p.Result >= count || nullable(p, p.Result) {
		return fmt.Errorf("the result is value %d of %d", p.Result, count)
	}
	if p.Null != None && (p.Null < 0 || p.Null >= count || p.KindOf(p.Null) != Bool || nullable(p, p.Null)) {
		return fmt.Errorf("value %d of %d does not say what is null", p.Null, count)
	}
	return nil
}

func nullable(p *Program, value int) bool { return value < len(p.Params) && p.Params[value].Nullable }

func checkInstr(p *Program, i int, in Instr) error {
	at := p.first() + i
	if !in.Kind.Computed() {
		return fmt.Errorf("%s is not computed with", in.Kind)
	}
	kinds := make([]Kind, len(in.Args))
	for k, a := range in.Args {
		if a < 0 || a >= at {
			return fmt.Errorf("operand %d is not known yet", a)
		}
		if pointer := in.Op == Null || in.Op == Deref; nullable(p, a) != pointer {
			return fmt.Errorf("operand %d: a pointer where there should be none, or the reverse", a)
		}
		kinds[k] = p.KindOf(a)
	}
	if in.Guard != None && (in.Guard < 0 || in.Guard >= at || p.KindOf(in.Guard) != Bool || nullable(p, in.Guard)) {
		return fmt.Errorf("guard %d is not a bool known before", in.Guard)
	}
	want, kind, ok := in.signature(kinds)
	if !ok || kind != in.Kind || len(want) != len(kinds) {
		return fmt.Errorf("it does not take %v and give %s", kinds, in.Kind)
	}
	for k := range want {
		if kinds[k] != want[k] {
			return fmt.Errorf("operand %d is %s, want %s", k, kinds[k], want[k])
		}
	}
	return nil
}

// signature is the kinds that an instruction takes and gives, where its operands are of kinds have.
func (in Instr) signature(have []Kind) (want []Kind, gives Kind, ok bool) {
	k := in.Kind
	number := k.Integer() || k.Float()
	of := func(i int) Kind {
		if i < len(have) {
			return have[i]
		}
		return Invalid
	}
	switch in.Op {
	case Add:
		return []Kind{k, k}, k, number || k == String
	case Sub, Mul, Div:
		return []Kind{k, k}, k, number
	case Rem, AndNot:
		return []Kind{k, k}, k, k.Integer()
	case BitAnd, BitOr, BitXor:
		return []Kind{k, k}, k, k.Integer() || k == Bool
	case Shl, Shr:
		return []Kind{k, of(1)}, k, k.Integer() && of(1).Integer()
	case Neg:
		return []Kind{k}, k, number
	case Not:
		return []Kind{k}, k, k.Integer() || k == Bool
	case Eq, Ne:
		return []Kind{of(0), of(0)}, Bool, of(0).Computed()
	case Lt, Le:
		return []Kind{of(0), of(0)}, Bool, of(0).Computed() && of(0) != Bool
	case Min, Max:
		return []Kind{k, k}, k, number || k == String
	case Select:
		return []Kind{Bool, k, k}, k, true
	case Convert:
		from := of(0)
		return []Kind{from}, k, number && (from.Integer() || from.Float())
	case Len:
		return []Kind{String}, Int, true
	case Index:
		return []Kind{String, Int}, Uint8, true
	case Slice:
		return []Kind{String, Int, Int}, String, true
	case Null:
		return []Kind{of(0)}, Bool, true
	case Deref:
		return []Kind{k}, k, true
	case Fail:
		return nil, Bool, true
	case Call:
		f, known := functions[in.Func]
		return f.params, f.result, known
	}
	return nil, Invalid, false
}
