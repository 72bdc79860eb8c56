// Package udf turns functions of cells into functions of plans: frame/expr.Function, plain data that runs in any process.
//
//	check time:  call of df.Map(…, f, …) ─► Extract ─► Static: the source of f and of all that it reaches, its captures,
//	                                                   and, where its body allows, a program of vector operations
//	run time:    Static + values of the captures ─► Function ─► plan
//	any process: Function.File ─► the front end (expr.Compiler) ─► a function to call
//
// It knows go/ast and go/types, not the interpreter.
//
// Invariants:
//  1. Objects are told apart by identity, never by name: redefined names, names of several cells and shadowed names become
//     different declarations of the file, renamed where they clash.
//  2. What a function captures is copied when the plan is made. What can't be copied, and what the function would change,
//     is an error that names the variable and says what to write instead.
//  3. A program is made only where it gives what the interpreted function gives, bit for bit.
//
// Read scope.go and extract.go first, then static.go, capture.go, and translate.go.
package udf
