package lowertest

import "go/types"

// The ways to write an expression ¤ of type T, or a statement ¤; § is a new name.

// anyWays are for all types.
var anyWays = []string{
	"(¤)",
	"func() T { return ¤ }()",
	"([]T{¤}[0])",
	"([...]T{3: ¤}[3])",
	"(*func() *T { § := ¤; return &§ }())",
	"(map[string]T{`k`: ¤}[`k`])",
	"(struct{ f T }{¤}.f)",
	"((&struct{ f, g T }{g: ¤}).g)",
	"func(§ T, _ ...int) T { return § }(¤, 1, 2)",
	"func(§ ...T) T { return §[len(§)-1] }(¤)",
	"(<-func() chan T { § := make(chan T, 1); § <- ¤; return § }())",
	"func() (§ T) { defer func() { _ = § }(); return ¤ }()",
	"func() (§ T) { func() { § = ¤ }(); return }()",
	"func() (§ T) { for _, § = range []T{¤} { break }; return § }()",
	"func() (§ T) { for x := range func(yield func(T) bool) { yield(¤) } { return x }; return }()",
	"func() T { switch { default: return ¤ } }()",
	"func() T { for { return ¤ } }()",
	"func() (§ T) { §, _ = ¤, 1; return }()",
	"func() (§ T) { p := &§; *p = ¤; return *p }()",
	"func() T { var § any = rewritten[T]{¤}; return §.(rewrittenGetter[T]).get() }()",
	"(T)(¤)",
	"rewrittenSame(¤)",
	"rewrittenSame[T](¤)",
	"rewritten[T]{¤}.get()",
	"(*(&rewritten[T]{¤}).at())",
	"rewrittenGetter[T](rewritten[T]{¤}).get()",
	"rewrittenGetter[T](&rewritten[T]{¤}).get()",
	"rewritten[T].get(rewritten[T]{¤})",
	"(struct{ rewritten[T] }{rewritten[T]{¤}}.get())",
	"(struct{ *rewritten[T] }{&rewritten[T]{¤}}.value)",
	"func() T { § := rewritten[T]{¤}.get; return §() }()",
}

// concreteWays are for all types but interfaces.
var concreteWays = []string{
	"any(¤).(T)",
	"func() T { §, ok := any(¤).(T); if !ok { panic(1) }; return § }()",
	"func() (§ T) { switch x := any(¤).(type) { case nil: case T: § = x }; return }()",
	"func() (§ T) { switch x := any(¤).(type) { case interface{ never() }: case T, error: § = x.(T) }; return }()",
}

// basicWays are for a basic type.
func basicWays(t *types.Basic) []string {
	switch info := t.Info(); {
	case info&types.IsBoolean != 0:
		return []string{"(!!(¤))", "((¤) == true)", "((¤) && true)", "(false || (¤))"}
	case info&types.IsString != 0:
		return []string{"((¤) + ``)", "(¤)[:]", "T([]byte(¤))", "max(¤, ``)"}
	case info&types.IsInteger != 0:
		return []string{"((¤) + 0)", "(^^(¤))", "((¤) | 0)", "((¤) << 0)", "(-(-(¤)))", "((¤) &^ 0)", "min(¤, ¤)"}
	case info&types.IsNumeric != 0:
		return []string{"((¤) * 1)", "(-(-(¤)))", "(+(¤))"}
	}
	return nil
}

// plainWays are for all statements.
var plainWays = []string{
	"{ ¤ }",
	"if § := 0; § == 1 { panic(1) } else { ¤ }",
}

// blockWays are for statements that don't jump.
var blockWays = []string{
	"if true { ¤ }",
	"if § := 1; § > 0 { ¤ }",
	"if false { } else { ¤ }",
	"switch { default: ¤ }",
	"switch § := 3; § { case 1, 2: case 3: ¤ }",
	"switch § := any(1).(type) { case int: _ = §; ¤ }",
	"select { default: ¤ }",
	"for range 1 { ¤ }",
	"for § := range 1 { _ = §; ¤ }",
	"for § := 0; § < 1; §++ { ¤ }",
	"for _, § := range []int{1} { _ = §; ¤ }",
	"for § := range map[string]int{`a`: 1} { _ = §; ¤ }",
	"for range rewrittenOnce { ¤ }",
	"for range rewrittenOnce { for range rewrittenOnce { ¤ } }",
	"§ := 1; _ = func() int { return § }; ¤",
	"var § struct{ a [2]int }; §.a[1]++; ¤",
	"defer func() {}(); ¤",
}

// lastWays are for those that don't jump, and may have to end a function.
var lastWays = []string{
	"switch { default: ¤ }",
	"switch any(1).(type) { case string: panic(1); default: ¤ }",
	"select { default: ¤ }",
	"for range 0 {}; ¤",
}

// callWays are for statements that go nowhere else.
var callWays = []string{
	"func() { ¤ }()",
	"func() { defer func() { ¤ }() }()",
	"func(§ func()) { §() }(func() { ¤ })",
	"§ := rewritten[func()]{func() { ¤ }}; §.value()",
}
