package lowertest

// prelude is the head of all programs.
const prelude = `package main

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
)

var trace []string

var _ sync.Mutex

type number interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr
}

// k gives its first argument, which is then no constant.
func k[T any](x T, _ ...any) T { return x }

// lg traces that it is called.
func lg[T any](name string, x T) T {
	if len(trace) < 400 {
		trace = append(trace, name)
	}
	return x
}

func show(name string, values ...any) { fmt.Println(append([]any{name + ":"}, values...)...) }

// try runs what may panic.
func try(f func()) {
	defer func() {
		if r := recover(); r != nil {
			text, _, _ := strings.Cut(fmt.Sprint(r), " [")
			fmt.Println("panic:", text)
		}
	}()
	f()
}

// ix is an index of a list of n.
func ix[I number](i I, n int) int { return int(uint64(i) % uint64(n)) }

func choose[T any](first bool, a, b T) T {
	if first {
		return a
	}
	return b
}

func ptr[T any](x T) *T { return &x }

func set[T any](p *T, x T) { *p = x }

func small(x float64) int {
	if x > -1000 && x < 1000 {
		return int(x)
	}
	return 77
}

func channel[T any](values ...T) chan T {
	c := make(chan T, 3)
	for _, v := range values {
		c <- v
	}
	return c
}

func sent[T any](values ...T) chan T { return channel(values...) }

func closed[T any](c chan T) chan T { close(c); return c }

func bounds(i, j, n int) (int, int) {
	a, b := ix(i, n+1), ix(j, n+1)
	return min(a, b), max(a, b)
}

func part[S ~[]E, E any](s S, i, j int) S { a, b := bounds(i, j, len(s)); return s[a:b:b] }

func cut[S ~string](s S, i, j int) S { a, b := bounds(i, j, len(s)); return s[a:b] }

func char(s string, i int) byte {
	if len(s) == 0 {
		return 0
	}
	return s[ix(i, len(s))]
}

func short[S ~string](s S) S { return s[:min(len(s), 24)] }

func few[S ~[]E, E any](s S) S { return s[:min(len(s), 4)] }

func sorted[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

func count(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

func each[T any](s []T) iter.Seq2[int, T] {
	return func(yield func(int, T) bool) {
		defer lg("each", 0)
		for i := 0; i < len(s) && yield(i, s[i]); i++ {
		}
	}
}

func twice[T any](x T) func(func(T) bool) {
	return func(yield func(T) bool) { _ = yield(x) && yield(x) }
}

func first[T any](s []T, other T) T {
	for _, x := range s {
		return x
	}
	return other
}

func biggest[T cmp.Ordered](a, b T) T { return max(a, b) }

func total[T cmp.Ordered](a, b T) T {
	if a < b {
		a, b = b, a
	}
	sum := a
	sum += b
	return sum
}

func sumOf[T number | ~float32 | ~float64](values ...T) (sum T) {
	for _, v := range values {
		sum += v * 2
	}
	return
}

type Pair[A, B any] struct {
	First  A
	Second B
}

func (p Pair[A, B]) swap() Pair[B, A] { return Pair[B, A]{p.Second, p.First} }

func pair[T any](a, b T) T { return Pair[T, []T]{a, []T{b}}.swap().First[0] }

type Stack[T any] struct{ items []T }

func (s *Stack[T]) push(x T) *Stack[T] { s.items = append(s.items, x); return s }

func (s *Stack[T]) pop() (x T, ok bool) {
	if n := len(s.items); n > 0 {
		x, ok = s.items[n-1], true
		s.items = s.items[:n-1]
	}
	return
}

func stacked[T any](a, b T) T {
	var s Stack[T]
	x, _ := s.push(a).push(b).pop()
	_, _ = s.pop()
	if _, ok := s.pop(); ok {
		panic("stack")
	}
	return x
}

type Table[V any] map[string]V

func (t Table[V]) get(key string, other V) V {
	if v, ok := t[key]; ok {
		return v
	}
	return other
}

func looked[T any](key string, x T) T { return Table[T]{key: x}.get(key, x) }

type List[T any] struct {
	value T
	next  *List[T]
}

func (l *List[T]) all() iter.Seq[T] {
	return func(yield func(T) bool) {
		for ; l != nil; l = l.next {
			if !yield(l.value) {
				return
			}
		}
	}
}

func viaList[T any](a, b T) T {
	l := &List[T]{a, &List[T]{value: b}}
	for x := range l.all() {
		defer lg("list", 0)
		b = x
	}
	return b
}

func applied[T any](x T, f func(T) T) T { g := func(y T) T { return f(y) }; return g(x) }

func viaAny[T any](x T) T {
	switch v := any(x).(type) {
	case T:
		return v
	}
	panic("any")
}

`
