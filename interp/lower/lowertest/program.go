package lowertest

import (
	"fmt"
	"go/format"
	"math/rand/v2"
	"strings"
)

// feature is a part of the language that a program may do without: programs that use less of it use that in more ways.
type feature uint

const (
	closures feature = 1 << iota
	channels
	interfaces
	anonymous
	floats
	methods
	generics
	defers
	pointers
	labels
	rangeFuncs
	globals
	allFeatures feature = 1<<iota - 1
)

// budget bounds the statements that a function may run.
const budget = 1500

// generator writes one program.
type generator struct {
	r        *rand.Rand
	features feature
	number   int // of the last name
	defined  []*typ
	ifaces   []*typ
	funcs    []*fn
	generic  []*genericFunc
	head     strings.Builder // declarations
	out      *strings.Builder
	scope    *scope
	fn       *context
	plain    bool // expressions use no variables
	nesting  int  // of statements
}

// fn is a declared function.
type fn struct {
	name    string
	params  []*typ
	results []*typ
	pure    bool
	cost    int
	depth   bool   // the first parameter bounds the recursion
	bound   string // its name
}

// context is the function or function literal that is being written.
type context struct {
	outer   *context
	pure    bool
	results []*typ
	named   []string // names of the results
	literal bool
	cost    int // of what has been written
	limit   int // of cost
	times   int // how often the statement that is being written runs
	loops   []*loop
	deferOK bool
	self    *fn // for recursion
	yields  int // bodies of ranges over functions around
}

type loop struct {
	label string
	used  bool
	loop  bool // and not a switch or a select
}

// Program is a program that depends on nothing but seed.
func Program(seed uint64) string {
	g := &generator{r: rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15)), out: &strings.Builder{}}
	g.features = allFeatures
	for f := feature(1); f < allFeatures; f <<= 1 {
		if g.n(4) == 0 {
			g.features &^= f
		}
	}
	g.scope = &scope{}
	for range 2 + g.n(5) {
		g.defineType()
	}
	if g.has(interfaces) && g.has(methods) {
		for range 1 + g.n(2) {
			g.defineInterface()
		}
	}
	if g.has(generics) {
		for range 1 + g.n(3) {
			g.defineGeneric()
		}
	}
	if g.has(globals) {
		for range 1 + g.n(3) {
			g.defineGlobal()
		}
	}
	if g.has(methods) {
		for range 1 + g.n(4) {
			g.defineMethod()
		}
	}
	for range 1 + g.n(4) {
		g.defineFunc()
	}
	g.writeMain()
	source := prelude + g.head.String() + g.out.String()
	formatted, err := format.Source([]byte(source))
	if err != nil {
		return source
	}
	return string(formatted)
}

func (g *generator) n(n int) int { return g.r.IntN(n) }

func (g *generator) has(f feature) bool { return g.features&f != 0 }

func pick[T any](g *generator, list []T) T { return list[g.n(len(list))] }

// name is a new name; it never hides another by chance.
func (g *generator) name(base string) string {
	g.number++
	return fmt.Sprintf("%s%d", base, g.number)
}

func (g *generator) line(format string, args ...any) {
	fmt.Fprintf(g.out, format, args...)
	g.out.WriteByte('\n')
}

// capture gives what write writes.
func (g *generator) capture(write func()) string {
	saved := g.out
	g.out = &strings.Builder{}
	write()
	text := g.out.String()
	g.out = saved
	return text
}

func (g *generator) writeMain() {
	g.fn = &context{times: 1, limit: 4 * budget, deferOK: true}
	g.line("func main() {")
	g.inScope(func() {
		g.statements(6 + g.n(8))
		g.showAll()
	})
	g.line("fmt.Println(trace)\n}")
}
