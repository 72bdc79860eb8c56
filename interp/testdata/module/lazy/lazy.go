// Package lazy has variables whose initialisation can wait, and some where it can't.
package lazy

import (
	"fmt"
	"maps"
	"slices"
)

var base = 1

// Bump changes what derived was made of.
func Bump() int { base++; return base }

var derived = base * 10

// Derived is 10, however often Bump was called.
func Derived() int { return derived }

var registry = map[string]int{}

func register(name string) int {
	registry[name] = len(registry) + 1
	return registry[name]
}

var (
	second = register("second")
	_      = register("blank")
)

func init() { register("init") }

// Second is the number of an entry.
func Second() int { return second }

// Registry is all entries.
func Registry() []string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(registry)) {
		list = append(list, fmt.Sprint(name, registry[name]))
	}
	return list
}

type thing struct{ n int }

var (
	object = &thing{1}
	alias  = object
)

func init() { object.n = 5 }

// Alias is what init has set by another name.
func Alias() int { return alias.n }

var loaded = say("loaded")

func say(text string) string {
	fmt.Println(text)
	return text
}

var (
	handlers = map[string]func(int) int{"double": double, "bump": func(int) int { return Bump() }}
	tables   = [][]int{nil, {derived, 2}}
)

func double(x int) int { return 2 * x }

// Handle calls a function of a table.
func Handle(name string, x int) int { return handlers[name](x) }

// Table is a row of a table.
func Table(i int) []int { return tables[i] }

// Stack has methods that only lowered code calls, and one that fmt does.
type Stack struct{ items []int }

// Push adds.
func (s *Stack) Push(x int) { s.items = append(s.items, x) }

// Sum adds up.
func (s *Stack) Sum() (n int) {
	for _, x := range s.items {
		n += x
	}
	return n
}

func (s *Stack) String() string { return fmt.Sprintf("stack of %d", len(s.items)) }

// Summer is an interface.
type Summer interface{ Sum() int }

// Any is a stack without its type.
func Any() any {
	s := &Stack{}
	s.Push(3)
	s.Push(4)
	return s
}
