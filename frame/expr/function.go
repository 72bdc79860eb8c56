package expr

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"

	"github.com/apache/arrow/go/v17/arrow"

	"github.com/rivulet-go/rivulet/frame/expr/program"
)

// FunctionVersion is that of Function's fields: one of another version is not decoded.
const FunctionVersion = 1

// Function is a user's function as plain data: its source, the declarations that it reaches, and the values that it
// captured, so that the plan that holds it can run in another process. It is immutable. Functions of one call share
// their source and captures, and differ in Entry.
type Function struct {
	Version int
	// Name is how it is shown: the declared name, or func.
	Name string
	// Source is Go declarations. That of Entry is the function.
	Source   string
	Entry    string
	Imports  []Import
	Captures []Capture

	Params []Param
	Result Result

	// Rows, where it is not "", is a function of Source that calls this one for many rows at once: it takes a slice for each
	// parameter, one for the results and, where Result.OK, one of bools, and gives the first error where Result.Err. In an
	// interpreter that saves most of the cost of a call.
	Rows string

	// Folds, where it is not "", is a function of Source that calls this one, the step of a Fold, for many rows one after the
	// other: it takes the state and a slice for each other parameter, and gives the state, and the first error where Result.Err.
	Folds string

	// Program is the function as vector operations; nil where it has to be called, for the reason that Reason gives.
	Program *program.Program
	Reason  string

	live *liveFunction

	digest sync.Mutex
	hashes [2]string // of the file and of the function, once they were asked for
}

type (
	// Import is a package that the source uses, under the name that it uses.
	Import struct{ Name, Path string }

	// Capture is a variable of the source that had its value when the plan was made. Type and Value are Go source.
	Capture struct{ Name, Type, Value string }

	// Param is a parameter: its name, its type as Go source, and the kind of value that a row gives it.
	Param struct {
		Name, Type string
		Kind       program.Kind
		Null       NullForm
	}

	// Result is what a function returns.
	Result struct {
		Type string
		Kind program.Kind
		Null NullForm
		OK   bool // a bool follows that says whether there is a value
		Err  bool // an error comes last
	}
)

// NullForm is how a parameter or result stands for null.
type NullForm uint8

// The forms. A null argument for a parameter without one gives a null result, and the function is not called.
const (
	NoNull     NullForm = iota
	NilPointer          // a pointer, nil for null
	ValidField          // a struct of a value and a field Valid, as those of database/sql
)

// hashDigits are enough of a hash to tell the functions of a plan apart.
const hashDigits = 6

// File is the whole of the function's Go file, which is the same for functions of one call.
func (f *Function) File() string {
	var b strings.Builder
	b.WriteString("package udf\n")
	for _, i := range f.Imports {
		fmt.Fprintf(&b, "\nimport %s %q", i.Name, i.Path)
	}
	b.WriteByte('\n')
	for _, c := range f.Captures {
		fmt.Fprintf(&b, "\nvar %s %s = %s\n", c.Name, c.Type, c.Value)
	}
	b.WriteByte('\n')
	b.WriteString(f.Source)
	return b.String()
}

// unit is the hash of what is compiled at once.
func (f *Function) unit() string {
	f.digest.Lock()
	defer f.digest.Unlock()
	if f.hashes[0] == "" {
		f.hashes[0] = hashOf(f.File())
	}
	return f.hashes[0]
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Hash names the function: functions of one hash give the same results.
func (f *Function) Hash() string {
	if f.live != nil && f.Source == "" {
		return f.live.id
	}
	unit := f.unit()
	f.digest.Lock()
	defer f.digest.Unlock()
	if f.hashes[1] == "" {
		f.hashes[1] = hashOf(unit + " " + f.Entry)
	}
	return f.hashes[1]
}

// Label is the name with the first digits of the hash, as it stands in plans.
func (f *Function) Label() string { return f.Name + "#" + f.Hash()[:hashDigits] }

// Signature is the function's type as Go source.
func (f *Function) Signature() string {
	params := make([]string, len(f.Params))
	for i, p := range f.Params {
		params[i] = strings.TrimSpace(p.Name + " " + p.Type)
	}
	results := []string{f.Result.Type}
	if f.Result.OK {
		results = append(results, "bool")
	}
	if f.Result.Err {
		results = append(results, "error")
	}
	text := strings.Join(results, ", ")
	if len(results) > 1 {
		text = "(" + text + ")"
	}
	return strings.TrimSpace("func(" + strings.Join(params, ", ") + ") " + text)
}

// How says in which way the function runs, and with what or why.
func (f *Function) How() string {
	switch {
	case f.Program != nil:
		return "vectorised: " + f.Program.String()
	case f.Source == "":
		return "called: it is compiled Go"
	case f.Reason != "":
		return "interpreted: " + f.Reason
	}
	return "interpreted"
}

// columnTypes are the types of the columns that hold kinds of values.
var columnTypes = map[program.Kind]arrow.DataType{
	program.Bool: arrow.FixedWidthTypes.Boolean, program.String: arrow.BinaryTypes.String, program.Bytes: arrow.BinaryTypes.Binary,
	program.Time:     &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"},
	program.Duration: arrow.FixedWidthTypes.Duration_ns,
}

// ColumnType is the type of a column of Go values of a kind; false where there is none.
func ColumnType(k program.Kind) (arrow.DataType, bool) {
	switch {
	case k.Signed():
		return arrow.PrimitiveTypes.Int64, true
	case k.Unsigned():
		return arrow.PrimitiveTypes.Uint64, true
	case k.Float():
		return arrow.PrimitiveTypes.Float64, true
	}
	dt, ok := columnTypes[k]
	return dt, ok
}

// Apply calls a user's function on each row.
type Apply struct {
	Func *Function
	Args []Expr
}

func (Apply) expr() {}

// Children are the arguments.
func (e Apply) Children() []Expr { return append([]Expr(nil), e.Args...) }

// String names the function with a part of its hash. Parse does not take it back.
func (e Apply) String() string { return e.Func.Label() + "(" + list(e.Args) + ")" }

// Functions are the functions that the expressions call, each once, in order.
func Functions(es ...Expr) []*Function {
	var out []*Function
	seen := map[string]bool{}
	for _, e := range es {
		Walk(e, func(e Expr) bool {
			for _, f := range functionsOf(e) {
				if h := f.Hash(); !seen[h] {
					seen[h] = true
					out = append(out, f)
				}
			}
			return true
		})
	}
	return out
}

func functionsOf(e Expr) []*Function {
	switch e := e.(type) {
	case Apply:
		return []*Function{e.Func}
	case Fold:
		return e.functions()
	}
	return nil
}
