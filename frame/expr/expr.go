package expr

import "github.com/apache/arrow/go/v17/arrow"

// Expr is an expression over the columns of a record batch. Expressions are immutable plain data; Bind gives them types.
type Expr interface {
	// String is the expression in Go-like syntax, as Explain and errors show it.
	String() string
	// Children are the operands, in order.
	Children() []Expr
	expr()
}

type (
	// Column is a column by name.
	Column struct{ Name string }

	// Literal is a constant: nil, bool, int64, uint64, float64, string, []byte, time.Time or time.Duration.
	Literal struct{ Value any }

	// Binary applies Op to two operands; numeric operands are widened to a common type.
	Binary struct {
		Op          BinaryOp
		Left, Right Expr
	}

	// Unary is Not or Negate.
	Unary struct {
		Op UnaryOp
		X  Expr
	}

	// Call is a scalar function; the table in functions.go lists them.
	Call struct {
		Func string
		Args []Expr
	}

	// Case is When(cond).Then(value)...Otherwise(value); a nil Else gives null.
	Case struct {
		Whens []When
		Else  Expr
	}

	// When is one arm of a Case.
	When struct{ Cond, Then Expr }

	// Alias names the column that X gives.
	Alias struct {
		X    Expr
		Name string
	}

	// Cast converts X to a type; a value that does not fit is an error that names it.
	Cast struct {
		X  Expr
		To arrow.DataType
	}

	// Aggregate is an aggregate of X over a group, allowed only where groups are. X is nil for Count() of rows. Args are
	// its further operands: the other column of Corr and Cov, the fraction of Quantile.
	Aggregate struct {
		Func AggFunc
		X    Expr
		Args []Expr
	}
)

// BinaryOp is an arithmetic, comparison or logical operator.
type BinaryOp uint8

// The binary operators.
const (
	Add BinaryOp = iota
	Subtract
	Multiply
	Divide // float division, as SQL engines for data frames do: 1/2 is 0.5
	Modulo
	Equal
	NotEqual
	Less
	LessEqual
	Greater
	GreaterEqual
	And // three-valued
	Or  // three-valued
)

// UnaryOp is Not or Negate.
type UnaryOp uint8

// The unary operators.
const (
	Not UnaryOp = iota
	Negate
)

// AggFunc names an aggregate.
type AggFunc string

// The aggregates.
const (
	Sum           AggFunc = "sum"
	Mean          AggFunc = "mean"
	Min           AggFunc = "min"
	Max           AggFunc = "max"
	Count         AggFunc = "count" // of non-null values; of rows where there is no operand
	CountDistinct AggFunc = "count_distinct"
	Std           AggFunc = "std"     // of a sample: n-1
	StdPop        AggFunc = "std_pop" // of a population: n
	Var           AggFunc = "var"
	VarPop        AggFunc = "var_pop"
	Median        AggFunc = "median"
	Quantile      AggFunc = "quantile" // of a fraction, interpolated between the two values beside it
	Corr          AggFunc = "corr"     // Pearson's coefficient of two columns
	Cov           AggFunc = "cov"      // of a sample: n-1
	First         AggFunc = "first"
	Last          AggFunc = "last"
	Any           AggFunc = "any" // some value is true
	All           AggFunc = "all" // no value is false
)
