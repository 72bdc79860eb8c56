package complete

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/rivulet-go/rivulet/frame"
	"github.com/rivulet-go/rivulet/interp/check"
)

// Checker finds the types in cells; *check.Session is one.
type Checker interface {
	CheckPartial(text string, cursor int) *check.Partial
	Import(path string) (*types.Package, error)
	Source(pkg *types.Package) *check.Source
	DeclarationAt(pos token.Pos) *check.Declaration
}

// Library is what there is to import, with its documentation; Standard is one.
type Library interface {
	Paths() []string
	Name(path string) string
	// Doc is the comment of a symbol, as packages.Doc gives it.
	Doc(path, symbol string) string
}

// Values looks at the variables of earlier cells, without running anything.
type Values interface {
	// Value is what a variable holds; false while that may change, or where it holds nothing yet.
	Value(v *types.Var) (reflect.Value, bool)
	// Changing says why values are not looked at now, "" where they are.
	Changing() string
	// Frame is the frame that a variable held when that could last be said, nil where it held none.
	Frame(v *types.Var) *frame.Frame
	// Text describes a value of a static type in a few words.
	Text(v reflect.Value, t types.Type) string
}

// Options are what a Completer asks.
type Options struct {
	Checker Checker
	Library Library
	Values  Values // nil: there are none
	// Label names a cell, Source is its text.
	Label  func(cell int) string
	Source func(cell int) string
	// Wait is how long an answer waits for files and directories; 0: 10 ms. What has been found later is there for the next.
	Wait time.Duration
}

// defaultWait leaves an answer time enough.
const defaultWait = 10 * time.Millisecond

// Completer completes and describes names.
type Completer struct {
	o     Options
	files files
}

// New makes a Completer.
func New(o Options) *Completer {
	if o.Wait == 0 {
		o.Wait = defaultWait
	}
	return &Completer{o: o}
}

// Kind says what an Item is, in the words of Jupyter's front ends as far as they have some.
type Kind string

// The kinds of items.
const (
	Function Kind = "function"
	Method   Kind = "method"
	Field    Kind = "field"
	Variable Kind = "instance"
	Constant Kind = "constant"
	Type     Kind = "class"
	Module   Kind = "module"
	Keyword  Kind = "keyword"
	Label    Kind = "label"
	Key      Kind = "key"
	Column   Kind = "column"
	Path     Kind = "path"
)

// Item is something that can stand at the cursor.
type Item struct {
	Text   string // goes where Start to End is now
	Kind   Kind
	Detail string // a signature, type, value or import path
}

// Result is what can stand at the cursor, the likeliest first. Start and End are bytes of the text.
type Result struct {
	Items      []Item
	Start, End int
}

// class orders what fits equally well.
type class int

const (
	near class = iota // locals, fields, methods
	global
	imported
	builtin
	word
	importable
)

// candidate is an Item with what orders it.
type candidate struct {
	Item
	obj   types.Object // nil: none
	class class
	rank  int // 0: it fits what is wanted here
}

// query is one question about a cell.
type query struct {
	*Completer
	*place
	p     *check.Partial
	found []candidate
}

// Complete finds what can stand at the cursor, a byte offset.
func (c *Completer) Complete(text string, cursor int) Result {
	q := &query{Completer: c, place: newPlace(text, cursor)}
	defer q.close()
	none := Result{Start: q.cursor, End: q.cursor}
	if q.quiet {
		return none
	}
	if q.str != nil {
		return q.inString()
	}
	if r, _ := utf8.DecodeRuneInString(q.prefix()); unicode.IsDigit(r) {
		return none
	}
	end := q.end
	if q.start == q.cursor {
		end = q.cursor
	}
	q.p = c.o.Checker.CheckPartial(text, end)
	q.collect()
	return q.result(q.prefix(), q.start, end)
}

// close ends what the Checker has begun for the question.
func (q *query) close() {
	if q.p != nil {
		q.p.Close()
	}
}

// result gives the candidates that begin with a prefix, in any case where none does in its own.
func (q *query) result(prefix string, start, end int) Result {
	r := Result{Start: start, End: end}
	matching := q.matching(func(s string) bool { return strings.HasPrefix(s, prefix) })
	if len(matching) == 0 && prefix != "" {
		matching = q.matching(func(s string) bool { return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) })
	}
	slices.SortStableFunc(matching, func(x, y candidate) int {
		return cmp.Or(cmp.Compare(x.rank, y.rank), cmp.Compare(x.class, y.class), cmp.Compare(x.Text, y.Text))
	})
	seen := map[string]bool{}
	for _, m := range matching {
		if !seen[m.Text] {
			seen[m.Text] = true
			r.Items = append(r.Items, m.Item)
		}
	}
	if len(r.Items) == 0 {
		r.Start, r.End = q.cursor, q.cursor
	}
	return r
}

func (q *query) matching(fits func(string) bool) []candidate {
	var list []candidate
	for _, c := range q.found {
		if fits(c.Text) {
			list = append(list, c)
		}
	}
	return list
}

// up is a node around the cursor, 0 the innermost; nil where there is none.
func (q *query) up(i int) ast.Node {
	if i < 0 || i >= len(q.p.Path) {
		return nil
	}
	return q.p.Path[i]
}

// collect finds all that can stand at the cursor, whatever it begins with.
func (q *query) collect() {
	id, _ := q.up(0).(*ast.Ident)
	if s, ok := q.up(1).(*ast.SelectorExpr); ok && s.Sel == id {
		q.selected(s)
		q.order(s, 2)
		return
	}
	switch q.before[0] {
	case token.PERIOD:
		return
	case token.BREAK, token.CONTINUE, token.GOTO:
		if !q.ended {
			q.labels()
			return
		}
	}
	if id != nil && q.declares(id) {
		return
	}
	if q.fieldNames(id) {
		return
	}
	onlyTypes := id != nil && q.wantsType(id, 1)
	q.names(onlyTypes)
	q.keywords(onlyTypes)
	if id != nil && !onlyTypes {
		q.order(id, 1)
	}
}

// declares says whether an identifier is a new name.
func (q *query) declares(id *ast.Ident) bool {
	switch n := q.up(1).(type) {
	case *ast.ImportSpec:
		return true
	case *ast.FuncDecl:
		return n.Name == id
	case *ast.TypeSpec:
		return n.Name == id
	case *ast.ValueSpec:
		return slices.Contains(n.Names, id)
	case *ast.Field:
		return slices.Contains(n.Names, id)
	case *ast.LabeledStmt:
		return n.Label == id
	}
	return false
}
