package program

import (
	"unsafe"
)

// Chunk is how many rows a machine takes at once: few enough for its vectors to stay in the cache.
const Chunk = 512

// Vector is the values of up to Chunk rows; which slice holds them depends on the kind.
type Vector struct {
	Bools  []uint8   // 0 or 1
	Ints   []int64   // of unsigned kinds: their bits
	Floats []float64 // also of a float32
	Texts  []string
}

func newVector(c class) Vector {
	switch c {
	case classBool:
		return Vector{Bools: make([]uint8, Chunk)}
	case classInt, classUint:
		return Vector{Ints: make([]int64, Chunk)}
	case classFloat:
		return Vector{Floats: make([]float64, Chunk)}
	case classText:
		return Vector{Texts: make([]string, Chunk)}
	}
	return Vector{}
}

// Failure is the first row that failed, and why.
type Failure struct {
	Row    int
	Reason string
}

// Machine runs a program over chunks of rows. It belongs to one goroutine. Set the parameters, then call Run.
type Machine struct {
	runner *Runner
	v      []Vector
	own    []Vector // of parameters: what Bools, Texts and Nulls give to be filled
	rows   int
	live   []uint8
	failed int // the first row that failed; Chunk where none has
	at     int // the instruction that failed there
}

func newMachine(r *Runner) *Machine {
	p := r.program
	m := &Machine{runner: r, v: make([]Vector, len(r.classes)), own: make([]Vector, len(r.classes))}
	for i, c := range r.classes {
		m.v[i] = newVector(c)
	}
	copy(m.own, m.v)
	for i, c := range p.Consts {
		fill(&m.v[r.register[len(p.Params)+i]], c)
	}
	return m
}

func fill(v *Vector, c Const) {
	for i := range v.Bools {
		v.Bools[i] = uint8(c.Bits & 1)
	}
	for i := range v.Ints {
		v.Ints[i] = int64(c.Bits)
	}
	for i := range v.Floats {
		v.Floats[i] = *(*float64)(unsafe.Pointer(&c.Bits))
	}
	for i := range v.Texts {
		v.Texts[i] = c.Text
	}
}

// Machine gives a machine; Release it after use.
func (r *Runner) Machine() *Machine { return r.machines.Get().(*Machine) }

// Program is what the runner runs.
func (r *Runner) Program() *Program { return r.program }

// Release gives the machine back. It keeps no reference to what was set.
func (m *Machine) Release() {
	for i := range m.runner.program.Params {
		m.v[i] = m.own[i]
	}
	for i := range m.v {
		clear(m.v[i].Texts)
	}
	p := m.runner.program
	for i, c := range p.Consts { // texts among them were cleared
		if c.Kind == String {
			fill(&m.v[m.runner.register[len(p.Params)+i]], c)
		}
	}
	m.live = nil
	m.runner.machines.Put(m)
}

// Ints sets parameter i to values that are only read: at least as many as the rows of Run, of an integer kind.
func (m *Machine) Ints(i int, values []int64) { m.v[i].Ints = values }

// Floats sets parameter i, of a float kind, to values that are only read.
func (m *Machine) Floats(i int, values []float64) { m.v[i].Floats = values }

// IntBuffer is room for Chunk values of parameter i, to be filled.
func (m *Machine) IntBuffer(i int) []int64 {
	m.v[i].Ints = m.own[i].Ints
	return m.v[i].Ints
}

// FloatBuffer is room for Chunk values of parameter i, to be filled.
func (m *Machine) FloatBuffer(i int) []float64 {
	m.v[i].Floats = m.own[i].Floats
	return m.v[i].Floats
}

// BoolBuffer is room for Chunk values of parameter i, to be filled with 0 and 1.
func (m *Machine) BoolBuffer(i int) []uint8 { return m.v[i].Bools }

// TextBuffer is room for Chunk values of parameter i, to be filled.
func (m *Machine) TextBuffer(i int) []string { return m.v[i].Texts }

// NullBuffer is room for Chunk values that say of parameter i, which is nullable, where it is null: 1, else 0.
func (m *Machine) NullBuffer(i int) []uint8 { return m.v[m.runner.nulls[i]].Bools }

// Run computes rows rows. Where live is not nil, rows whose byte is 0 can't fail, and their results mean nothing.
func (m *Machine) Run(rows int, live []uint8) *Failure {
	m.rows, m.live, m.failed = rows, live, Chunk
	for _, s := range m.runner.steps {
		s(m)
	}
	if m.failed == Chunk {
		return nil
	}
	return &Failure{Row: m.failed, Reason: m.runner.program.Code[m.at].reason()}
}

// reason is what Go's run time says of the failure.
func (in Instr) reason() string {
	switch in.Op {
	case Div, Rem:
		return "runtime error: integer divide by zero"
	case Shl, Shr:
		return "runtime error: negative shift amount"
	case Index:
		return "runtime error: index out of range"
	case Slice:
		return "runtime error: slice bounds out of range"
	case Deref:
		return "runtime error: invalid memory address or nil pointer dereference"
	}
	return in.Note
}

// Result is the values that Run computed, good until the next Run.
func (m *Machine) Result() *Vector { return &m.v[m.runner.register[m.runner.program.Result]] }

// ResultNull says where the result is null: 1, else 0; nil where it never is.
func (m *Machine) ResultNull() []uint8 {
	if m.runner.program.Null == None {
		return nil
	}
	return m.v[m.runner.register[m.runner.program.Null]].Bools[:m.rows]
}

// failWhere notes the first row, among those that can fail, for which bad holds.
func (m *Machine) failWhere(instr, guard int, bad func(i int) bool) {
	var guarded []uint8
	if guard != None {
		guarded = m.v[guard].Bools
	}
	for i := range min(m.rows, m.failed) {
		if (m.live == nil || m.live[i] != 0) && (guarded == nil || guarded[i] != 0) && bad(i) {
			m.failed, m.at = i, instr
			return
		}
	}
}

// Views of a vector, as long as the machine has rows.

func (m *Machine) bools(r int) []uint8    { return m.v[r].Bools[:m.rows] }
func (m *Machine) ints(r int) []int64     { return m.v[r].Ints[:m.rows] }
func (m *Machine) floats(r int) []float64 { return m.v[r].Floats[:m.rows] }
func (m *Machine) texts(r int) []string   { return m.v[r].Texts[:m.rows] }

func (m *Machine) uints(r int) []uint64 {
	v := m.v[r].Ints[:m.rows]
	return unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(v))), len(v))
}
